use std::time::Duration;

async fn cook() -> &'static str {
    smol::Timer::after(Duration::from_millis(10)).await;
    "Pasta"
}

async fn serve() -> String {
    let dish = cook().await;
    format!("here is your {dish}")
}

fn main() {
    let served = smol::block_on(serve());
    assert_eq!(served, "here is your Pasta");
}

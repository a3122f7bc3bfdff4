use std::time::Duration;

async fn cook() -> &'static str {
    smol::Timer::after(Duration::from_millis(10)).await;
    "Pasta"
}

fn main() {
    let dish = smol::block_on(cook());
    assert_eq!(dish, "Pasta");
}

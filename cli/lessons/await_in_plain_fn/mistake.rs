use std::time::Duration;

async fn cook() -> &'static str {
    smol::Timer::after(Duration::from_millis(10)).await;
    "Pasta"
}

fn serve() {
    let dish = cook().await;
    println!("here is your {dish}");
}

fn main() {
    serve();
}

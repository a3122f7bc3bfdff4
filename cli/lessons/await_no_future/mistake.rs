use std::thread;
use std::time::Duration;

async fn cook() -> &'static str {
    thread::sleep(Duration::from_millis(10)).await;
    "Pasta"
}

fn main() {
    let dish = smol::block_on(cook());
    println!("here is your {dish}");
}

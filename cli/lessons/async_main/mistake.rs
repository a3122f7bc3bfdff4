async fn cook() -> &'static str {
    "Pasta"
}

async fn main() {
    let dish = cook().await;
    println!("here is your {dish}");
}

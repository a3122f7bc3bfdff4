async fn cook() -> &'static str {
    "Pasta"
}

fn main() {
    smol::block_on(async {
        let dish = cook().await;
        assert_eq!(dish, "Pasta");
    });
}

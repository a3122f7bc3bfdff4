async fn serve() -> usize {
    let menu = String::from("Pasta, Caesar salad, Chops");
    let cook = smol::spawn(async move { menu.split(", ").count() });
    cook.await
}

fn main() {
    assert_eq!(smol::block_on(serve()), 3);
}

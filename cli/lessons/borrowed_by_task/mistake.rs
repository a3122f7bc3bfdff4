async fn serve() -> usize {
    let menu = String::from("Pasta, Caesar salad, Chops");
    let cook = smol::spawn(async { menu.split(", ").count() });
    cook.await
}

fn main() {
    println!("{} dishes", smol::block_on(serve()));
}

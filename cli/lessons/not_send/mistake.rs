use std::rc::Rc;

async fn serve() -> usize {
    let orders = Rc::new(vec!["Pasta", "Caesar salad", "Chops"]);
    let cook = smol::spawn({
        let orders = orders.clone();
        async move { orders.len() }
    });
    cook.await
}

fn main() {
    println!("{} dishes", smol::block_on(serve()));
}

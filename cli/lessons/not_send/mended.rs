use std::sync::Arc;

async fn serve() -> usize {
    let orders = Arc::new(vec!["Pasta", "Caesar salad", "Chops"]);
    let cook = smol::spawn({
        let orders = orders.clone();
        async move { orders.len() }
    });
    cook.await
}

fn main() {
    assert_eq!(smol::block_on(serve()), 3);
}

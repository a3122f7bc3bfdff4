use smol::channel::{Receiver, Sender, bounded};

async fn cook(orders: Receiver<&'static str>, table: Sender<&'static str>) {
    if let Ok(dish) = orders.recv().await {
        let _ = table.send(dish).await;
    }
}

#[deny(unused_must_use)]
fn main() {
    let (waiter, orders) = bounded(1);
    let (table, dishes) = bounded(1);
    let dish = smol::block_on(async {
        let _ = smol::spawn(cook(orders, table));
        let _ = waiter.send("Pasta").await;
        dishes.recv().await
    });
    assert!(dish.is_err(), "it compiles, and the cook is cancelled");
}

use std::cell::Cell;

async fn cook(cooked: &Cell<usize>) {
    cooked.set(cooked.get() + 1);
}

#[deny(unused_must_use)]
async fn serve(cooked: &Cell<usize>) {
    cook(cooked).await;
}

fn main() {
    let cooked = Cell::new(0);
    smol::block_on(serve(&cooked));
    assert_eq!(cooked.get(), 1);
}

use std::cell::Cell;

async fn cook(cooked: &Cell<usize>) {
    cooked.set(cooked.get() + 1);
}

#[deny(unused_must_use)]
async fn serve(cooked: &Cell<usize>) {
    let _ = cook(cooked);
}

fn main() {
    let cooked = Cell::new(0);
    smol::block_on(serve(&cooked));
    assert_eq!(cooked.get(), 0, "it compiles, and nothing is cooked");
}

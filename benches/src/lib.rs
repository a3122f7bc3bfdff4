#![doc = include_str!("../README.md")]

mod side;
pub use side::{Operation, Side, measure};

mod pollmark;
pub use pollmark::Pollmark;

mod program;
pub use program::{Live, Program};

pub mod native;

pub mod probe;

// The parts of the operations that are the same on every side.
mod work;

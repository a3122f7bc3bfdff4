#![doc = include_str!("../README.md")]

mod side;
pub use side::{Operation, Side, measure};

mod pollmark;
pub use pollmark::Pollmark;

mod program;
pub use program::{Live, Program};

pub mod native;

pub mod allocations;
pub mod probe;

// What every side does with what it has spawned or created.
mod work;

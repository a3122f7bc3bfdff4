//! The `pollmark` command.

use std::process::ExitCode;

use pollmark_core::support::allocations::Counting;

/// Counts the allocations of a cell, in the run that is made for that.
#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    pollmark::main()
}

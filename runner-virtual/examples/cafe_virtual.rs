//! The concurrent café on the virtual clock, in no time and to the nanosecond: `cargo run -p
//! pollmark-runner-virtual --example cafe_virtual`.

use pollmark_core::scenarios::Cafe;
use pollmark_core::{BuildError, Options, perform};
use pollmark_runner_virtual::Virtual;

fn main() -> Result<(), BuildError> {
    let report = perform::<Virtual, _>(Cafe::Concurrent, &Options::default())?;
    println!("{report}");
    Ok(())
}

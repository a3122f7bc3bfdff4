//! The concurrent café on async-std: `cargo run -p pollmark-runner-async-std --example
//! cafe_async_std`.

use pollmark_core::scenarios::Cafe;
use pollmark_core::{BuildError, Options, perform};
use pollmark_runner_async_std::AsyncStd;

fn main() -> Result<(), BuildError> {
    let report = perform::<AsyncStd, _>(Cafe::Concurrent, &Options::default())?;
    println!("{report}");
    Ok(())
}

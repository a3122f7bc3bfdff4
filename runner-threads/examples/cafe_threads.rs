//! The concurrent café on plain OS threads: `cargo run -p pollmark-runner-threads --example
//! cafe_threads`.

use pollmark_core::scenarios::Cafe;
use pollmark_core::{BuildError, Options, perform};
use pollmark_runner_threads::Threads;

fn main() -> Result<(), BuildError> {
    let report = perform::<Threads, _>(Cafe::Concurrent, &Options::default())?;
    println!("{report}");
    Ok(())
}

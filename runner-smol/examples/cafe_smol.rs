//! The concurrent café on smol: `cargo run -p pollmark-runner-smol --example cafe_smol`.

use pollmark_core::scenarios::Cafe;
use pollmark_core::{BuildError, Options, perform};
use pollmark_runner_smol::Smol;

fn main() -> Result<(), BuildError> {
    let report = perform::<Smol, _>(Cafe::Concurrent, &Options::default())?;
    println!("{report}");
    Ok(())
}

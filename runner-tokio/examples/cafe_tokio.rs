//! The concurrent café on both of tokio's schedulers:
//! `cargo run -p pollmark-runner-tokio --example cafe_tokio`.

use pollmark_core::scenarios::Cafe;
use pollmark_core::{BuildError, Options, Runner, perform};
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};

fn main() -> Result<(), BuildError> {
    cafe::<Tokio>()?;
    cafe::<TokioCurrentThread>()
}

fn cafe<Q: Runner>() -> Result<(), BuildError> {
    let report = perform::<Q, _>(Cafe::Concurrent, &Options::default())?;
    println!("{}\n{report}\n", Q::INFO.id);
    Ok(())
}

//! Does one operation many times and prints its allocations.
//!
//! The gate runs it under valgrind. By hand it is for looking closer, with
//! `perf stat`, callgrind or a debugger:
//!
//! ```text
//! cargo run --profile bench -p pollmark-benches --bin overhead-probe -- yield smol native 1000000
//! ```

use clap::Parser;
use pollmark_benches::probe::Probe;
use pollmark_core::support::allocations::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Do one operation many times and print its allocations.
#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    probe: Probe,
}

fn main() -> anyhow::Result<()> {
    println!("{}", Cli::parse().probe.run()?);
    Ok(())
}

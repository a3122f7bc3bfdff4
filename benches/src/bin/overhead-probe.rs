//! Does one operation many times and prints what it allocated.
//!
//! The gate does the same under valgrind. This one is for looking closer, with
//! `perf stat`, `callgrind_annotate` or a debugger:
//!
//! ```text
//! cargo run --release -p pollmark-benches --bin overhead-probe -- yield smol pollmark 1000000
//! ```

use clap::Parser;
use pollmark_benches::allocations::Counting;
use pollmark_benches::probe::Probe;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Do one operation many times and print what it allocated.
#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    probe: Probe,
}

fn main() -> anyhow::Result<()> {
    println!("{}", Cli::parse().probe.run()?);
    Ok(())
}

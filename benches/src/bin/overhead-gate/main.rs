//! Fails if pollmark's trait costs more than it may: counts the instructions and
//! allocations of an operation natively and through the trait.
//!
//! Exit code 0: the gate holds; 1: it is broken; 2: it could not be measured.

mod comparison;
mod valgrind;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pollmark_benches::allocations::Counting;
use pollmark_benches::probe::Probe;

use crate::comparison::{Comparison, MAX_RATIO};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Check that pollmark's trait adds no allocation and at most 2 % of instructions
/// to a runtime's native calls.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do one operation many times: what this command runs under valgrind.
    ///
    /// It is its own probe because `cargo run` builds no other binary.
    #[command(hide = true)]
    Probe(Probe),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Some(Command::Probe(probe)) => probe.run().map(|allocated| {
            println!("{allocated}");
            ExitCode::SUCCESS
        }),
        None => gate(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}

fn gate() -> anyhow::Result<ExitCode> {
    if cfg!(debug_assertions) {
        anyhow::bail!("an unoptimised build says nothing about the trait's cost: add --release");
    }
    valgrind::check()?;
    let comparisons = comparison::measure_all()?;
    println!("{}", Comparison::HEADER);
    for comparison in &comparisons {
        println!("{comparison}");
    }
    let broken: Vec<_> = comparisons.iter().filter(|c| !c.holds()).collect();
    if broken.is_empty() {
        println!(
            "\nThe gate holds: at most {MAX_RATIO} times the instructions, equal allocations."
        );
        return Ok(ExitCode::SUCCESS);
    }
    for comparison in broken {
        println!("\nBroken, {}: {}", comparison.name(), comparison.verdict());
    }
    Ok(ExitCode::FAILURE)
}

//! Fails if pollmark's trait costs more than it may: counts the instructions and
//! allocations of an operation natively and through the trait.
//!
//! Exit code 0: the gate holds; 1: it is broken; 2: it could not be measured.

mod comparison;
mod counting;

use std::process::ExitCode;

use clap::Parser;

use crate::comparison::{Comparison, MAX_RATIO};

/// Check that pollmark's trait adds no allocation and at most 2 % of instructions
/// to a runtime's native calls.
#[derive(Debug, Parser)]
struct Cli {}

fn main() -> ExitCode {
    let Cli {} = Cli::parse();
    gate().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}

fn gate() -> anyhow::Result<ExitCode> {
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
    println!();
    for comparison in broken {
        println!("Broken, {}: {}", comparison.name(), comparison.verdict());
    }
    Ok(ExitCode::FAILURE)
}

//! Checks the rules that keep pollmark's layout: who imports whom, sizes, names and language;
//! and the dependencies, by `deny.toml`.
//!
//! `.ci/run` runs it on the repository. Each breach is printed with its place, the rule and the
//! reason; the exit code is 1 if there is one. [`rules`] and [`sizes`] hold the rules as tables.

mod breach;
mod circles;
mod krate;
mod language;
mod layers;
mod prose;
mod rules;
mod sizes;
mod source;
mod supply;
mod tree;

use std::path::Path;
use std::process::ExitCode;

use crate::breach::Breach;
use crate::tree::Tree;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = match Tree::load(&root) {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("cannot read {}: {error}", root.display());
            return ExitCode::FAILURE;
        }
    };
    let mut breaches = check(&tree);
    match supply::breaches(&root) {
        Ok(found) => breaches.extend(found),
        Err(error) => {
            eprintln!("cannot check the dependencies: {error}");
            return ExitCode::FAILURE;
        }
    }
    for breach in &breaches {
        eprintln!("{breach}");
    }
    println!("{}", language::Figure::of(&tree));
    println!("{} breaches of the rules", breaches.len());
    ExitCode::from(u8::from(!breaches.is_empty()))
}

/// Every breach in the tree, one rule after the other.
fn check(tree: &Tree) -> Vec<Breach> {
    let (crates, mut breaches) = krate::crates(tree);
    for krate in &crates {
        breaches.extend(layers::check(krate));
        breaches.extend(circles::check(krate));
    }
    breaches.extend(sizes::check(tree));
    breaches.extend(language::check(tree));
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_keeps_the_rules_passes() {
        let tree = Tree::of(
            "core/src/lib.rs: pub mod runtime; pub mod time;
            core/src/time.rs: pub fn nanos() {}
            core/src/runtime/mod.rs: mod cpu; pub use cpu::Cpu;
            core/src/runtime/cpu.rs: use crate::time::nanos; pub struct Cpu;",
        );
        assert!(check(&tree).is_empty(), "{:?}", check(&tree));
    }

    #[test]
    fn a_file_that_cannot_be_read_as_rust_is_a_breach() {
        let breaches = check(&Tree::of("core/src/lib.rs: fn ("));
        assert!(breaches[0].place.starts_with("core/src/lib.rs:1"));
    }
}

//! The suite that every runtime must pass: the contract of [`Runtime`](crate::Runtime) and
//! [`Runner`], one function per rule.
//!
//! A runner's crate instantiates it in a test file, once per flavour:
//!
//! ```ignore
//! pollmark_core::conformance!(pollmark_runner_smol::Smol);
//! ```
//!
//! This generates one `#[test]` for each rule, with the rule's name. The rules are in modules by
//! subject, each documented by the behaviour that it demands. A rule may rely on others: if several
//! fail, begin with those of [`rules::spawn`].
//!
//! Every rule runs in a process of its own, because some runtimes are configured once per process,
//! and because a rule that hangs must not hang the others. See [`hold`].
//!
//! Rules do not measure lateness: a figure that a busy machine could cause is never counted as a
//! fault. They use the runtime's own time throughout, so each of them means the same on a virtual
//! clock.

pub(crate) mod process;
pub(crate) mod rule;
pub mod rules;
pub(crate) mod signals;

pub use process::{hold, hold_with_variables};
pub use rule::Rule;

use crate::runtime::runner::Runner;

/// Fails if `Q` declares an exception to a rule that does not exist: the rule was renamed, or the
/// exception never excused anything.
///
/// # Panics
///
/// Panics with the name of the first exception that is unknown or declared twice.
pub fn exceptions_name_rules<Q: Runner>() {
    let exceptions = Q::INFO.exceptions;
    for (index, exception) in exceptions.iter().enumerate() {
        let rule = exception.rule;
        assert!(
            RULES.contains(&rule),
            "{} declares an exception to `{rule}`, which is no rule",
            Q::INFO.id,
        );
        assert!(
            exceptions[..index].iter().all(|other| other.rule != rule),
            "{} declares two exceptions to `{rule}`",
            Q::INFO.id,
        );
    }
}

/// The names of all rules.
pub const RULES: &[&str] = crate::conformance_rules!(names);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::RULES;

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let names: HashSet<_> = RULES.iter().collect();
        assert_eq!(names.len(), RULES.len());
    }
}

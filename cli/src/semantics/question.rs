//! A question as data. Each stands beside its probe.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

/// The side of a runtime that a question is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Side {
    /// The bare library.
    Native,
    /// The library through pollmark's contract.
    Contract,
}

/// The text of a question.
#[derive(Debug)]
pub(crate) struct Info {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// Why it matters when a program moves from one runtime to another.
    pub(crate) why: &'static str,
    /// How it is measured.
    pub(crate) how: &'static str,
    /// The rule of the conformance suite that makes the answers through pollmark alike; `None`
    /// if the contract leaves them as they are.
    pub(crate) rule: Option<&'static str>,
    /// The unit of the figure, if the answer is one.
    pub(crate) unit: Option<&'static str>,
    /// The workers that the probe needs, where the runtime has any to set.
    pub(crate) workers: usize,
    /// The blocking threads that the probe needs; `None` leaves them as they are.
    pub(crate) blocking_threads: Option<NonZeroUsize>,
    /// Whether the probe awaits input or output.
    pub(crate) io: bool,
    /// Whether a neighbour that uses the CPU spoils the answer.
    pub(crate) needs_quiet: bool,
    /// The sides that have no such notion.
    pub(crate) inapplicable: &'static [Inapplicable],
}

/// Stands for every runner of a side.
pub(crate) const ALL: &str = "*";

/// A side of a runner, or of [`ALL`], that a question does not apply to, and the reason.
pub(crate) type Inapplicable = (Side, &'static str, &'static str);

impl Info {
    /// A question whose probe needs one worker and nothing else, and which applies to every
    /// side.
    pub(crate) const PLAIN: Info = Info {
        id: "",
        title: "",
        why: "",
        how: "",
        rule: None,
        unit: None,
        workers: 1,
        blocking_threads: None,
        io: false,
        needs_quiet: false,
        inapplicable: &[],
    };

    /// The reason why it does not apply to `side` of `runner`, if it does not.
    pub(crate) fn inapplicable_to(&self, side: Side, runner: &str) -> Option<&'static str> {
        let mut all = self.inapplicable.iter();
        let found = all.find(|(other, id, _)| *other == side && [runner, ALL].contains(id));
        found.map(|(.., reason)| *reason)
    }
}

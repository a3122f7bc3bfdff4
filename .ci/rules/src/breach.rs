//! A place that breaks a rule.

use std::fmt;

/// A place that breaks a rule.
#[derive(Debug)]
pub(crate) struct Breach {
    /// The file or folder, with its line if there is one.
    pub(crate) place: String,
    /// The fact: an import, a size, a name.
    pub(crate) fact: String,
    /// The rule, and the reason for it.
    pub(crate) rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.place, self.fact, self.rule)
    }
}

impl Breach {
    pub(crate) fn new(place: impl Into<String>, fact: String, rule: impl Into<String>) -> Breach {
        Breach {
            place: place.into(),
            fact,
            rule: rule.into(),
        }
    }
}

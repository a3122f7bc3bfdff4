//! Names of tasks.

use std::fmt;
use std::sync::Arc;

/// The name of a run's root task.
pub(crate) const ROOT: &str = "main";

/// A task's name, cheap to make if it is never read.
///
/// A literal, or a literal with a number, costs no allocation and no formatting, so that a scenario
/// may name each of a million tasks and pay nothing in a timed run:
///
/// ```
/// use pollmark_core::Name;
///
/// assert_eq!(Name::from("Pasta").to_string(), "Pasta");
/// assert_eq!(Name::from(("customer", 17)).to_string(), "customer 17");
/// ```
#[derive(Clone)]
pub struct Name(Repr);

#[derive(Clone)]
enum Repr {
    Literal(&'static str),
    Numbered(&'static str, usize),
    Text(Arc<str>),
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Name(Repr::Literal(name))
    }
}

impl From<(&'static str, usize)> for Name {
    fn from((name, number): (&'static str, usize)) -> Self {
        Name(Repr::Numbered(name, number))
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Name(Repr::Text(name.into()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Literal(name) => f.pad(name),
            Repr::Numbered(name, number) => f.pad(&format!("{name} {number}")),
            Repr::Text(name) => f.pad(name),
        }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        match &self.0 {
            Repr::Literal(name) => *name == other,
            Repr::Text(name) => **name == *other,
            Repr::Numbered(name, number) => other
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix(' '))
                .is_some_and(|rest| rest.parse() == Ok(*number)),
        }
    }
}

impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

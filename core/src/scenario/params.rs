//! Typed parameters of a scenario.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::time::{parse_duration, seconds};

/// A parameter that a scenario takes: its name, default and bounds.
///
/// ```
/// use std::time::Duration;
///
/// use pollmark_core::ParamInfo;
///
/// const PARAMS: &[ParamInfo] = &[
///     ParamInfo::count("customers", 2).within(0, 1_000_000).help("how many customers come"),
///     ParamInfo::duration("nap", Duration::from_millis(10)).help("how long each sleeps"),
/// ];
/// assert!(PARAMS[0].parse("1_000_001").is_err());
/// ```
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ParamInfo {
    /// The name that follows `--param`, such as `customers`.
    pub name: &'static str,
    /// Its value if none is given; the kind of this value is the parameter's kind.
    pub default: Value,
    /// The smallest value allowed.
    pub min: Value,
    /// The largest value allowed.
    pub max: Value,
    /// One line about the parameter's effect.
    pub help: &'static str,
}

impl ParamInfo {
    /// Begins a parameter that is a whole number.
    pub const fn count(name: &'static str, default: u64) -> ParamBuilder<u64> {
        ParamBuilder {
            name,
            default,
            min: 0,
            max: u64::MAX,
        }
    }

    /// Begins a parameter that is a length of time.
    pub const fn duration(name: &'static str, default: Duration) -> ParamBuilder<Duration> {
        ParamBuilder {
            name,
            default,
            min: Duration::ZERO,
            max: Duration::MAX,
        }
    }

    /// Parses `text` as a value of this parameter.
    ///
    /// # Errors
    ///
    /// [`ParamError::Invalid`] if it is not of the parameter's kind or out of bounds.
    pub fn parse(&self, text: &str) -> Result<Value, ParamError> {
        let value = match self.default {
            Value::Count(_) => text.replace('_', "").parse().ok().map(Value::Count),
            Value::Duration(_) => parse_duration(text).ok().map(Value::Duration),
        };
        value
            .filter(|value| (self.min..=self.max).contains(value))
            .ok_or_else(|| ParamError::Invalid {
                name: self.name,
                value: text.to_owned(),
                kind: self.default.kind(),
                min: self.min,
                max: self.max,
            })
    }
}

/// A parameter without its help text. Any value is allowed unless [`within`](Self::within) sets
/// bounds.
#[derive(Debug, Clone, Copy)]
pub struct ParamBuilder<T> {
    name: &'static str,
    default: T,
    min: T,
    max: T,
}

impl<T: Copy> ParamBuilder<T> {
    /// Sets the smallest and the largest value allowed.
    pub const fn within(self, min: T, max: T) -> Self {
        ParamBuilder { min, max, ..self }
    }
}

impl ParamBuilder<u64> {
    /// Completes the parameter with one line about its effect.
    pub const fn help(self, help: &'static str) -> ParamInfo {
        ParamInfo {
            name: self.name,
            default: Value::Count(self.default),
            min: Value::Count(self.min),
            max: Value::Count(self.max),
            help,
        }
    }
}

impl ParamBuilder<Duration> {
    /// Completes the parameter with one line about its effect.
    pub const fn help(self, help: &'static str) -> ParamInfo {
        ParamInfo {
            name: self.name,
            default: Value::Duration(self.default),
            min: Value::Duration(self.min),
            max: Value::Duration(self.max),
            help,
        }
    }
}

/// The value of a parameter. A duration is serialised as a number of nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub enum Value {
    /// A whole number.
    Count(u64),
    /// A length of time.
    Duration(Duration),
}

impl Value {
    fn kind(self) -> &'static str {
        match self {
            Value::Count(_) => "a whole number",
            Value::Duration(_) => "a duration",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Count(count) => count.fmt(f),
            Value::Duration(duration) => seconds(*duration).fmt(f),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Count(count) => serializer.serialize_u64(*count),
            Value::Duration(duration) => crate::time::as_nanos::serialize(duration, serializer),
        }
    }
}

/// The values of all of a scenario's parameters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(Vec<(&'static str, Value)>);

impl Params {
    /// Every parameter at its default.
    pub fn defaults(infos: &[ParamInfo]) -> Self {
        Params(infos.iter().map(|info| (info.name, info.default)).collect())
    }

    /// These parameters with `name` set to the value that `text` stands for.
    ///
    /// # Errors
    ///
    /// [`ParamError`] if there is no such parameter among `infos`, or the value
    /// does not fit it.
    pub fn with(mut self, infos: &[ParamInfo], name: &str, text: &str) -> Result<Self, ParamError> {
        let info = infos.iter().find(|info| info.name == name);
        let info = info.ok_or_else(|| ParamError::Unknown {
            name: name.to_owned(),
            known: infos.iter().map(|info| info.name).collect(),
        })?;
        let value = info.parse(text)?;
        match self.0.iter_mut().find(|(known, _)| *known == info.name) {
            Some((_, old)) => *old = value,
            None => self.0.push((info.name, value)),
        }
        Ok(self)
    }

    /// These parameters, with the values of `others` for names that both have.
    pub(crate) fn overridden(mut self, others: &Params) -> Self {
        for (name, value) in &mut self.0 {
            let other = others.iter().find(|(other, _)| other == name);
            *value = other.map_or(*value, |(_, other)| other);
        }
        self
    }

    /// The count named `name`.
    ///
    /// # Panics
    ///
    /// Panics if the scenario declares no count of that name.
    pub fn count(&self, name: &str) -> usize {
        match self.value(name) {
            Value::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
            Value::Duration(_) => panic!("parameter `{name}` is a duration"),
        }
    }

    /// The duration named `name`.
    ///
    /// # Panics
    ///
    /// Panics if the scenario declares no duration of that name.
    pub fn duration(&self, name: &str) -> Duration {
        match self.value(name) {
            Value::Duration(duration) => duration,
            Value::Count(_) => panic!("parameter `{name}` is a count"),
        }
    }

    fn value(&self, name: &str) -> Value {
        let found = self.iter().find(|(known, _)| *known == name);
        let Some((_, value)) = found else {
            panic!("the scenario declares no parameter `{name}`")
        };
        value
    }

    /// The names and values, in the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Value)> + '_ {
        self.0.iter().copied()
    }
}

impl Serialize for Params {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The reason why a parameter was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParamError {
    /// The scenario has no such parameter.
    #[error("unknown parameter `{name}`{}", known_list(known))]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names that exist.
        known: Vec<&'static str>,
    },
    /// The value does not fit the parameter.
    #[error("parameter `{name}` is {kind} from {min} to {max}, not `{value}`")]
    Invalid {
        /// The parameter.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// The kind of value that it takes.
        kind: &'static str,
        /// The smallest value allowed.
        min: Value,
        /// The largest value allowed.
        max: Value,
    },
}

fn known_list(known: &[&'static str]) -> String {
    if known.is_empty() {
        return ": the scenario takes none".to_owned();
    }
    format!(": there is {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFOS: &[ParamInfo] = &[
        ParamInfo::count("customers", 2).within(1, 10).help(""),
        ParamInfo::duration("threshold", Duration::from_millis(10))
            .within(Duration::ZERO, Duration::from_secs(1))
            .help(""),
    ];

    #[test]
    fn values_are_typed_and_bounded() {
        let params = Params::defaults(INFOS)
            .with(INFOS, "customers", "7")
            .and_then(|params| params.with(INFOS, "threshold", "250ms"))
            .unwrap();
        assert_eq!(params.count("customers"), 7);
        assert_eq!(params.duration("threshold"), Duration::from_millis(250));
        for (name, text) in [
            ("customers", "0"),
            ("customers", "11"),
            ("customers", "-1"),
            ("customers", "many"),
            ("threshold", "2s"),
            ("nobody", "1"),
        ] {
            let refused = Params::defaults(INFOS).with(INFOS, name, text);
            assert!(refused.is_err(), "{name}={text}");
        }
    }
}

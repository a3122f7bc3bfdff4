//! The settings of a runtime: those that it has, and those that a run chooses.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{as_nanos, nanos, parse_duration};

/// A setting of a runtime's own, such as tokio's `event-interval`. A runner lists those that it
/// takes in [`RunnerInfo::settings`](crate::RunnerInfo::settings).
///
/// ```
/// use pollmark_core::{SettingInfo, Settings};
///
/// const SETTINGS: &[SettingInfo] = &[
///     SettingInfo::count("event-interval", 1, 1000).means("polls between two events", "61"),
///     SettingInfo::switch("no-lifo").means("no slot for the task woken last", "off"),
/// ];
/// let chosen = Settings::parse(SETTINGS, "event-interval=31+no-lifo")?;
/// assert_eq!(chosen.count("event-interval"), Some(31));
/// assert!(chosen.is_on("no-lifo"));
/// assert_eq!(chosen.to_string(), "+event-interval=31+no-lifo");
/// # Ok::<(), pollmark_core::SettingError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SettingInfo {
    /// The name on the command line, with hyphens.
    pub name: &'static str,
    /// The kind of value that it takes.
    #[serde(flatten)]
    pub kind: SettingKind,
    /// One line about its effect.
    pub meaning: &'static str,
    /// The runtime's own choice if it is not set, in words.
    pub default: &'static str,
    /// The build that has it; `None` if every build has it.
    pub needs: Option<Needs>,
    /// Whether this build has it.
    pub available: bool,
}

impl SettingInfo {
    /// Begins a setting that is a whole number from `min` to `max`.
    pub const fn count(name: &'static str, min: u64, max: u64) -> Self {
        SettingInfo::of(name, SettingKind::Count { min, max })
    }

    /// Begins a setting that is a length of time.
    pub const fn duration(name: &'static str) -> Self {
        SettingInfo::of(name, SettingKind::Duration)
    }

    /// Begins a setting that is on if it is named.
    pub const fn switch(name: &'static str) -> Self {
        SettingInfo::of(name, SettingKind::Switch)
    }

    const fn of(name: &'static str, kind: SettingKind) -> Self {
        SettingInfo {
            name,
            kind,
            meaning: "",
            default: "",
            needs: None,
            available: true,
        }
    }

    /// Says its effect, and the runtime's own choice.
    pub const fn means(mut self, meaning: &'static str, default: &'static str) -> Self {
        self.meaning = meaning;
        self.default = default;
        self
    }

    /// Says which build has it, and whether this one does.
    pub const fn needs(mut self, needs: Needs, available: bool) -> Self {
        self.needs = Some(needs);
        self.available = available;
        self
    }

    /// The value that `text` stands for; a switch has no text.
    ///
    /// # Errors
    ///
    /// [`SettingError::Invalid`] if it is not of the setting's kind or out of range, and
    /// [`SettingError::Missing`] if this build lacks the setting.
    pub fn parse(&self, text: Option<&str>) -> Result<SettingValue, SettingError> {
        let value = match (self.kind, text) {
            (SettingKind::Switch, None) => Some(SettingValue::On),
            (SettingKind::Count { min, max }, Some(text)) => {
                let count = text.replace('_', "").parse().ok();
                let count = count.filter(|count| (min..=max).contains(count));
                count.map(SettingValue::Count)
            }
            (SettingKind::Duration, Some(text)) => {
                parse_duration(text).ok().map(SettingValue::Duration)
            }
            _ => None,
        };
        let value = value.ok_or_else(|| SettingError::Invalid {
            name: self.name,
            kind: self.kind,
            value: text.map(str::to_owned),
        })?;
        match self.needs.filter(|_| !self.available) {
            Some(needs) => Err(SettingError::Missing {
                name: self.name,
                needs,
            }),
            None => Ok(value),
        }
    }
}

/// The kind of value that a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SettingKind {
    /// A whole number, within bounds.
    Count {
        /// The smallest value allowed.
        min: u64,
        /// The largest value allowed.
        max: u64,
    },
    /// A length of time.
    Duration,
    /// None: it is on if it is named.
    Switch,
}

impl fmt::Display for SettingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingKind::Count { min, max } => write!(f, "a whole number from {min} to {max}"),
            SettingKind::Duration => f.write_str("a duration such as 250ms"),
            SettingKind::Switch => f.write_str("a switch, which takes no value"),
        }
    }
}

/// The build that a setting needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// The package that has the setting, such as `tokio`.
    pub package: &'static str,
    /// The first version of the package with it; `None` if every supported version has it.
    pub version: Option<&'static str>,
    /// The `--cfg` that the package must be compiled with, if any.
    pub cfg: Option<&'static str>,
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.package)?;
        if let Some(version) = self.version {
            write!(f, " {version} or later")?;
        }
        if let Some(cfg) = self.cfg {
            write!(f, " with `--cfg {cfg}`")?;
        }
        Ok(())
    }
}

/// The value of a setting that a run chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingValue {
    /// A whole number.
    Count(u64),
    /// A length of time.
    Duration(#[serde(with = "as_nanos")] Duration),
    /// A switch that is on.
    On,
}

/// The settings that a run chooses, in the order in which they were given. A runtime leaves all
/// others as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings(Vec<(String, SettingValue)>);

impl Settings {
    /// Parses `event-interval=31+no-lifo`, names and values of settings among `infos`. Nothing is
    /// chosen by an empty text.
    ///
    /// # Errors
    ///
    /// The first [`SettingError`].
    pub fn parse(infos: &[SettingInfo], text: &str) -> Result<Self, SettingError> {
        let mut chosen = Settings::default();
        if text.is_empty() {
            return Ok(chosen);
        }
        for one in text.split('+') {
            let (name, value) = match one.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (one.trim(), None),
            };
            let info = infos.iter().find(|info| info.name == name);
            let info = info.ok_or_else(|| SettingError::Unknown {
                name: name.to_owned(),
                known: infos.iter().map(|info| info.name).collect(),
            })?;
            if chosen.value(name).is_some() {
                return Err(SettingError::Twice { name: info.name });
            }
            chosen.0.push((name.to_owned(), info.parse(value)?));
        }
        Ok(chosen)
    }

    /// The count chosen for `name`.
    pub fn count(&self, name: &str) -> Option<u64> {
        match self.value(name)? {
            SettingValue::Count(count) => Some(count),
            SettingValue::Duration(_) | SettingValue::On => None,
        }
    }

    /// The duration chosen for `name`.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        match self.value(name)? {
            SettingValue::Duration(duration) => Some(duration),
            SettingValue::Count(_) | SettingValue::On => None,
        }
    }

    /// Whether the switch `name` is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.value(name) == Some(SettingValue::On)
    }

    /// Switches `name` on.
    pub fn switch_on(&mut self, name: &str) {
        if !self.is_on(name) {
            self.0.push((name.to_owned(), SettingValue::On));
        }
    }

    /// The names and values, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, SettingValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    fn value(&self, name: &str) -> Option<SettingValue> {
        let found = self.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }
}

/// `+event-interval=31+no-lifo`, as it follows the runner's name; nothing if none is chosen.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.iter() {
            match value {
                SettingValue::Count(count) => write!(f, "+{name}={count}")?,
                SettingValue::Duration(duration) => write!(f, "+{name}={}", exact(duration))?,
                SettingValue::On => write!(f, "+{name}")?,
            }
        }
        Ok(())
    }
}

/// The duration as a whole number of the largest unit in which it is one: two that differ never
/// read alike.
fn exact(duration: Duration) -> String {
    let nanos = nanos(duration);
    let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];
    let unit = units.into_iter().find(|(_, size)| nanos % size == 0);
    let (unit, size) = unit.unwrap_or(("ns", 1));
    format!("{}{unit}", nanos / size)
}

/// The reason why a setting was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// The runtime has no such setting.
    #[error("unknown setting `{name}`; there is {}", known.join(", "))]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names that exist.
        known: Vec<&'static str>,
    },
    /// The value does not fit the setting.
    #[error("setting `{name}` is {kind}{}", .value.as_ref().map_or_else(
        || ": write NAME=VALUE".to_owned(),
        |value| format!(", not `{value}`"),
    ))]
    Invalid {
        /// The setting.
        name: &'static str,
        /// The kind of value that it takes.
        kind: SettingKind,
        /// The value that was given; `None` if none was.
        value: Option<String>,
    },
    /// The setting was given more than once.
    #[error("setting `{name}` is given twice")]
    Twice {
        /// The setting.
        name: &'static str,
    },
    /// This build lacks the setting.
    #[error("setting `{name}` needs {needs}")]
    Missing {
        /// The setting.
        name: &'static str,
        /// The build that has it.
        needs: Needs,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFOS: &[SettingInfo] = &[
        SettingInfo::count("interval", 1, 1000),
        SettingInfo::duration("keep-alive"),
        SettingInfo::switch("quick"),
        SettingInfo::switch("new").needs(
            Needs {
                package: "tokio",
                version: Some("1.52.0"),
                cfg: Some("tokio_unstable"),
            },
            false,
        ),
    ];

    #[test]
    fn what_is_chosen_is_named_as_it_was_given() {
        for text in [
            "",
            "interval=31",
            "quick+interval=31+keep-alive=1500ms",
            "keep-alive=7ns",
            "keep-alive=0s",
        ] {
            let chosen = Settings::parse(INFOS, text).unwrap();
            assert_eq!(chosen.to_string().trim_start_matches('+'), text);
            let json = serde_json::to_string(&chosen).unwrap();
            assert_eq!(
                serde_json::from_str::<Settings>(&json).unwrap(),
                chosen,
                "{json}"
            );
        }
    }

    #[test]
    fn values_are_typed_and_bounded() {
        for (text, why) in [
            (
                "interval=0",
                "setting `interval` is a whole number from 1 to 1000, not `0`",
            ),
            (
                "interval=1001",
                "setting `interval` is a whole number from 1 to 1000, not `1001`",
            ),
            (
                "interval",
                "setting `interval` is a whole number from 1 to 1000: write NAME=VALUE",
            ),
            (
                "keep-alive=soon",
                "setting `keep-alive` is a duration such as 250ms, not `soon`",
            ),
            (
                "quick=1",
                "setting `quick` is a switch, which takes no value, not `1`",
            ),
            (
                "slow",
                "unknown setting `slow`; there is interval, keep-alive, quick, new",
            ),
            (
                "quick+",
                "unknown setting ``; there is interval, keep-alive, quick, new",
            ),
            ("interval=1+interval=2", "setting `interval` is given twice"),
            (
                "new",
                "setting `new` needs tokio 1.52.0 or later with `--cfg tokio_unstable`",
            ),
        ] {
            let refused = Settings::parse(INFOS, text).unwrap_err();
            assert_eq!(refused.to_string(), why, "{text}");
        }
    }
}

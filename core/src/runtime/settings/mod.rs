//! The settings of a runtime: those that it has, and those that a run chooses.

mod info;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::info::{Needs, SettingError, SettingInfo, SettingKind, SettingValue};
use crate::time::nanos;

/// The settings that a run chooses, by name: those of one choice read alike, in whatever order
/// they were given. A runtime leaves all others as they are.
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
        chosen.0.sort_by(|(one, _), (other, _)| one.cmp(other));
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
            let at = self.0.partition_point(|(other, _)| other.as_str() < name);
            self.0.insert(at, (name.to_owned(), SettingValue::On));
        }
    }

    /// The names and values, by name.
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
    let unit = units
        .into_iter()
        .find(|(_, size)| nanos.is_multiple_of(*size));
    let (unit, size) = unit.unwrap_or(("ns", 1));
    format!("{}{unit}", nanos / size)
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
    fn one_choice_reads_alike_in_whatever_order() {
        let told = |text| Settings::parse(INFOS, text).unwrap().to_string();
        let sorted = "+interval=31+keep-alive=7ns+quick";
        assert_eq!(told("quick+interval=31+keep-alive=7ns"), sorted);
        assert_eq!(told("keep-alive=7ns+interval=31+quick"), sorted);
        let mut switched = Settings::parse(INFOS, "quick+keep-alive=7ns").unwrap();
        switched.switch_on("new");
        assert_eq!(switched.to_string(), "+keep-alive=7ns+new+quick");
    }

    #[test]
    fn what_is_chosen_is_named_as_it_was_given() {
        for text in [
            "",
            "interval=31",
            "interval=31+keep-alive=1500ms+quick",
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

//! A setting as data: its name, its kind, its meaning and the build that has it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{as_nanos, parse_duration};

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

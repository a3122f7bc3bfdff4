//! A column of a table: a runner, with the settings and the build that it is asked for with.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{anyhow, bail};
use pollmark_core::time::nanos;
use pollmark_core::{Needs, RunnerInfo, SettingError, SettingValue, Settings};
use serde_json::Value;

use super::environment;
use super::runners;
use crate::text::suggest::unknown;

/// A runner with settings, of a build: what is compared with others like it.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) runner: RunnerInfo,
    pub(crate) settings: Settings,
    /// The name of another build; `None` is this binary.
    pub(crate) build: Option<String>,
}

impl Column {
    /// The runner of this name, with its settings: `tokio+event-interval=31`.
    ///
    /// # Errors
    ///
    /// The runner or a setting is unknown, for which the message offers `choices`; a value does
    /// not fit, or this build lacks a setting.
    pub(crate) fn named(name: &str, choices: &[&str]) -> anyhow::Result<Self> {
        let (runner, settings) = name.split_once('+').unwrap_or((name, ""));
        let Some(flavour) = runners::find(runner) else {
            if name.starts_with("all+") {
                bail!("`{name}`: settings are one runner's; name it instead of `all`");
            }
            return Err(unknown("runner", runner, choices.iter().copied()));
        };
        let info = flavour.info();
        if name.ends_with('+') {
            bail!("`{name}` ends before the name of a setting");
        }
        let settings = Settings::parse(info.settings, settings).map_err(|error| match error {
            SettingError::Unknown { name, known } if known.is_empty() => {
                anyhow!("`{runner}` takes no settings, and so no `{name}`")
            }
            SettingError::Unknown { name, known } => {
                unknown(&format!("setting of `{runner}`"), &name, known)
            }
            SettingError::Missing { needs, .. } => {
                let made_by = format!("`{}` makes a binary that has it", build_line(needs));
                anyhow!("{error}; {made_by}").context(format!("in `{name}`"))
            }
            error => anyhow!(error).context(format!("in `{name}`")),
        })?;
        Ok(Column {
            runner: info,
            settings,
            build: None,
        })
    }
}

/// Columns are told apart by their names.
impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

/// `tokio+event-interval=31`, and `tokio@old` for another build.
impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(
            self.runner.id,
            &self.settings,
            self.build.as_deref(),
        ))
    }
}

/// The name of a column.
pub(crate) fn shown(runner: &str, settings: &Settings, build: Option<&str>) -> String {
    let build = build.map_or_else(String::new, |build| format!("@{build}"));
    format!("{runner}{settings}{build}")
}

/// The name of the runner alone.
pub(crate) fn runner_of(column: &str) -> &str {
    column.split(['+', '@', '#']).next().unwrap_or(column)
}

/// The columns of these names, which may hold `all`, the runners that it means. The message on one
/// that is unknown offers `choices`, and `all`.
pub(crate) fn columns(names: &[String], choices: &[&str]) -> anyhow::Result<Vec<Column>> {
    let choices = [choices, &["all"]].concat();
    let mut columns = Vec::new();
    for name in names {
        match name.trim() {
            "all" => columns.extend(runners::in_all().map(|flavour| Column {
                runner: flavour.info(),
                settings: Settings::default(),
                build: None,
            })),
            name => columns.push(Column::named(name, &choices)?),
        }
    }
    Ok(columns)
}

/// The settings by their names: a count, a duration in nanoseconds, or true.
pub(crate) fn values(settings: &Settings) -> BTreeMap<String, Value> {
    let value = |value| match value {
        SettingValue::Count(count) => count.into(),
        SettingValue::Duration(duration) => nanos(duration).into(),
        SettingValue::On => true.into(),
    };
    let settings = settings.iter();
    settings
        .map(|(name, chosen)| (name.to_owned(), value(chosen)))
        .collect()
}

/// The command that makes a binary with what a setting needs, of this binary's version of the
/// package if that is late enough.
pub(crate) fn build_line(needs: Needs) -> String {
    let package = needs.package;
    let own = environment::version_of(package);
    let version = [own, needs.version].into_iter().flatten();
    let version = version.max_by_key(|version| numbers(version));
    let version = version.map_or_else(String::new, |version| format!("={version}"));
    let cfg = needs
        .cfg
        .map_or_else(String::new, |cfg| format!(" --cfg {cfg}"));
    format!("pollmark build {package}{version}{cfg}")
}

fn numbers(version: &str) -> Vec<u64> {
    let parts = version.split('.');
    parts.map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_as_it_was_asked_for() {
        for name in [
            "smol",
            "tokio+event-interval=31+global-queue-interval=127",
            "tokio-current-thread+thread-keep-alive=10ms",
        ] {
            let column = Column::named(name, &[]).unwrap();
            assert_eq!(column.to_string(), name);
            assert_eq!(runner_of(name), column.runner.id);
        }
        let old = Column {
            build: Some("old".to_owned()),
            ..Column::named("tokio+event-interval=31", &[]).unwrap()
        };
        assert_eq!(old.to_string(), "tokio+event-interval=31@old");
        assert_eq!(runner_of(&old.to_string()), "tokio");
    }

    #[test]
    fn a_binary_with_a_setting_is_made_of_the_later_version() {
        let needs = |version| Needs {
            package: "tokio",
            version: Some(version),
            cfg: Some("tokio_unstable"),
        };
        let own = environment::version_of("tokio").unwrap();
        for (wanted, made) in [("1.9.0", own), ("1.999.0", "1.999.0")] {
            let line = format!("pollmark build tokio={made} --cfg tokio_unstable");
            assert_eq!(build_line(needs(wanted)), line);
        }
    }
}

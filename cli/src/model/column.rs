//! A column of a table: a runner, with the settings and the build that it is asked for with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use pollmark_core::time::nanos;
use pollmark_core::{Needs, RunnerInfo, SettingError, SettingInfo, SettingValue, Settings};
use serde_json::Value;

use super::build::{self, Build};
use super::environment;
use super::runners;
use crate::text::suggest::unknown;

/// A runner with settings, of a build: what is compared with others like it.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) runner: RunnerInfo,
    pub(crate) settings: Settings,
    /// Another build; `None` is this binary.
    pub(crate) build: Option<Arc<Build>>,
}

impl Column {
    /// The runner of this name, with its settings: `tokio+event-interval=31`.
    ///
    /// # Errors
    ///
    /// The runner or a setting is unknown, for which the message offers `choices`; a value does
    /// not fit, or this binary lacks a setting.
    pub(crate) fn named(name: &str, choices: &[&str]) -> anyhow::Result<Self> {
        Column::of(name, None, choices)
    }

    /// As [`named`](Column::named), of another build if one is given. A setting that another
    /// build lacks is no error here: its [`Build::lacks`] tells.
    fn of(name: &str, build: Option<Arc<Build>>, choices: &[&str]) -> anyhow::Result<Self> {
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
        let available = |setting: &SettingInfo| SettingInfo {
            available: setting.available || build.is_some(),
            ..*setting
        };
        let known: Vec<SettingInfo> = info.settings.iter().map(available).collect();
        let settings = Settings::parse(&known, settings).map_err(|error| match error {
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
            build,
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
        let build = self.build.as_ref().map(|build| build.name.as_str());
        f.write_str(&shown(self.runner.id, &self.settings, build))
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

/// The columns of these names, which may hold `all`, the runners that it means. Where none of
/// the names has a build, each column is followed by the same one of each of the `builds`. The
/// message on a runner that is unknown offers `choices`, and `all`.
pub(crate) fn columns(
    names: &[String],
    choices: &[&str],
    builds: &[Arc<Build>],
) -> anyhow::Result<Vec<Column>> {
    let choices = [choices, &["all"]].concat();
    let mut columns = Vec::new();
    for name in names {
        let (name, build) = match name.trim().split_once('@') {
            Some((name, build)) => (name, Some(build::named(build, builds)?)),
            None => (name.trim(), None),
        };
        match name {
            "all" => columns.extend(runners::in_all().map(|flavour| Column {
                runner: flavour.info(),
                settings: Settings::default(),
                build: build.clone(),
            })),
            name => columns.push(Column::of(name, build, &choices)?),
        }
    }
    if columns.iter().any(|column| column.build.is_some()) {
        return Ok(columns);
    }
    let with_builds = columns.into_iter().flat_map(|column| {
        let other = |build: &Arc<Build>| Column {
            build: Some(build.clone()),
            ..column.clone()
        };
        let others: Vec<Column> = builds.iter().map(other).collect();
        std::iter::once(column).chain(others)
    });
    Ok(with_builds.collect())
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
    }

    #[test]
    fn each_column_has_one_of_each_build_beside_it_unless_builds_are_named() {
        let builds = ["old", "new"].map(|name| Arc::new(build::tests::build(name)));
        let named = |names: &str| {
            let names: Vec<String> = names.split(',').map(str::to_owned).collect();
            let columns = columns(&names, &[], &builds).unwrap();
            columns.iter().map(Column::to_string).collect::<Vec<_>>()
        };
        let each = ["smol", "smol@old", "smol@new"];
        assert_eq!(named("smol"), each);
        let set = "tokio+event-interval=31@old";
        assert_eq!(named(&format!("{set},tokio")), [set, "tokio"]);
        assert_eq!(runner_of(set), "tokio");
        assert_eq!(named("all").len(), 3 * named("all@old").len());
        // It may have what this one lacks.
        let lifo = "tokio+disable-lifo-slot@new";
        assert_eq!(named(lifo), [lifo]);
        let unknown = columns(&["tokio@olt".to_owned()], &[], &builds).unwrap_err();
        assert!(
            unknown.to_string().contains("did you mean `old`"),
            "{unknown}"
        );
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

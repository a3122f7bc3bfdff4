//! Another build of pollmark, whose binary runs the cells of a column.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use pollmark_core::{Listing, RunnerInfo, SettingInfo, Settings, builtin};
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::runners;
use crate::text::suggest::unknown;

/// Another binary, as `--build NAME=PATH` names it.
#[derive(Debug)]
pub(crate) struct Build {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) hello: Hello,
}

/// What a binary says of itself: its protocol, how it was built, and what it can run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) protocol: u32,
    pub(crate) environment: Environment,
    /// By name.
    scenarios: BTreeMap<String, Offer>,
    /// The settings of each runner that this binary has, by the name of the runner.
    runners: BTreeMap<String, Vec<String>>,
}

/// The names of a scenario's variants and parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Offer {
    variants: Vec<String>,
    params: Vec<String>,
}

impl Hello {
    /// What this binary says.
    pub(crate) fn of_this_binary(protocol: u32) -> Self {
        let offer = |listing: Listing| {
            let variants = listing.variants.iter().map(|variant| variant.id.to_owned());
            let params = listing
                .info
                .params
                .iter()
                .map(|param| param.name.to_owned());
            let offer = Offer {
                variants: variants.collect(),
                params: params.collect(),
            };
            (listing.info.id.to_owned(), offer)
        };
        let settings = |settings: &[SettingInfo]| {
            let available = settings.iter().filter(|setting| setting.available);
            available.map(|setting| setting.name.to_owned()).collect()
        };
        let runner = |info: RunnerInfo| (info.id.to_owned(), settings(info.settings));
        Hello {
            protocol,
            environment: Environment::look(),
            scenarios: builtin().into_iter().map(offer).collect(),
            runners: runners::all()
                .map(|flavour| runner(flavour.info()))
                .collect(),
        }
    }
}

impl Build {
    /// The reason why this build cannot run a program, `scenario` and `variant` with these
    /// `params`, on a runner with these settings; `None` if it can.
    pub(crate) fn lacks<'a>(
        &self,
        [scenario, variant]: [&str; 2],
        params: impl IntoIterator<Item = &'a String>,
        runner: &str,
        settings: &Settings,
    ) -> Option<String> {
        let lacks = |what: String| Some(format!("the build `{}` has no {what}", self.name));
        let Some(offer) = self.hello.scenarios.get(scenario) else {
            return lacks(format!("scenario `{scenario}`"));
        };
        if offer.variants.iter().all(|known| known != variant) {
            return lacks(format!("variant `{variant}` of `{scenario}`"));
        }
        let mut params = params.into_iter();
        if let Some(param) = params.find(|param| !offer.params.contains(param)) {
            return lacks(format!("parameter `{param}` of `{scenario}`"));
        }
        let Some(known) = self.hello.runners.get(runner) else {
            return lacks(format!("runner `{runner}`"));
        };
        let mut chosen = settings.iter().map(|(name, _)| name);
        let missing = chosen.find(|name| known.iter().all(|known| known != name))?;
        lacks(format!("setting `{missing}` of `{runner}`"))
    }
}

/// As on the command line.
impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.program.display().to_string();
        match path.contains(|letter: char| letter.is_whitespace() || "'\"$`\\".contains(letter)) {
            true => write!(f, "{}='{}'", self.name, path.replace('\'', "'\\''")),
            false => write!(f, "{}={path}", self.name),
        }
    }
}

/// The build of that name.
pub(super) fn named(name: &str, builds: &[Arc<Build>]) -> anyhow::Result<Arc<Build>> {
    if builds.is_empty() {
        bail!("`@{name}` names a build, and no `--build {name}=PATH` says which binary it is");
    }
    let found = builds.iter().find(|build| build.name == name);
    let known = builds.iter().map(|build| build.name.as_str());
    found.cloned().ok_or_else(|| unknown("build", name, known))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A build as this binary is one.
    pub(in crate::model) fn build(name: &str) -> Build {
        Build {
            name: name.to_owned(),
            program: "/somewhere/pollmark".into(),
            hello: Hello::of_this_binary(1),
        }
    }

    #[test]
    fn a_build_says_what_it_lacks() {
        let mut old = build("old");
        let known = runners::find("tokio").unwrap().info().settings;
        let set = Settings::parse(known, "event-interval=31").unwrap();
        let none = Settings::default();
        let told = |old: &Build, program, param: &str, runner, settings| {
            let params = [param.to_owned()];
            let params = params.iter().filter(|param| !param.is_empty());
            old.lacks(program, params, runner, settings)
        };
        let sync = ["waiter", "sync"];
        assert_eq!(told(&old, sync, "", "tokio", &set), None);
        old.hello.runners.insert("tokio".to_owned(), Vec::new());
        assert_eq!(told(&old, sync, "", "tokio", &none), None);
        for (program, param, runner, settings, what) in [
            (
                ["waiting", "sync"],
                "",
                "tokio",
                &none,
                "scenario `waiting`",
            ),
            (
                ["waiter", "synch"],
                "",
                "tokio",
                &none,
                "variant `synch` of `waiter`",
            ),
            (
                sync,
                "rounds",
                "smol",
                &none,
                "parameter `rounds` of `waiter`",
            ),
            (sync, "", "glommio", &none, "runner `glommio`"),
            (
                sync,
                "",
                "tokio",
                &set,
                "setting `event-interval` of `tokio`",
            ),
        ] {
            let why = format!("the build `old` has no {what}");
            assert_eq!(told(&old, program, param, runner, settings), Some(why));
        }
    }

    #[test]
    fn a_build_is_written_as_a_shell_reads_it() {
        let mut old = build("old");
        assert_eq!(old.to_string(), "old=/somewhere/pollmark");
        old.program = "/my tools/it's".into();
        assert_eq!(old.to_string(), r"old='/my tools/it'\''s'");
    }
}

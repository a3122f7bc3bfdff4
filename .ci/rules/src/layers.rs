//! The check of a crate's imports against the table of [`rules`](crate::rules).
//!
//! An import counts for the module that defines the name, so a re-export hides nothing.

use std::collections::BTreeSet;

use crate::breach::Breach;
use crate::krate::Crate;
use crate::rules::{Limit, Names, RULES, Rule};
use crate::source::Segments;

/// One import, as the rules see it.
struct Import {
    from: Segments,
    /// The way as it is written, with `self` and `super` resolved.
    written: Segments,
    /// The path of the module that defines the name; none for another crate.
    to: Option<Segments>,
    line: usize,
}

/// Whether this crate has floors, so that its rooms are to have no circle.
pub(crate) fn has_rooms(krate: &Crate) -> bool {
    let mut rules = RULES.iter().filter(|rule| rule.0 == krate.folder);
    rules.any(|rule| matches!(rule.1, Limit::Floors(_)))
}

/// The imports of this crate that break a rule.
pub(crate) fn check(krate: &Crate) -> Vec<Breach> {
    let imports = imports(krate);
    let mut breaches = Vec::new();
    for Rule(_, limit, why) in RULES.iter().filter(|rule| rule.0 == krate.folder) {
        let mut seen = BTreeSet::new();
        for import in &imports {
            let place = format!("{}:{}", krate.modules[&import.from].file, import.line);
            let Some(fact) = limit.broken_by(import, krate) else {
                continue;
            };
            if seen.insert((place.clone(), fact.clone())) {
                breaches.push(Breach::new(place, fact, *why));
            }
        }
        let Limit::Floors(floors) = limit else {
            continue;
        };
        let rooms = krate.modules.iter().filter(|(path, _)| path.len() == 1);
        for (path, module) in rooms.filter(|(path, _)| floor(floors, path).is_none()) {
            let rule = "each room has its floor in the table of .ci/rules/src/rules.rs";
            breaches.push(Breach::new(
                &module.file,
                format!("`{}` has no floor", path[0]),
                rule,
            ));
        }
    }
    breaches
}

fn imports(krate: &Crate) -> Vec<Import> {
    let mut imports = Vec::new();
    for (from, module) in &krate.modules {
        let written = module
            .source
            .imports
            .iter()
            .map(|import| (&import.path, import.line));
        // A mention by a shorter name has its `use`, which counts already.
        let mentioned = module
            .source
            .mentions
            .iter()
            .map(|(path, line)| (path, *line));
        let mentioned = mentioned.filter(|(path, _)| {
            path[0] == "crate" || (path.len() > 1 && path[0].starts_with("pollmark_"))
        });
        for (path, line) in written.chain(mentioned) {
            let to = krate
                .home(from, path)
                .or_else(|| krate.whole_path(from, path));
            imports.push(Import {
                from: from.clone(),
                written: path.clone(),
                to,
                line,
            });
        }
    }
    imports
}

fn floor(floors: &[Names], path: &[String]) -> Option<usize> {
    let room = path.first()?;
    floors
        .iter()
        .position(|floor| floor.contains(&room.as_str()))
}

/// Whether a path is this module or in it.
fn is_in(path: &[String], module: &str) -> bool {
    let parts = module.split("::").collect::<Vec<_>>();
    path.len() >= parts.len() && parts.iter().zip(path).all(|(part, name)| part == name)
}

fn first_of(names: Names, path: &[String]) -> Option<&'static str> {
    names.iter().find(|name| is_in(path, name)).copied()
}

impl Limit {
    /// The breach in words; none if the import keeps the rule.
    fn broken_by(&self, import: &Import, krate: &Crate) -> Option<String> {
        let from = &import.from;
        let to = import.to.as_deref();
        let is_broken = match self {
            Limit::Floors(floors) => floor(floors, to?)? > floor(floors, from)?,
            Limit::Only(module, may) => {
                is_in(from, module) && !is_in(to?, module) && first_of(may, to?).is_none()
            }
            Limit::Never(module, never) => is_in(from, module) && first_of(never, to?).is_some(),
            Limit::Apart { among, but } => {
                let pair = (first_of(among, from)?, first_of(among, to?)?);
                pair.0 != pair.1 && *but != pair
            }
            Limit::NotThroughRoot => {
                let name = import
                    .written
                    .get(1)
                    .filter(|_| import.written[0] == "crate")?;
                let mut sources = krate.modules.values().map(|module| &module.source);
                !from.is_empty()
                    && !krate.modules.keys().any(|path| path.first() == Some(name))
                    && !sources.any(|source| source.root_macros.contains(name))
            }
            Limit::Crates(prefix, only_in) => {
                import.written[0].starts_with(*prefix) && first_of(only_in, from).is_none()
            }
        };
        let from = if from.is_empty() {
            "lib.rs".to_owned()
        } else {
            from.join("::")
        };
        let shown = match to {
            Some(to) if !import.written.ends_with(to) => format!(" (in `{}`)", to.join("::")),
            _ => String::new(),
        };
        is_broken.then(|| format!("`{from}` imports `{}`{shown}", import.written.join("::")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krate;
    use crate::tree::Tree;

    /// The breaches of a crate with these files beside a root with these rooms.
    fn facts(folder: &str, rooms: &str, files: &str) -> Vec<String> {
        let rooms = rooms
            .split(' ')
            .map(|room| format!("{room}.rs: pub struct Name;"));
        let root = "lib.rs: pub use runtime::Runtime;".to_owned();
        let lines = rooms.chain(files.lines().map(str::to_owned)).chain([root]);
        let lines = lines.map(|line| format!("{folder}/{}\n", line.trim()));
        let (crates, _) = krate::crates(&Tree::of(&lines.collect::<String>()));
        let breaches = check(&crates[0]).into_iter();
        breaches
            .map(|breach| format!("{}: {}", breach.place, breach.fact))
            .collect()
    }

    /// Each file breaks a rule, and one alone.
    #[track_caller]
    fn each_breaks(folder: &str, rooms: &str, files: &str) {
        for file in files.lines().map(str::trim) {
            let facts = facts(folder, rooms, file);
            assert_eq!(facts.len(), 1, "{file}: {facts:?}");
            let (path, _) = file.split_once(':').unwrap();
            assert!(facts[0].contains(path), "{facts:?}");
        }
    }

    #[test]
    fn each_rule_of_core_fails_where_it_is_broken() {
        let rooms = "time runtime/runner run scenario trace/data trace/analysis trace/record";
        each_breaks(
            "core/src",
            rooms,
            "runtime.rs: use crate::scenario::Name;
            conformance.rs: fn f(_: crate::scenario::Name) {}
            scenarios/cafe.rs: use crate::run;
            scenarios/cafe.rs: use crate::trace::data::{Name as Other};
            scenarios/cafe.rs: use crate::runtime::runner::Name;
            scenario/mod.rs: use crate::trace::data::Name;
            trace/chrome.rs: use crate::scenario::Name;
            trace/record/log.rs: use super::super::analysis::Name;
            trace/data.rs: use crate::trace::record::Name;
            trace/analysis/axes.rs: use crate::trace::record::*;
            trace/chrome.rs: use crate::trace::{data::Name, record};
            scenario/mod.rs: use crate::Name;
            tower.rs:",
        );
    }

    #[test]
    fn each_rule_of_the_command_fails_where_it_is_broken() {
        let rooms = "text model output commands/run commands/trace";
        each_breaks(
            "cli/src",
            rooms,
            "model/cell.rs: fn f() { crate::output::write() }
            output/json.rs: use crate::commands::run::Name;
            commands/trace/picture.rs: use crate::commands::run::Name;
            text/width.rs: use crate::main;
            commands/run/mod.rs: use pollmark_runner_tokio::Tokio;
            commands/list.rs: fn f() { pollmark_runner_tokio::FLAVOURS; }",
        );
    }

    #[test]
    fn imports_downwards_pass() {
        let core = "run/mod.rs: use crate::{scenario::Name, time}; use crate::trace::record;
            trace/record/mod.rs: mod log; pub use log::Log;
            trace/record/log.rs: use crate::trace::Name; pub struct Log;
            trace/mod.rs: pub use data::Name;";
        let found = facts("core/src", "time scenario trace/data", core);
        assert!(found.is_empty(), "{found:?}");
        let cli = "commands/run/mod.rs: use crate::commands::{prepare, trace}; use crate::text;
            model/runners.rs: use pollmark_runner_tokio::FLAVOURS;";
        let found = facts("cli/src", "text commands/prepare commands/trace", cli);
        assert!(found.is_empty(), "{found:?}");
    }
}

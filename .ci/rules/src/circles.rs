//! No circle of imports: between the files of a crate, and between its rooms.
//!
//! A file imports the file that defines a name, not one that re-exports it. A parent that
//! declares or re-exports its child does not import it; one that uses a child's items does.

use std::collections::{BTreeMap, BTreeSet};

use crate::breach::Breach;
use crate::krate::Crate;
use crate::layers;
use crate::source::Segments;

/// From each file or room to those that it imports: the names, each with the line of one import.
type Graph = BTreeMap<String, BTreeMap<String, BTreeMap<String, usize>>>;

/// Modules of which each, with everything below it, counts as one file: the crate, and the
/// first segment and the length of their paths. A scenario's program and its check are one
/// subject, split by length.
const UNITS: &[(&str, &str, usize)] = &[("core/src", "scenarios", 3)];

const OF_FILES: &str = "files import each other in one direction only: \
                        those of a circle can be read, tested and moved only together";
const OF_ROOMS: &str = "rooms import each other in one direction only, \
                        so that there is a lowest one to begin with";

/// The circles of this crate.
pub(crate) fn check(krate: &Crate) -> Vec<Breach> {
    let (mut files, mut rooms) = (Graph::new(), Graph::new());
    let has_rooms = layers::has_rooms(krate);
    for (from, to, name, line) in edges(krate) {
        add(&mut files, file(krate, from), file(krate, &to), &name, line);
        if let (true, Some(from), Some(to)) = (has_rooms, from.first(), to.first()) {
            add(&mut rooms, from, to, &name, line);
        }
    }
    let breach = |rule| move |fact| Breach::new(&krate.folder, fact, rule);
    let files = circles(&files).into_iter().map(breach(OF_FILES));
    let rooms = circles(&rooms).into_iter().map(breach(OF_ROOMS));
    files.chain(rooms).collect()
}

/// The file of this module, or of the unit that it belongs to.
fn file<'a>(krate: &'a Crate, module: &[String]) -> &'a str {
    let unit = UNITS.iter().find(|(folder, room, length)| {
        *folder == krate.folder && module.len() > *length && module[0] == *room
    });
    let whole = unit.and_then(|(.., length)| krate.modules.get(&module[..*length]));
    &whole.unwrap_or(&krate.modules[module]).file
}

fn add(graph: &mut Graph, from: &str, to: &str, name: &str, line: usize) {
    if from != to {
        let targets = graph.entry(from.to_owned()).or_default();
        let names = targets.entry(to.to_owned()).or_default();
        names.entry(name.to_owned()).or_insert(line);
    }
}

/// Each import: from a module, to a module, the name and the line.
fn edges(krate: &Crate) -> Vec<(&Segments, Segments, String, usize)> {
    let mut edges = Vec::new();
    for (at, module) in &krate.modules {
        for import in &module.source.imports {
            let to = match import.name {
                Some(_) => krate.home(at, &import.path),
                None => krate.whole_path(at, &import.path),
            };
            let Some(to) = to.filter(|to| krate.modules.contains_key(to) && to != at) else {
                continue;
            };
            let is_re_export = import.is_public && to.starts_with(at);
            if !is_re_export {
                let name = import.name.clone().unwrap_or("*".to_owned());
                edges.push((at, to, name, import.line));
            }
        }
        for (path, line) in &module.source.mentions {
            if let Some(to) = krate.home(at, path) {
                let name = path.last().cloned().unwrap_or_default();
                edges.push((at, to, name, *line));
            }
        }
    }
    edges
}

/// One text for each set of nodes that all reach each other: its arrows with their places.
fn circles(graph: &Graph) -> Vec<String> {
    let reach = graph.keys().map(|from| (from, reachable(graph, from)));
    let reach = reach.collect::<BTreeMap<_, _>>();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for (node, reached) in &reach {
        if !reached.contains(*node) || seen.contains(node) {
            continue;
        }
        let is_in = |other: &&String| reached.contains(*other) && reach[*other].contains(*node);
        let circle = reach.keys().copied().filter(is_in).collect::<BTreeSet<_>>();
        let mut text = format!("a circle of {}:", circle.len());
        for from in &circle {
            for (to, names) in graph[*from].iter().filter(|(to, _)| circle.contains(to)) {
                let names = names
                    .iter()
                    .map(|(name, line)| format!("`{name}` in line {line}"));
                let names = names.collect::<Vec<_>>().join(", ");
                text += &format!("\n      {from} -> {to}: {names}");
            }
        }
        circles.push(text);
        seen.extend(circle);
    }
    circles
}

fn reachable<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let next = |from: &str| graph.get(from).into_iter().flat_map(BTreeMap::keys);
    let mut open = next(from).collect::<Vec<_>>();
    while let Some(node) = open.pop() {
        if reached.insert(node) {
            open.extend(next(node));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::krate;
    use crate::tree::Tree;

    fn facts(files: &str) -> Vec<String> {
        let (crates, _) = krate::crates(&Tree::of(files));
        let breaches = check(&crates[0]).into_iter();
        breaches.map(|breach| breach.fact).collect()
    }

    #[test]
    fn two_files_that_import_each_other_are_a_circle() {
        let facts = facts(
            "x/src/lib.rs: mod a; mod b; pub use a::A; pub use b::B;
            x/src/a.rs: use crate::B; pub struct A(B);
            x/src/b.rs: pub struct B;\\nimpl B { fn a() { call!(super::A) } }",
        );
        assert_eq!(facts.len(), 1);
        let there = facts[0].contains("x/src/a.rs -> x/src/b.rs: `B` in line 1");
        let back = facts[0].contains("x/src/b.rs -> x/src/a.rs: `A` in line 2");
        assert!(there && back, "{facts:?}");
    }

    #[test]
    fn a_parent_that_uses_the_child_that_uses_it_is_a_circle() {
        let child = "\nx/src/a.rs: use super::Shared; pub fn f(_: Shared) {}";
        for (parent, circles) in [
            ("mod a; pub struct Shared; fn g() { a::f(Shared) }", 1),
            ("mod a; pub use a::f; pub struct Shared;", 0),
            (
                "mod a; pub use a::f; pub struct Shared; fn g() { f(Shared) }",
                1,
            ),
        ] {
            let found = facts(&format!("x/src/lib.rs: {parent}{child}"));
            assert_eq!(found.len(), circles, "{parent}: {found:?}");
        }
    }

    #[test]
    fn imports_of_tests_make_no_circle() {
        let found = facts(
            "x/src/lib.rs: mod a; mod b; #[cfg(test)] mod testing;
            x/src/a.rs: pub struct A; #[cfg(test)] mod tests { use crate::b::B; }
            x/src/b.rs: use crate::a::A; pub struct B(A);
            x/src/testing.rs: use crate::a::A; pub struct T;",
        );
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn two_rooms_that_import_each_other_are_a_circle_without_one_of_files() {
        let found = facts(
            "core/src/lib.rs: mod program; mod runtime;
            core/src/program/mod.rs: mod a; pub mod b;
            core/src/program/a.rs: use crate::runtime::Low;
            core/src/program/b.rs: pub struct B;
            core/src/runtime/mod.rs: mod high; pub struct Low;
            core/src/runtime/high.rs: use crate::program::b::B;",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("program -> runtime"), "{found:?}");
    }

    #[test]
    fn a_scenario_and_its_check_count_as_one() {
        let found = facts(
            "core/src/lib.rs: mod scenarios;
            core/src/scenarios/lessons/cafe.rs: mod check; pub struct Cafe; fn f() { check::g() }
            core/src/scenarios/lessons/cafe/check.rs: use super::Cafe; pub fn g() {}",
        );
        assert!(found.is_empty(), "{found:?}");
    }
}

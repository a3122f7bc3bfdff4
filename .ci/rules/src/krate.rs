//! The modules of a crate, and the file that defines a name.

use std::collections::{BTreeMap, BTreeSet};

use crate::breach::Breach;
use crate::source::{Segments, Source};
use crate::tree::Tree;

/// One crate: the library of a package, or one of its programs.
#[derive(Debug, Default)]
pub(crate) struct Crate {
    /// The folder of its sources, as in `core/src`.
    pub(crate) folder: String,
    /// By the path from the crate's root; code for tests only is left out.
    pub(crate) modules: BTreeMap<Segments, Module>,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) source: Source,
}

/// Every crate of the tree, and the files that are no Rust.
pub(crate) fn crates(tree: &Tree) -> (Vec<Crate>, Vec<Breach>) {
    let mut crates = BTreeMap::<String, Crate>::new();
    let mut breaches = Vec::new();
    for (file, text) in &tree.files {
        let Some((folder, path)) = place(tree, file) else {
            continue;
        };
        match Source::parse(&path, text) {
            Ok(source) => {
                let krate = crates.entry(folder.clone()).or_default();
                krate.folder = folder;
                krate.modules.insert(
                    path,
                    Module {
                        file: file.clone(),
                        source,
                    },
                );
            }
            Err(error) => breaches.push(Breach::new(
                format!("{file}:{}", error.span().start().line),
                error.to_string(),
                "a source is Rust, so that its imports can be read",
            )),
        }
    }
    let mut crates = crates.into_values().collect::<Vec<_>>();
    crates.iter_mut().for_each(Crate::leave_out_tests);
    (crates, breaches)
}

/// The crate's folder and the module's path in it; none outside of `src`.
fn place(tree: &Tree, file: &str) -> Option<(String, Segments)> {
    let (package, rest) = file.split_once("/src/")?;
    let rest = rest.strip_suffix(".rs")?;
    let (mut folder, mut rest) = (
        format!("{package}/src"),
        rest.split('/').collect::<Vec<_>>(),
    );
    let has_library = tree.files.contains_key(&format!("{folder}/lib.rs"));
    if rest.len() > 1 && rest[0] == "bin" {
        folder = format!("{folder}/bin/{}", rest[1]);
        rest.drain(..2);
    } else if rest == ["main"] && has_library {
        folder = format!("{folder}/main.rs");
    }
    rest.pop_if(|last| matches!(*last, "lib" | "main" | "mod"));
    Some((folder, rest.into_iter().map(str::to_owned).collect()))
}

/// The answer to where a path leads.
#[derive(Debug, PartialEq)]
enum Found {
    Module,
    Item(Segments),
    Unknown,
}

/// More re-exports in a row than any name has; ends those that go round.
const DEPTH: usize = 12;

impl Crate {
    fn leave_out_tests(&mut self) {
        let mut tests = BTreeSet::new();
        for (path, module) in &self.modules {
            let folder = module
                .file
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            for test in &module.source.test_modules {
                let named = [path.as_slice(), std::slice::from_ref(test)].concat();
                let by_path = format!("{folder}/{test}");
                tests.extend(self.modules.iter().filter_map(|(other, module)| {
                    let is_test = other.starts_with(&named) || module.file == by_path;
                    is_test.then(|| other.clone())
                }));
            }
        }
        self.modules.retain(|path, _| !tests.contains(path));
    }

    /// The path from the root of a name that the module `at` writes in this way; none if it
    /// leads to another crate.
    pub(crate) fn whole_path(&self, at: &[String], path: &[String]) -> Option<Segments> {
        self.whole_path_within(DEPTH, at, path)
    }

    fn whole_path_within(&self, depth: usize, at: &[String], path: &[String]) -> Option<Segments> {
        let depth = depth.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        if first == "crate" {
            return Some(rest.to_vec());
        }
        let here = [at, path].concat();
        let is_child = self.modules.contains_key(&here[..=at.len()]);
        let mut imports = self.modules[at].source.imports.iter();
        let import = imports.find(|import| import.name.as_ref() == Some(first));
        let Some(import) = import.filter(|_| !is_child || rest.is_empty()) else {
            return is_child.then_some(here);
        };
        let target = self.whole_path_within(depth, at, &import.path)?;
        Some([target.as_slice(), rest].concat())
    }

    /// The module that defines a name, through re-exports; none for a module itself, for a name
    /// of another crate and for the module `at` itself.
    pub(crate) fn home(&self, at: &[String], path: &[String]) -> Option<Segments> {
        let path = self.whole_path(at, path)?;
        let home = match self.find(DEPTH, &path) {
            Found::Module => return None,
            Found::Item(home) => home,
            Found::Unknown => self.by_its_name(&path),
        };
        (home != at).then_some(home)
    }

    /// The deepest module on a path from the root, and the rest of the path.
    fn module_on<'a>(&self, path: &'a [String]) -> (&'a [String], &'a [String]) {
        let lengths = (0..=path.len()).rev();
        let mut ends = lengths.filter(|end| self.modules.contains_key(&path[..*end]));
        path.split_at(ends.next().unwrap_or(0))
    }

    fn find(&self, depth: usize, path: &[String]) -> Found {
        let (at, rest) = self.module_on(path);
        let (Some(module), Some(depth)) = (self.modules.get(at), depth.checked_sub(1)) else {
            return Found::Unknown;
        };
        let Some((name, rest)) = rest.split_first() else {
            return Found::Module;
        };
        if module.source.defines.contains(name) {
            return Found::Item(at.to_vec());
        }
        let imports = &module.source.imports;
        let mut named = imports
            .iter()
            .filter(|import| import.name.as_ref() == Some(name));
        if let Some(import) = named.next() {
            return match self.whole_path(at, &import.path) {
                Some(target) => self.find(depth, &[&target, rest].concat()),
                None => Found::Item(at.to_vec()),
            };
        }
        let globs = imports.iter().filter(|import| import.name.is_none());
        let targets = globs.filter_map(|glob| self.whole_path(at, &glob.path));
        let mut found = targets.map(|target| {
            self.find(
                depth,
                &[target.as_slice(), std::slice::from_ref(name), rest].concat(),
            )
        });
        found
            .find(|found| *found != Found::Unknown)
            .unwrap_or(Found::Unknown)
    }

    /// The home of a name that a macro exports: the one module below that defines it, or else
    /// the module with the macro.
    fn by_its_name(&self, path: &[String]) -> Segments {
        let (at, rest) = self.module_on(path);
        let below = self.modules.iter().filter(|(path, _)| path.starts_with(at));
        let mut homes = below.filter(|(_, module)| {
            rest.first()
                .is_some_and(|name| module.source.defines.contains(name))
        });
        match (homes.next(), homes.next()) {
            (Some((home, _)), None) => home.clone(),
            _ => at.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Segments {
        text.split("::").map(str::to_owned).collect()
    }

    #[test]
    fn a_name_is_followed_through_re_exports_globs_and_macros() {
        let tree = Tree::of(
            "core/src/lib.rs: mod a; mod b; mod c; pub use a::Direct;
            core/src/a/mod.rs: mod deep; pub use deep::{Direct, self as under};
            core/src/a/deep.rs: pub struct Direct;
            core/src/b.rs: pub use crate::a::*; fn f() { crate::Direct; }
            core/src/c/mod.rs: list![inner::Made];
            core/src/c/inner.rs: pub struct Made;",
        );
        let (crates, _) = crates(&tree);
        let home = |name: &str| {
            let home = crates[0].home(&path("a"), &path(name));
            home.map(|home| home.join("::"))
        };
        let names = "crate::Direct crate::b::Direct deep::Direct under::Direct";
        for name in names.split(' ') {
            assert_eq!(home(name).as_deref(), Some("a::deep"), "{name}");
        }
        assert_eq!(home("crate::c::Made").as_deref(), Some("c::inner"));
        assert_eq!(home("crate::a::deep"), None, "a module is no item");
        assert_eq!(home("std::fmt::Debug"), None);
    }
}

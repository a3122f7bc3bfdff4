//! The figure of the language: stiff words for each 1,000 words.

use std::fmt;

use crate::breach::Breach;
use crate::prose;
use crate::tree::Tree;

/// Words that sentences begin with that hide their subject.
const STIFF: &[&str] = &["what", "whose", "whom", "whoever", "whatever", "nobody"];
/// Stiff words in 1,000; admired codebases have 0 to 1.5.
const LIMIT: f64 = 5.0;
/// How many files the figure names.
const HEAVIEST: usize = 10;
/// Texts beside the code; `docs/` and the lessons' texts are added.
const TEXTS: &[&str] = &[
    "README.md",
    "METHODOLOGY.md",
    "CONTRIBUTING.md",
    "benches/README.md",
];

/// The stiff words of the whole tree.
pub(crate) struct Figure {
    words: usize,
    /// Files with their stiff words, the heaviest first.
    files: Vec<(usize, String)>,
}

impl Figure {
    pub(crate) fn of(tree: &Tree) -> Figure {
        let mut figure = Figure {
            words: 0,
            files: Vec::new(),
        };
        for (path, text) in tree.files.iter().filter(|(path, _)| is_read(path)) {
            let words = prose::words(path, text);
            let stiff = words
                .iter()
                .filter(|word| STIFF.contains(&word.as_str()))
                .count();
            figure.words += words.len();
            figure
                .files
                .extend((stiff > 0).then(|| (stiff, path.clone())));
        }
        figure.files.sort_by(|a, b| b.cmp(a));
        figure
    }

    fn in_thousand(&self) -> f64 {
        let stiff = self.files.iter().map(|(stiff, _)| stiff).sum::<usize>();
        1000.0 * stiff as f64 / self.words.max(1) as f64
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (figure, words) = (self.in_thousand(), self.words);
        writeln!(
            f,
            "stiff words: {figure:.1} in 1,000 of {words} words ({})",
            STIFF.join(", ")
        )?;
        for (stiff, path) in self.files.iter().take(HEAVIEST) {
            writeln!(f, "{stiff:6}  {path}")?;
        }
        Ok(())
    }
}

fn is_read(path: &str) -> bool {
    let is_folder = path.starts_with("docs/") || path.starts_with("core/src/scenarios/");
    path.ends_with(".rs") || TEXTS.contains(&path) || (is_folder && path.ends_with(".md"))
}

/// A breach if the figure is over the limit.
pub(crate) fn check(tree: &Tree) -> Option<Breach> {
    let figure = Figure::of(tree).in_thousand();
    let fact = format!("{figure:.1} stiff words in 1,000; the limit is {LIMIT}");
    let rule = "a sentence begins with its subject and names the actor (CONTRIBUTING.md, Style)";
    (figure > LIMIT).then(|| Breach::new("comments, help and texts", fact, rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stiff_words_over_the_limit_are_a_breach() {
        let plain = "/// Runs the task on a worker.\\n".repeat(100);
        let stiff = "// Whatever is polled.\\n".repeat(4);
        let tree = |path: &str| {
            Tree::of(&format!(
                "x/src/a.rs: {plain}\n{path}: {stiff}\nREADME.md: Nobody."
            ))
        };
        assert!(check(&tree("notes.md")).is_none());
        assert!(check(&tree("x/tests/b.rs")).is_some());
        let figure = Figure::of(&tree("x/tests/b.rs")).to_string();
        assert!(figure.contains("4  x/tests/b.rs"), "{figure}");
    }
}

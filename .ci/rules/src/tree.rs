//! The files of the repository, in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Paths from the root of the repository, with the texts of Rust and Markdown files.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// The text is empty for files of other kinds.
    pub(crate) files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the repository; leaves out `target` and hidden folders other than `.ci`.
    ///
    /// # Errors
    ///
    /// A folder or a file cannot be read.
    pub(crate) fn load(root: &Path) -> io::Result<Tree> {
        let mut tree = Tree::default();
        tree.add(root, "")?;
        Ok(tree)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let is_hidden = name.starts_with('.') && name != ".ci";
            if entry.file_type()?.is_dir() {
                if !is_hidden && name != "target" {
                    self.add(&entry.path(), &format!("{path}/"))?;
                }
            } else {
                let is_text = name.ends_with(".rs") || name.ends_with(".md");
                let text = if is_text {
                    fs::read_to_string(entry.path())?
                } else {
                    String::new()
                };
                self.files.insert(path, text);
            }
        }
        Ok(())
    }

    /// A tree of the files in these lines, as in `path: text`; a `\n` begins a new line.
    #[cfg(test)]
    pub(crate) fn of(lines: &str) -> Tree {
        let files = lines.lines().map(str::trim).filter(|line| !line.is_empty());
        let file = |line: &str| {
            let (path, text) = line.split_once(':').expect("a line has a path");
            (path.to_owned(), text.trim_start().replace("\\n", "\n"))
        };
        Tree {
            files: files.map(file).collect(),
        }
    }
}

//! The prologue that run, compare and trace share: the cells, the dry run, the files that
//! results go to, and the warnings.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::args::SharedArgs;
use crate::model::cell::Cell;
use crate::model::environment::Environment;
use crate::model::result::Ideal;
use crate::model::select::{self, Selection, Twins};
use crate::output::sink::{self, Output};
use crate::output::{saved, summary};
use crate::text::messages;

/// The arguments of a command that runs cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prologue<'a> {
    pub(crate) patterns: &'a [String],
    pub(crate) shared: &'a SharedArgs,
    pub(crate) twins: Twins,
    /// Whether `--save` writes results, which can be read again.
    pub(crate) saves_results: bool,
    pub(crate) chrome: Option<&'a Path>,
}

impl Prologue<'_> {
    /// Selects the cells and tells the remarks on the choice. `narrow` leaves some out.
    ///
    /// # Errors
    ///
    /// Two options name one file, or the cells that were asked for cannot be run.
    pub(crate) fn cells(
        &self,
        narrow: impl FnOnce(&mut Selection) -> Result<()>,
    ) -> Result<Vec<Cell>> {
        self.files_differ()?;
        let mut selection = select::select(self.patterns, self.shared, self.twins)?;
        narrow(&mut selection)?;
        let remarks = selection.remarks.iter();
        remarks.for_each(|remark| messages::note(remark));
        Ok(selection.cells)
    }

    /// Prints the cells and the time that they would take, and then `more`.
    pub(crate) fn dry_run(
        &self,
        cells: &[Cell],
        ideals: &[Ideal],
        jobs: usize,
        more: &str,
    ) -> Result<bool> {
        let plan = summary::plan(cells, ideals, jobs) + more;
        let mut output = Output::open(self.shared.output.as_deref())?;
        output.write(plan.as_bytes()).map(|()| true)
    }

    /// Opens the output. A file that cannot be written is told before anything runs, and
    /// before another one loses its content.
    pub(crate) fn open(&self, environment: &Environment) -> Result<Output> {
        for (path, option) in self.files() {
            match option {
                "--save" if self.saves_results => saved::check_save(path, environment)?,
                // Checked when it is opened.
                "--output" => {}
                _ => sink::check(path, option)?,
            }
        }
        Output::open(self.shared.output.as_deref())
    }

    /// The files to write, each with the option that names it.
    fn files(&self) -> impl Iterator<Item = (&Path, &'static str)> {
        let SharedArgs { save, output, .. } = self.shared;
        let files = [
            (self.chrome, "--chrome"),
            (save.as_deref(), "--save"),
            (output.as_deref(), "--output"),
        ];
        let files = files.into_iter();
        files.filter_map(|(path, option)| Some((path?, option)))
    }

    fn files_differ(&self) -> Result<()> {
        for (index, (path, option)) in self.files().enumerate() {
            let mut before = self.files().take(index);
            if let Some((_, other)) = before.find(|(other, _)| is_same_file(path, other)) {
                bail!("{other} and {option} name the same file; one would overwrite the other");
            }
        }
        Ok(())
    }
}

/// Warns of all that makes figures of this machine or build less sure.
pub(crate) fn warn(environment: &Environment) {
    let warnings = environment.warnings.iter();
    warnings.for_each(|warning| messages::warn(warning));
}

/// Whether the two name one file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| {
        let name = path.file_name()?.to_owned();
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(name))
    };
    one == other || whole(one).is_some_and(|one| Some(one) == whole(other))
}

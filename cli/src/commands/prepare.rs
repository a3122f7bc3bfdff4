//! The prologue that run, compare and trace share: the cells, the dry run, the files that
//! results go to, and the warnings.

use std::path::Path;

use anyhow::{Result, bail};

use crate::args::SharedArgs;
use crate::model::cell::Cell;
use crate::model::environment::Environment;
use crate::model::result::Ideal;
use crate::model::select::{self, Selection, Twins};
use crate::output::file::{Content, Destination, Identity, trouble};
use crate::output::sink::Output;
use crate::output::summary;
use crate::process::hello;
use crate::text::messages;

/// The arguments of a command that runs cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prologue<'a> {
    pub(crate) patterns: &'a [String],
    pub(crate) shared: &'a SharedArgs,
    pub(crate) twins: Twins,
    pub(crate) chrome: Option<&'a Path>,
    pub(crate) svg: Option<&'a Path>,
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
        let builds = hello::ask_all(&self.shared.build)?;
        let mut selection = select::select(self.patterns, self.shared, self.twins, &builds)?;
        narrow(&mut selection)?;
        let remarks = selection.remarks.iter();
        remarks.for_each(|remark| messages::note(remark));
        Ok(selection.cells)
    }

    /// Prints the cells and the time that so many runs of each would take.
    pub(crate) fn dry_run(
        &self,
        cells: &[Cell],
        ideals: &[Ideal],
        jobs: usize,
        runs: u32,
    ) -> Result<bool> {
        let plan = summary::plan(cells, ideals, jobs, runs);
        let mut output = output(self.shared.output.as_deref())?;
        output.write(plan.as_bytes()).map(|()| true)
    }

    /// Opens the files. One that cannot be written is told before anything runs, and before
    /// another one loses its content or is made. `nothing` is the content of `--save` before
    /// the first cell has ended.
    pub(crate) fn open(&self, nothing: Content<'_>) -> Result<Files> {
        trouble::survive_limit()?;
        let mut files: Vec<(Destination, &str)> = Vec::new();
        for (path, option) in self.files() {
            files.push((Destination::check(path, option)?, option));
        }
        for (file, _) in &mut files {
            file.open()?;
        }
        let mut named = |option| {
            let index = files.iter().position(|(_, other)| *other == option);
            index.map(|index| files.swap_remove(index).0)
        };
        let mut save = named("--save");
        if let Some(save) = &mut save {
            save.make(nothing)?;
        }
        Ok(Files {
            save,
            chrome: named("--chrome"),
            svg: named("--svg"),
            output: Output::to(named("--output")),
        })
    }

    /// The files to write, each with the option that names it.
    fn files(&self) -> impl Iterator<Item = (&Path, &'static str)> {
        let SharedArgs { save, output, .. } = self.shared;
        let files = [
            (self.chrome, "--chrome"),
            (self.svg, "--svg"),
            (save.as_deref(), "--save"),
            (output.as_deref(), "--output"),
        ];
        let files = files.into_iter();
        files.filter_map(|(path, option)| Some((path?, option)))
    }

    fn files_differ(&self) -> Result<()> {
        for (index, (path, option)) in self.files().enumerate() {
            let file = Identity::of(path);
            let is_same =
                |other: &Path| other == path || file.is_some() && Identity::of(other) == file;
            let mut before = self.files().take(index);
            if let Some((_, other)) = before.find(|(other, _)| is_same(other)) {
                bail!("{other} and {option} name the same file; one would overwrite the other");
            }
        }
        Ok(())
    }
}

/// The files that results go to.
pub(crate) struct Files {
    pub(crate) output: Output,
    pub(crate) save: Option<Destination>,
    pub(crate) chrome: Option<Destination>,
    pub(crate) svg: Option<Destination>,
}

/// Opens standard output, or the file of `--output`, before anything runs.
pub(crate) fn output(path: Option<&Path>) -> Result<Output> {
    trouble::survive_limit()?;
    let Some(path) = path else {
        return Ok(Output::stdout());
    };
    let mut file = Destination::check(path, "--output")?;
    file.open()?;
    Ok(Output::to(Some(file)))
}

/// Warns of all that makes figures of this machine or build less sure.
pub(crate) fn warn(environment: &Environment) {
    let of_builds = environment.doubts_of_builds();
    let warnings = environment.warnings.iter().chain(&of_builds);
    warnings.for_each(|warning| messages::warn(warning));
}

/// `environment` with those of the other builds that run some of the cells.
pub(crate) fn with_builds(mut environment: Environment, cells: &[Cell]) -> Environment {
    for build in cells.iter().filter_map(|cell| cell.build.as_ref()) {
        let other = build.hello.environment.clone();
        environment.builds.insert(build.name.clone(), other);
    }
    environment
}

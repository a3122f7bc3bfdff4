//! One concurrent program on every runtime: the `pollmark` command, as a library.
//!
//! `args` is the command line as data, and `text` formats text for people. `model` has the
//! cells, each one variant on one runner with one configuration, and the results in their
//! stable form. `semantics` probes the runtimes. `process` runs each cell in a process of its
//! own, with its ideal beside it, `stats` says which differences are real, and `output` writes
//! results. `commands` puts these together. Each imports from those before it alone: `args`,
//! `text`; `model`, `semantics`; `stats`, `process`, `output`; `commands`.

mod args;
mod commands;
mod model;
mod output;
mod process;
mod semantics;
mod stats;
mod text;

use std::process::ExitCode;

/// Runs the command that the arguments of this process name, and returns its exit code: 0
/// if everything went as expected, 1 if a cell failed or something became worse, 2 if the
/// command line is wrong, 3 if a file could not be read or written, 130 after Ctrl-C. Of
/// several, the first of 130, 1 and 3 is returned.
///
/// Cells run in processes that it starts from its own executable, as `EXECUTABLE __cell ...`,
/// which must lead here too. A cell that still runs when it returns ends with this process.
pub fn main() -> ExitCode {
    commands::main()
}

//! The forms of an output, by name.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: transcripts, a table, and conclusions
    Human,
    /// Everything, for programs
    Json,
    /// One line per cell
    Csv,
    /// A table for a document
    Markdown,
}

/// The background that colours are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeArg {
    Light,
    Dark,
    Auto,
}

/// The output formats of commands that print no table of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HumanOrJson {
    /// For people
    Human,
    /// For programs
    Json,
}

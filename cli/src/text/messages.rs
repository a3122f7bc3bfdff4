//! Errors, warnings and remarks on standard error.

use std::io::Write;

use super::{escape, wrap};

/// Prints an error on standard error, in the manner of the argument parser.
pub(crate) fn complain(error: &anyhow::Error) {
    say("error", anstyle::AnsiColor::Red, &format!("{error:#}"));
}

/// Prints a warning on standard error.
pub(crate) fn warn(text: &str) {
    say("warning", anstyle::AnsiColor::Yellow, text);
}

/// Prints a remark on standard error.
pub(crate) fn note(text: &str) {
    say("note", anstyle::AnsiColor::Cyan, text);
}

fn say(label: &str, colour: anstyle::AnsiColor, text: &str) {
    let style = colour.on_default().bold();
    let mut stderr = anstream::stderr();
    let text = wrap::labelled(style, label, &escape::brief(text), "");
    // Where standard error is closed there is nobody to tell.
    let _ = stderr.write_all(text.as_bytes());
}

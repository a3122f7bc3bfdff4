//! Text in lines that fit the terminal.

use std::fmt::Write as _;
use std::io;
use std::sync::OnceLock;

use anstyle::Style;
use terminal_size::{Height, Width, terminal_size, terminal_size_of};
use textwrap::WordSplitter;
use unicode_width::UnicodeWidthStr;

use super::escape::{visible, visible_lines};
use super::styles::BOLD;

/// Whether a line without styles fits the terminal.
pub(crate) fn fits(line: &str) -> bool {
    line.width() <= width()
}

/// The columns that were asked for by an option of this command.
static ASKED: OnceLock<usize> = OnceLock::new();

/// Fits all text of this command to `columns` from now on, whatever the terminal has.
pub(crate) fn ask_for(columns: usize) {
    let _ = ASKED.set(columns);
}

/// The columns that text is fitted to: those there are, within reason.
pub(crate) fn width() -> usize {
    columns().clamp(40, 100)
}

/// The columns that pictures are fitted to: the wider, the more they show.
pub(crate) fn picture_width() -> usize {
    let most = if ASKED.get().is_some() {
        usize::MAX
    } else {
        200
    };
    columns().clamp(40, most)
}

/// The columns that were asked for; those of the terminal on standard output; those that
/// `COLUMNS` says of the reader of a pipe; those of another terminal, or 80.
fn columns() -> usize {
    let of = |size: Option<(Width, Height)>| size.map(|(width, _)| usize::from(width.0));
    let of_reader = || std::env::var("COLUMNS").ok()?.parse().ok();
    let asked = ASKED.get().copied();
    asked
        .or_else(|| of(terminal_size_of(io::stdout())))
        .or_else(of_reader)
        .or_else(|| of(terminal_size()))
        .unwrap_or(80)
}

/// `text` in lines that fit the terminal, the first indented by `first`. Words are not
/// broken, for they may be options, names or paths; a no-break space joins two. Escape
/// sequences in it are shown, not obeyed.
pub(crate) fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(width())
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let mut text = textwrap::fill(&visible_lines(text), options).replace('\u{a0}', " ");
    text.push('\n');
    text
}

/// `LABEL: text` in lines that fit, the label in its style.
pub(crate) fn labelled(style: Style, label: &str, text: &str, indent: &str) -> String {
    let plain = format!("{label}:");
    let rest = format!("{indent}  ");
    let text = wrapped(&format!("{plain} {text}"), indent, &rest);
    text.replacen(&plain, &format!("{style}{plain}{style:#}"), 1)
}

/// A title and its meaning, in one line if that fits.
pub(crate) fn titled(title: &str, text: &str) -> String {
    if fits(&format!("{title}  {text}")) {
        return format!("{BOLD}{title}{BOLD:#}  {text}\n");
    }
    format!("{BOLD}{title}{BOLD:#}\n{}", wrapped(text, "  ", "  "))
}

/// Names and their meanings, in two columns.
pub(crate) fn entries(entries: &[(String, String)], indent: &str) -> String {
    let names = entries.iter().map(|(name, _)| name.chars().count());
    let column = names.max().unwrap_or_default() + 2;
    let rest = format!("{indent}{:column$}", "");
    let entry = |(name, text): &(String, String)| {
        let first = format!("{indent}{name:<column$}");
        wrapped(text, &first, &rest)
    };
    entries.iter().map(entry).collect()
}

/// A command in lines that fit, which a shell takes for one. An option stays beside its
/// value.
pub(crate) fn command(command: &str, indent: &str) -> String {
    let command = visible(command);
    let mut text = indent.to_owned();
    let mut column = indent.width();
    for (index, part) in command.split(" --").enumerate() {
        let part = match index {
            0 => part.to_owned(),
            _ => format!(" --{part}"),
        };
        let length = part.width();
        // Two columns are for the mark that the command goes on.
        if index > 0 && column + length + 2 > width() {
            let _ = write!(text, " \\\n{indent} ");
            column = indent.width() + 1;
        }
        text.push_str(&part);
        column += length;
    }
    text.push('\n');
    text
}

/// How to run a cell again that went wrong.
pub(crate) fn again(command: &str) -> String {
    self::command(&format!("again: {command}"), "  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_told_by_the_columns_that_letters_take() {
        assert!(fits(&"a".repeat(width())));
        assert!(!fits(&"a".repeat(width() + 1)));
        assert!(fits(&"日".repeat(width() / 2)));
        assert!(!fits(&"日".repeat(width() / 2 + 1)));
    }
}

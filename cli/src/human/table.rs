//! Tables without lines, and the width of the terminal.

use comfy_table::{CellAlignment, Table, presets};
use unicode_width::UnicodeWidthStr;

/// The lines of a table, the head first, with two blanks between its columns. The columns
/// whose indices satisfy `right` are right-aligned, as numbers are.
pub(crate) fn aligned<R>(
    header: &[&str],
    rows: impl IntoIterator<Item = R>,
    right: impl Fn(usize) -> bool,
) -> Vec<String>
where
    R: IntoIterator<Item = String>,
{
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if right(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.lines();
    lines.map(|line| line.trim_end().to_owned()).collect()
}

/// The mark for an empty table cell.
pub(crate) fn dash() -> String {
    "–".to_owned()
}

/// Whether a line without styles fits the terminal.
pub(crate) fn fits(line: &str) -> bool {
    line.width() <= width()
}

/// The number of columns to fit text to: the terminal's, within reason, or 80.
pub(crate) fn width() -> usize {
    let terminal = terminal_size::terminal_size();
    terminal.map_or(80, |(width, _)| usize::from(width.0).clamp(40, 100))
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

    #[test]
    fn numbers_stand_at_the_right_and_no_line_ends_with_blanks() {
        let rows = [["tokio", "9", ""], ["日本", "10", "best"]];
        let rows = rows.map(|row| row.map(str::to_owned));
        let lines = aligned(&["runner", "time", ""], rows, |index| index == 1);
        assert_eq!(
            lines,
            ["runner  time", "tokio      9", "日本      10  best"]
        );
    }
}

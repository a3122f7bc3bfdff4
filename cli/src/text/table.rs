//! Tables without lines, and the width of the terminal.

use comfy_table::{CellAlignment, Table, presets};

use super::escape::visible;

/// The lines of a table, the head first, with two blanks between its columns. The columns
/// whose indices satisfy `right` are right-aligned, as numbers are. Escape
/// sequences are shown, not obeyed.
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
        let row = row.into_iter();
        table.add_row(row.map(|cell| visible(&cell).into_owned()));
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

#[cfg(test)]
mod tests {
    use super::*;

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

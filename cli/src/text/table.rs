//! Tables without lines.

use comfy_table::{CellAlignment, Table, presets};

/// The lines of a table, the head first, two blanks between its columns. The columns
/// whose indices `right` says stand at the right, as numbers do.
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

/// The placeholder for a value that there is not.
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

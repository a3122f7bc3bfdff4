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

/// The table without the columns that say nothing in any row; the first column always stays.
pub(crate) fn telling(
    header: Vec<&str>,
    mut rows: Vec<Vec<String>>,
) -> (Vec<&str>, Vec<Vec<String>>) {
    let says = |cell: &String| !cell.is_empty() && *cell != dash();
    let column = |index: usize| index == 0 || rows.iter().any(|row| says(&row[index]));
    let kept: Vec<bool> = (0..header.len()).map(column).collect();
    for row in &mut rows {
        let mut kept = kept.iter();
        row.retain(|_| kept.next() == Some(&true));
    }
    let header = header.into_iter().zip(kept);
    let header = header.filter_map(|(head, kept)| kept.then_some(head));
    (header.collect(), rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_dashes_is_left_out() {
        let rows = [["tokio", "–", "–"], ["smol", "", "1 s"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec()).to_vec();
        let (header, rows) = telling(vec!["runner", "workers", "time"], rows);
        assert_eq!(header, ["runner", "time"]);
        assert_eq!(rows, [["tokio", "–"], ["smol", "1 s"]]);
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

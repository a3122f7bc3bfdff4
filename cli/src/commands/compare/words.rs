//! Names of columns, as tables have room for them, and verdicts as a person says them.

use super::sheet::Sheet;
use crate::model::column::runner_of;
use crate::model::comparison::Verdict;
use crate::stats::judge::Judged;
use crate::text::lists::distinct;
use crate::text::units::counted;

/// How the columns of a comparison are named in a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Names {
    Full,
    Short,
    /// By a letter each, which a line below the table explains.
    Letters,
}

impl Names {
    pub(super) fn of(self, sheet: &Sheet<'_>, column: &str) -> String {
        match self {
            Names::Full => column.to_owned(),
            Names::Short => short(column),
            Names::Letters => {
                let place = columns(sheet).iter().position(|known| known == column);
                place.map_or_else(|| short(column), letter)
            }
        }
    }

    /// The lines below a table that explain the letters of these columns.
    pub(super) fn key<'a>(
        self,
        sheet: &Sheet<'_>,
        columns: impl Iterator<Item = &'a String>,
    ) -> Vec<String> {
        // Not wrapped: a name has no place to break it at.
        columns
            .filter(|_| self == Names::Letters)
            .map(|column| format!("  {}: {column}", self.of(sheet, column)))
            .collect()
    }
}

/// `a` to `z`, then `aa` to `zz`.
fn letter(place: usize) -> String {
    let letter = (b'a'..=b'z').nth(place % 26).map(char::from);
    std::iter::repeat_n(letter, place / 26 + 1)
        .flatten()
        .collect()
}

/// The columns of all lines.
pub(super) fn columns(sheet: &Sheet<'_>) -> Vec<String> {
    let cells = sheet.lines.iter().flat_map(|line| &line.row.cells);
    distinct(cells.map(|cell| cell.column.clone()))
}

/// A column's name where there is little room: the runner's own is shorter.
pub(super) fn short(name: &str) -> String {
    match runner_of(name) {
        "tokio-current-thread" => name.replacen("tokio-current-thread", "tokio-ct", 1),
        _ => name.to_owned(),
    }
}

/// The verdict in a word or two; empty where there is none to give. Those that are equal while
/// the rest is behind are the fastest.
pub(super) fn verdict(judged: &Judged) -> &'static str {
    match judged.verdict {
        _ if !judged.ranked => "",
        Verdict::Equal if judged.fastest => "equal (fastest)",
        verdict => verdict.name(),
    }
}

/// What would settle an unknown verdict.
pub(super) fn more_rounds(judged: &Judged) -> String {
    match judged.more_rounds {
        Some(more) => format!("about {} would tell", counted(more as usize, "more round")),
        None => "more rounds would hardly tell, a quieter machine might".to_owned(),
    }
}

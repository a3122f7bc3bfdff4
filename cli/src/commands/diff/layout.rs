//! The lines of the changes: one per cell, or two if one does not fit.

use anstyle::Style;

use super::change::Change;
use crate::text::styles::{BAD, BOLD};
use crate::text::{table, units, wrap};

/// A line and how it stands out.
pub(super) struct StyledLine {
    pub(super) style: Style,
    pub(super) text: String,
}

/// A head, and what became of each cell.
pub(super) fn lines(changes: &[Change]) -> Vec<StyledLine> {
    let beside = beside(changes);
    let fits = |line: &StyledLine| wrap::fits(&line.text);
    match beside.iter().all(fits) {
        true => beside,
        false => below(changes),
    }
}

/// Each cell's name beside its figures.
fn beside(changes: &[Change]) -> Vec<StyledLine> {
    let rows = changes.iter().map(|change| {
        let name = [change.cell.clone()];
        name.into_iter().chain(figures(change))
    });
    let header: Vec<&str> = ["cell"].into_iter().chain(HEADER).collect();
    let texts = aligned(&header, rows);
    let styles = [BOLD].into_iter().chain(changes.iter().map(style));
    let lines = styles.zip(texts);
    lines
        .map(|(style, text)| StyledLine { style, text })
        .collect()
}

/// Each cell's name in a line of its own, above its figures.
fn below(changes: &[Change]) -> Vec<StyledLine> {
    let mut texts = aligned(&HEADER, changes.iter().map(figures)).into_iter();
    let indented = |text: String| format!("  {text}");
    let head = StyledLine {
        style: BOLD,
        text: texts.next().map(indented).unwrap_or_default(),
    };
    let mut lines = vec![head];
    for (change, text) in changes.iter().zip(texts) {
        let name = wrap::wrapped(&change.cell, "", "    ");
        let style = style(change);
        let name = name.lines().map(str::to_owned);
        lines.extend(
            name.chain([indented(text)])
                .map(|text| StyledLine { style, text }),
        );
    }
    lines
}

const HEADER: [&str; 6] = ["by", "old", "new", "new/old", "", ""];

fn figures(change: &Change) -> [String; HEADER.len()] {
    let [old, new] = change.shown.clone();
    let known = change.ratio_interval;
    let known = known.filter(|ends| ends.iter().all(|end| end.is_finite()));
    let interval = known.map(|[low, high]| {
        let (low, high) = (units::factor(low), units::factor(high));
        format!("{low} to {high}")
    });
    [
        change.figure.clone(),
        old,
        new,
        change.ratio.map_or_else(table::dash, units::factor),
        interval.unwrap_or_default(),
        change.verdict.name().to_owned(),
    ]
}

fn style(change: &Change) -> Style {
    match change.verdict.is_bad() {
        true => BAD,
        false => Style::new(),
    }
}

/// The lines of a table with right-aligned numbers.
fn aligned<R: IntoIterator<Item = String>>(
    header: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Vec<String> {
    let is_number = |index: usize| ["old", "new", "new/old"].contains(&header[index]);
    table::aligned(header, rows, is_number)
}

#[cfg(test)]
mod tests {
    use super::super::change::Verdict;
    use super::*;

    fn change(cell: &str, verdict: Verdict) -> Change {
        Change {
            cell: cell.to_owned(),
            figure: "max lateness".to_owned(),
            old: Some(1e6),
            new: Some(2e6),
            ratio: Some(2.0),
            ratio_interval: Some([1.95, 120.0]),
            verdict,
            samples_that_tell: None,
            reason: None,
            shown: ["1 ms".to_owned(), "2 ms".to_owned()],
        }
    }

    fn texts(changes: &[Change]) -> Vec<String> {
        lines(changes).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn what_fits_is_a_line_a_cell() {
        let texts = texts(&[change("hog/inline@smol (2)", Verdict::Worse)]);
        assert_eq!(
            texts[1],
            "hog/inline@smol (2)  max lateness  1 ms  2 ms     2.00  1.95 to 120  WORSE"
        );
        assert_eq!(texts.len(), 2);
    }

    #[test]
    fn what_does_not_fit_has_its_name_above_and_every_line_fits() {
        let long = "cancel-latency/before-first-poll@tokio-current-thread (1) rounds=1000";
        let two = [
            change(long, Verdict::Worse),
            change(
                &format!("{long} wait=1000000000 more=2000000000"),
                Verdict::Equal,
            ),
        ];
        let lines = lines(&two);
        let fits = |line: &StyledLine| wrap::fits(&line.text);
        assert!(lines.iter().all(fits));
        assert_eq!(lines[1].text, long);
        assert!(lines[2].text.ends_with("1.95 to 120  WORSE"));
        assert_eq!(lines[2].style, BAD);
        assert!(lines[4].text.starts_with("    "), "{}", lines[4].text);
        assert_eq!(lines.len(), 6);
    }
}

//! The shapes of medians and lines.

use std::fmt::Write as _;

use crate::model::comparison::Verdict;

/// The most columns of a runner's name: a longer one is cut.
pub(super) const NAME: usize = 40;

/// A diamond for the best, a disc for an equal one, a ring for one behind, a square for an
/// unknown one.
pub(super) fn median(verdict: Verdict, x: f64, y: f64) -> String {
    match verdict {
        Verdict::Best => {
            let top = y - 7.5;
            format!(r#"<path class="best" d="M{x:.1} {top:.1}l7.5 7.5l-7.5 7.5l-7.5 -7.5z"/>"#)
        }
        Verdict::Equal => format!(r#"<circle class="equal" cx="{x:.1}" cy="{y:.1}" r="5.5"/>"#),
        Verdict::Behind => format!(r#"<circle class="behind" cx="{x:.1}" cy="{y:.1}" r="4.5"/>"#),
        Verdict::Unknown => {
            let (left, top) = (x - 4.5, y - 4.5);
            format!(r#"<rect class="unknown" x="{left:.1}" y="{top:.1}" width="9" height="9"/>"#)
        }
    }
}

/// A line through points.
pub(super) fn path(class: &str, points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut line = String::new();
    for (x, y) in points {
        let step = if line.is_empty() { 'M' } else { 'L' };
        let _ = write!(line, "{step}{x:.1} {y:.1}");
    }
    match line.is_empty() {
        true => line,
        false => format!(r#"<path class="{class}" d="{line}"/>"#),
    }
}

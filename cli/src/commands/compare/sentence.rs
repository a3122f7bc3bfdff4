//! A line of a comparison in a sentence, as a person would say it.

use super::sheet::SheetLine;
use super::words;
use crate::model::comparison::Verdict;
use crate::model::metric::Figure;
use crate::stats::difference::{Difference, difference};
use crate::stats::intervals;
use crate::stats::judge::Judged;
use crate::stats::relation::Rule;
use crate::text::lists::{distinct, joined};
use crate::text::units::{percent, times};

/// A ranked cell: its column, its place in the row, and the judgement on it.
type Ranked<'a> = (&'a str, usize, &'a Judged);

/// What is known of the line, in a sentence or two, and then each thing that is not known, with
/// what would settle it. Empty if there is nothing to compare.
pub(crate) fn sentences(line: &SheetLine<'_>, rule: &Rule) -> Vec<String> {
    if !line.row.figure.is_ranked() {
        return vec!["There is no better or worse here.".to_owned()];
    }
    let cells = line.row.cells.iter().zip(&line.judged).enumerate();
    let mut ranked: Vec<Ranked<'_>> = cells
        .filter(|(index, _)| line.row.ranked[*index])
        .filter_map(|(index, (cell, judged))| Some((&*cell.column, index, judged.as_ref()?)))
        .collect();
    ranked.sort_by(|(.., a), (.., b)| f64::total_cmp(&a.median, &b.median));
    let [fastest, others @ ..] = &ranked[..] else {
        return Vec::new();
    };
    if others.is_empty() {
        return Vec::new();
    }
    let of = |wanted: Verdict| -> Vec<Ranked<'_>> {
        let those = others
            .iter()
            .filter(|(.., judged)| judged.verdict == wanted);
        those.copied().collect()
    };
    let said = Said {
        line,
        rule,
        fastest: *fastest,
        equal: of(Verdict::Equal),
        behind: of(Verdict::Behind),
        unknown: of(Verdict::Unknown),
    };
    said.sentences()
}

/// The cells of a line by their relation to the fastest, the next one first.
struct Said<'a> {
    line: &'a SheetLine<'a>,
    rule: &'a Rule,
    fastest: Ranked<'a>,
    equal: Vec<Ranked<'a>>,
    behind: Vec<Ranked<'a>>,
    unknown: Vec<Ranked<'a>>,
}

impl Said<'_> {
    fn sentences(&self) -> Vec<String> {
        let mut known: Vec<String> = Vec::new();
        if !self.equal.is_empty() {
            let equal = self.equal(&self.fastest, &self.equal.iter().collect::<Vec<_>>());
            known.push(match self.behind.is_empty() {
                true => format!("{equal}, within {} %", percent(self.rule.margin)),
                false => equal,
            });
        }
        known.extend(self.distances());
        let known = (!known.is_empty()).then(|| known.join("; ") + ".");
        let remedies = distinct(self.unknown.iter().map(|cell| self.remedy(cell)));
        let unknown = remedies.into_iter().map(|remedy| self.unknown(&remedy));
        known.into_iter().chain(unknown).collect()
    }

    /// How far the fastest is ahead of those behind, and which of these are equal.
    fn distances(&self) -> Vec<String> {
        let [next, others @ ..] = &self.behind[..] else {
            return Vec::new();
        };
        let (alike, rest): (Vec<&Ranked<'_>>, Vec<&Ranked<'_>>) =
            others.iter().partition(|other| self.are_equal(other, next));
        let fastest = self.fastest.0;
        let is_speed = is_speed(self.line.row.figure);
        let (factor, known) = (factor(next), interval(next));
        let mut text = match is_speed {
            true => format!("{fastest} is {factor} times as fast as {}{known}", next.0),
            false => {
                let figure = said(self.line.row.figure);
                format!(
                    "{} has {factor} times the {figure} of {fastest}{known}",
                    next.0
                )
            }
        };
        if let [nearest, .., farthest] | [nearest @ farthest] = rest[..] {
            let names = names(rest.iter().copied());
            let mut factors = self::factor(nearest);
            let most = self::factor(farthest);
            if most != factors {
                factors = format!("{factors} to {most}");
            }
            text.push_str(&match is_speed {
                true => format!(", and {factors} times as fast as {names}"),
                false => format!(", and {names} {factors} times"),
            });
        }
        let mut texts = vec![text];
        if !alike.is_empty() {
            texts.push(self.equal(next, &alike));
        }
        texts
    }

    /// `a, b and c are equal` only if any two of them are, else `b and c are each equal to a`.
    fn equal(&self, one: &Ranked<'_>, others: &[&Ranked<'_>]) -> String {
        let pairs = others.iter().enumerate();
        let are_all = pairs
            .flat_map(|(index, other)| others[..index].iter().map(move |before| (other, before)))
            .all(|(other, before)| self.are_equal(other, before));
        match are_all {
            true => format!(
                "{} are equal",
                names([one].into_iter().chain(others.iter().copied()))
            ),
            false => format!(
                "{} are each equal to {}",
                names(others.iter().copied()),
                one.0
            ),
        }
    }

    /// Sound for any pair of a row: verdicts are corrected for all of them.
    fn are_equal(&self, one: &Ranked<'_>, other: &Ranked<'_>) -> bool {
        let row = &self.line.row;
        let ratios = row.ratios(row.cells[one.1], row.cells[other.1]);
        let interval = intervals::interval(&ratios, self.rule.looks.confidence());
        difference(interval, self.rule.margin, self.rule.noise) == Difference::Equal
    }

    /// What would settle it: of another build, nothing would within the layout floor.
    fn remedy(&self, cell: &Ranked<'_>) -> String {
        let [build, of_fastest] =
            [cell, &self.fastest].map(|cell| &self.line.row.cells[cell.1].build);
        let floor = self.line.layout_floor.filter(|_| build != of_fastest);
        match floor {
            Some(floor) if floor.is_infinite() => "the layout floor was not measured".to_owned(),
            Some(floor) if cell.2.to_fastest.is_some_and(|ratio| ratio <= 1.0 + floor) => {
                "it lies within the layout floor, so rounds do not tell".to_owned()
            }
            _ => words::more_rounds(cell.2),
        }
    }

    /// The cells of which nothing is known and that this would settle.
    fn unknown(&self, remedy: &str) -> String {
        let those = self.unknown.iter();
        let those = those.filter(|cell| self.remedy(cell) == remedy);
        let known: Vec<String> = those.map(|cell| self.guess(cell)).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let (fastest, known) = (self.fastest.0, joined(&known, "or"));
        match is_speed(self.line.row.figure) {
            true => format!("Unknown: whether {fastest} is faster than {known}; {remedy}."),
            false => {
                let figure = said(self.line.row.figure);
                format!("Unknown: whether {fastest} has less {figure} than {known}; {remedy}.")
            }
        }
    }

    /// `tokio (1.06 times, 0.62 to 2.7)`
    fn guess(&self, cell: &Ranked<'_>) -> String {
        let ends = cell.2.to_fastest_interval;
        let ends = ends.map_or_else(String::new, |ends| {
            format!(", {} to {}", times(ends.low), times(ends.high))
        });
        format!("{} ({} times{ends})", cell.0, factor(cell))
    }
}

fn names<'a>(cells: impl Iterator<Item = &'a Ranked<'a>>) -> String {
    let names: Vec<&str> = cells.map(|(name, ..)| *name).collect();
    joined(&names, "and")
}

fn factor(cell: &Ranked<'_>) -> String {
    let factor = cell.2.to_fastest.filter(|factor| factor.is_finite());
    // Beside a fastest of nothing.
    factor.map_or_else(|| "any number of".to_owned(), times)
}

/// ` (1.6 to 2.1)`
fn interval(cell: &Ranked<'_>) -> String {
    let known = cell.2.to_fastest_interval;
    let known = known.filter(|known| known.low.is_finite() && known.high.is_finite());
    known.map_or_else(String::new, |known| {
        format!(" ({} to {})", times(known.low), times(known.high))
    })
}

/// Whether less of it is said as faster.
fn is_speed(figure: Figure) -> bool {
    let name = figure.name();
    figure.is_time() || name.starts_with("per ") || ["creation", "each"].contains(&name)
}

/// A figure within a sentence.
fn said(figure: Figure) -> &'static str {
    match figure.name() {
        "cpu" => "CPU time",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::testing::{about, with_sheet};
    use super::*;

    #[track_caller]
    fn said(command: &str, samples: &[Vec<u64>], expected: &[&str]) {
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        with_sheet(command, &samples, None, |sheet| {
            assert_eq!(sentences(&sheet.lines[0], &sheet.rule), expected);
        });
    }

    #[test]
    fn the_best_is_told_with_the_next_and_those_behind_that_are_equal() {
        said(
            "waiter/tasks --runner tokio,async-std,smol,threads",
            &[about(180, 1), about(180, 1), about(100, 1), about(900, 1)],
            &[
                "smol is 1.8 times as fast as tokio (1.8 to 1.8), and 9.0 times as fast as threads; \
               tokio and async-std are equal.",
            ],
        );
    }

    #[test]
    fn equal_ones_are_told_as_equal() {
        let two = "waiter/tasks --runner tokio,smol";
        let equal = ["tokio and smol are equal, within 5 %."];
        said(two, &[about(100, 1), about(100, 1)], &equal);
        said(
            "waiter/tasks --runner tokio,smol,threads",
            &[about(100, 1), about(100, 1), about(300, 1)],
            &["tokio and smol are equal; tokio is 3.0 times as fast as threads (3.0 to 3.0)."],
        );
    }

    #[test]
    fn three_are_equal_only_if_any_two_are() {
        let around = |micros: [u64; 2]| -> Vec<u64> {
            (0..20).map(|round| 1000 * micros[round % 2]).collect()
        };
        said(
            "waiter/tasks --runner tokio,smol,threads",
            &[
                around([1000, 1000]),
                around([960, 1045]),
                around([1045, 960]),
            ],
            &["smol and threads are each equal to tokio, within 5 %."],
        );
    }

    #[test]
    fn a_figure_that_is_no_speed_is_no_faster() {
        said(
            "waiter/tasks --runner tokio,smol --figure cpu",
            &[about(300, 1), about(100, 1)],
            &["tokio has 3.0 times the CPU time of smol (3.0 to 3.0)."],
        );
    }

    #[test]
    fn what_is_not_known_is_told_with_what_would_settle_it() {
        let noisy = |index: u64| 100_000_000 + 40_000_000 * (index % 2);
        let one: Vec<u64> = (0..20).map(noisy).collect();
        let other: Vec<u64> = (1..21).map(noisy).collect();
        let samples = [one, other];
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        let command = "waiter/tasks --runner tokio,smol";
        with_sheet(command, &samples, None, |sheet| {
            let told = sentences(&sheet.lines[0], &sheet.rule);
            let [told] = &told[..] else {
                panic!("{told:?}");
            };
            let begins = "Unknown: whether tokio is faster than smol (1.06 times, 0.71 to 1.40); ";
            assert!(told.starts_with(begins), "{told}");
        });
    }
}

//! Tests the procedure as a whole, on rows whose truth is known: how often it is wrong, and how
//! soon it tells. The noise is log-normal, or drawn from samples that were recorded.

use fastrand::Rng;

use super::judge::tests::cell;
use super::judge::{Row, relations};
use super::looks::Looks;
use super::medians::median;
use super::relation::{MARGIN, NOISE, Rule, is_settled, verdicts};
use crate::model::comparison::Verdict;
use crate::model::metric::Figure;
use crate::model::result::CellResult;

/// Two columns of the same runner, 40 rounds, as saved on two processors by `pollmark
/// compare divisibles/sync --param scale=100 --runner tokio,tokio --samples 40 --save
/// FILE`; rounds and nanoseconds only.
const RECORDED: &str = include_str!("recorded_aa.json");

/// Each recorded sample by the median of its column.
fn recorded() -> Vec<f64> {
    let columns: Vec<Vec<f64>> = serde_json::from_str(RECORDED).expect("it is a list");
    let relative = |column: Vec<f64>| {
        let middle = median(&column).expect("there are samples");
        column.into_iter().map(move |nanos| nanos / middle)
    };
    columns.into_iter().flat_map(relative).collect()
}

#[derive(Clone, Copy)]
enum Noise<'a> {
    Drawn(&'a [f64]),
    /// The standard deviation of the logarithm of a ratio, round by round.
    LogNormal(f64),
}

impl Noise<'_> {
    fn factor(self, rng: &mut Rng) -> f64 {
        match self {
            Noise::Drawn(from) => from[rng.usize(..from.len())],
            Noise::LogNormal(of_ratio) => {
                // Box and Muller; both sides of a ratio have their part of the noise.
                let far = (-2.0 * rng.f64().max(f64::MIN_POSITIVE).ln()).sqrt();
                let normal = far * (std::f64::consts::TAU * rng.f64()).cos();
                (normal * of_ratio / std::f64::consts::SQRT_2).exp()
            }
        }
    }
}

/// A comparison of so many ratios.
fn rule(comparisons: usize) -> Rule {
    Rule {
        margin: MARGIN,
        noise: NOISE,
        looks: Looks::several(comparisons),
    }
}

/// The verdicts on columns that truly take as many times as long, after at most so many rounds.
fn told(rng: &mut Rng, noise: Noise<'_>, truth: &[f64], rule: &Rule, most: u32) -> Vec<Verdict> {
    let sample = |truth: f64, rng: &mut Rng| (1e8 * truth * noise.factor(rng)) as u64;
    let mut samples: Vec<Vec<u64>> = vec![Vec::new(); truth.len()];
    let mut found = Vec::new();
    for look in rule.looks.at().iter().filter(|look| **look <= most) {
        for (samples, truth) in samples.iter_mut().zip(truth) {
            samples.resize_with(*look as usize, || sample(*truth, rng));
        }
        let cells: Vec<CellResult> = samples.iter().map(|nanos| cell("tokio", nanos)).collect();
        let row = Row {
            figure: Figure::TIME,
            cells: cells.iter().collect(),
            ranked: vec![true; cells.len()],
            rounds: None,
            relinked: Vec::new(),
        };
        let relations = relations(&row, rule);
        found = verdicts(&relations);
        if is_settled(&relations) {
            break;
        }
    }
    found.into_iter().map(|(verdict, ..)| verdict).collect()
}

/// How many of `rows` rows of two have that verdict on the second, which truly takes `slower`
/// times as long.
fn of(rows: usize, noise: Noise<'_>, slower: f64, verdict: Verdict, most: u32) -> usize {
    let (mut rng, rule) = (Rng::with_seed(7), rule(1));
    (0..rows)
        .filter(|_| told(&mut rng, noise, &[1.0, slower], &rule, most)[1] == verdict)
        .count()
}

/// The rows in which one of so many equal columns is called best or behind.
fn false_marks(rows: usize, noise: Noise<'_>, columns: usize, rows_of_table: usize) -> usize {
    let rule = rule(rows_of_table * columns * (columns - 1) / 2);
    let mut rng = Rng::with_seed(11);
    (0..rows)
        .filter(|_| {
            let told = told(&mut rng, noise, &vec![1.0; columns], &rule, u32::MAX);
            let is_false = |verdict| matches!(verdict, &Verdict::Best | &Verdict::Behind);
            told.iter().any(is_false)
        })
        .count()
}

#[test]
fn of_1600_rows_of_equal_columns_at_most_one_is_marked_falsely() {
    let recorded = recorded();
    // Of fewer rows none at all.
    for (noise, rows, columns, rows_of_table) in [
        (Noise::Drawn(&recorded), 1_600, 2, 1),
        (Noise::Drawn(&recorded), 800, 5, 8),
        (Noise::Drawn(&recorded), 800, 5, 65),
        (Noise::LogNormal(0.05), 1_600, 2, 1),
        (Noise::LogNormal(0.15), 800, 2, 1),
    ] {
        let marked = false_marks(rows, noise, columns, rows_of_table);
        assert!(
            marked <= rows / 1_600,
            "{marked} of {rows} with {columns} columns, in a table of {rows_of_table}"
        );
    }
}

#[test]
fn what_is_truly_at_the_margin_is_seldom_equal() {
    for noise in [0.01, 0.03, 0.05] {
        let equal = of(
            400,
            Noise::LogNormal(noise),
            1.0 + MARGIN,
            Verdict::Equal,
            256,
        );
        assert!(equal <= 20, "{equal} of 400 at {noise}");
    }
}

#[test]
fn a_tenth_slower_is_behind_as_soon_as_the_noise_allows() {
    for (noise, most) in [(0.05, 64), (0.15, 256)] {
        let behind = of(200, Noise::LogNormal(noise), 1.1, Verdict::Behind, most);
        assert!(behind >= 190, "{behind} of 200 at {noise}");
    }
    let recorded = recorded();
    let behind = of(200, Noise::Drawn(&recorded), 1.1, Verdict::Behind, 32);
    assert!(behind >= 190, "{behind} of 200");
}

#[test]
fn the_same_is_equal_as_soon_as_the_noise_allows() {
    let equal = of(200, Noise::LogNormal(0.03), 1.0, Verdict::Equal, 64);
    assert!(equal >= 180, "{equal} of 200");
    let recorded = recorded();
    let equal = of(200, Noise::Drawn(&recorded), 1.0, Verdict::Equal, 64);
    assert!(equal >= 180, "{equal} of 200");
}

#[test]
fn where_the_noise_hides_it_nothing_is_claimed() {
    let unknown = of(50, Noise::LogNormal(0.6), 1.1, Verdict::Unknown, 256);
    assert!(unknown >= 45, "{unknown} of 50");
}

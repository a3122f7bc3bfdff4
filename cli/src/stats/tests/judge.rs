//! Tests the verdicts on rows made by hand.

use pollmark_core::Expected;

use super::super::looks::Looks;
use super::super::relation::{MARGIN, NOISE};
use super::*;
use Verdict::{Behind, Best, Equal, Unknown};

pub(crate) fn cell(runner: &str, nanos: &[u64]) -> CellResult {
    let sample = |(round, nanos): (usize, &u64)| Sample {
        round: round as u32,
        scenario_ns: Some(*nanos),
        ..Sample::default()
    };
    CellResult {
        scenario: "made".to_owned(),
        variant: "up".to_owned(),
        base: runner.to_owned(),
        settings: Default::default(),
        build: None,
        column: runner.to_owned(),
        workers: Some(1),
        blocking_threads: None,
        speed: 1.0,
        params: serde_json::json!({}),
        status: Status::Ok,
        error: None,
        expected: Expected::Ends,
        ideal_ns: Some(100),
        lower_bound_ns: Some(100),
        samples: nanos.iter().enumerate().map(sample).collect(),
        counted: None,
        axes: None,
        outcome: serde_json::json!({}),
        transcript: Vec::new(),
        notes: Vec::new(),
        command: String::new(),
    }
}

/// One look at three comparisons takes 12 samples for an interval.
pub(in crate::stats) fn rule() -> Rule {
    Rule {
        margin: MARGIN,
        noise: NOISE,
        looks: Looks::once(14, 3),
    }
}

pub(in crate::stats) fn row(cells: &[CellResult]) -> Row<'_> {
    Row {
        figure: Figure::TIME,
        cells: cells.iter().collect(),
        ranked: vec![true; cells.len()],
        rounds: None,
        relinked: Vec::new(),
    }
}

fn judged(cells: &[CellResult], reference: &Reference) -> Vec<Judged> {
    let judged = judge(&row(cells), reference, &rule());
    judged.into_iter().map(Option::unwrap).collect()
}

fn verdicts(cells: &[CellResult]) -> Vec<Verdict> {
    let judged = judged(cells, &Reference::Ideal);
    judged.into_iter().map(|judged| judged.verdict).collect()
}

fn fastest(cells: &[CellResult]) -> Vec<bool> {
    let judged = judged(cells, &Reference::Ideal);
    judged.into_iter().map(|judged| judged.fastest).collect()
}

/// A steady figure with a wobble of 1 %.
pub(in crate::stats) fn around(nanos: u64) -> [u64; 14] {
    let wobble = [0, 1, 0, 2, 1, 0, 1, 0, 2, 1, 0, 1, 1, 0];
    wobble.map(|percent| nanos + nanos / 100 * percent)
}

#[test]
fn the_fastest_are_marked_only_where_the_rest_is_behind() {
    let [a, b, c] = [1000, 1300, 1500].map(around);
    let apart = [cell("a", &a), cell("b", &b), cell("c", &c)];
    assert_eq!(verdicts(&apart), [Best, Behind, Behind]);
    assert_eq!(fastest(&apart), [true, false, false]);
    let near = [cell("a", &a), cell("b", &around(1005)), cell("c", &c)];
    assert_eq!(verdicts(&near), [Equal, Equal, Behind]);
    assert_eq!(fastest(&near), [true, true, false]);
    assert_eq!(verdicts(&near[..2]), [Equal, Equal]);
    assert_eq!(fastest(&near[..2]), [false, false], "there is no rest");
    assert_eq!(verdicts(&apart[..1]), [Unknown]);
}

#[test]
fn what_one_that_is_unknown_leaves_known_is_said() {
    let wide: [u64; 14] = std::array::from_fn(|round| if round % 2 == 0 { 900 } else { 1300 });
    let wide = cell("wide", &wide);
    let [a, b, c] = [("a", 1000), ("b", 1005), ("c", 1500)].map(|(name, nanos)| {
        let samples = around(nanos);
        cell(name, &samples)
    });
    let all = [a.clone(), b, c.clone(), wide.clone()];
    assert_eq!(verdicts(&all), [Equal, Equal, Behind, Unknown]);
    assert_eq!(fastest(&all), [false; 4]);
    assert_eq!(verdicts(&[a, c, wide]), [Unknown, Behind, Unknown]);
}

#[test]
fn a_difference_within_the_margin_is_equal_however_sure_it_is() {
    for (other, verdict) in [(1010, Equal), (1040, Equal)] {
        let cells = [cell("a", &[1000; 14]), cell("b", &[other; 14])];
        assert_eq!(verdicts(&cells), [verdict; 2], "{other}");
    }
    // Of what is not within the margin, what is beyond the noise is behind.
    let between: [u64; 14] = std::array::from_fn(|round| 1030 + 3 * round as u64);
    let cells = [cell("a", &[1000; 14]), cell("b", &between)];
    assert_eq!(verdicts(&cells), [Best, Behind]);
}

#[test]
fn unknown_tells_the_rounds_that_would_settle_it() {
    let more = |percent: u64| {
        // The ratio is 1, with an interval of that many per cent about it.
        let b: [u64; 14] = std::array::from_fn(|round| match round % 2 {
            0 => 1000 - 10 * percent,
            _ => 1000 + 10 * percent,
        });
        judged(&[cell("a", &[1000; 14]), cell("b", &b)], &Reference::Ideal)[1].more_rounds
    };
    assert_eq!(more(4), None, "it is settled");
    // (7 / 5)^2 * 14 = 27 rounds: the next look is at 32.
    assert_eq!(more(7), Some(32 - 14));
    assert_eq!(more(12), Some(128 - 14));
    assert_eq!(more(40), None, "no look would do");
    let few = [cell("a", &[1000; 9]), cell("b", &[1000; 9])];
    assert_eq!(judged(&few, &Reference::Ideal)[0].more_rounds, Some(7));
}

#[test]
fn only_the_rounds_of_the_last_look_count() {
    let mut slower = [1000; 20];
    slower[14..].fill(90_000);
    let cells = [cell("a", &[1000; 20]), cell("b", &slower)];
    let all = judge(&row(&cells), &Reference::Ideal, &rule());
    let of_14 = Row {
        rounds: Some(14),
        relinked: Vec::new(),
        ..row(&cells)
    };
    let of_14 = judge(&of_14, &Reference::Ideal, &rule());
    let verdict = |judged: &[Option<Judged>]| judged[1].as_ref().unwrap().verdict;
    assert_eq!([verdict(&all), verdict(&of_14)], [Unknown, Equal]);
}

#[test]
fn what_goes_wrong_once_is_out_and_silences_nobody() {
    let mut broken = cell("broken", &[500; 7]);
    broken.status = Status::TimedOut;
    let cells = [cell("a", &around(1000)), cell("b", &around(1300)), broken];
    let judged = judge(&row(&cells), &Reference::Ideal, &rule());
    let verdicts: Vec<Option<Verdict>> = judged
        .iter()
        .map(|judged| judged.as_ref().map(|judged| judged.verdict))
        .collect();
    assert_eq!(verdicts, [Some(Best), Some(Behind), None]);
}

#[test]
fn a_gate_tells_what_was_not_measured() {
    let steady = || cell("b", &around(1000));
    let of = |status| CellResult { status, ..steady() };
    let gate = |cells: &[CellResult], reference| gates(&row(cells), &reference, 0.05, &rule())[1];
    let a = || Reference::Runner("a".to_owned());
    let first = || cell("a", &around(1000));
    assert_eq!(gate(&[first(), steady()], a()), Gate::Within);
    for status in [Status::Failed, Status::TimedOut, Status::Unsupported] {
        let told = gate(&[first(), of(status)], a());
        assert!(matches!(told, Gate::Unmeasured(_)), "{told:?}");
    }
    // It is the reference that failed, is not in the row, or has no ideal.
    let mut broken = first();
    broken.status = Status::Failed;
    let mut endless = steady();
    endless.ideal_ns = None;
    for (cells, reference) in [
        ([broken, steady()], a()),
        ([first(), steady()], Reference::Runner("c".to_owned())),
        ([first(), endless], Reference::Ideal),
    ] {
        let told = gate(&cells, reference);
        assert!(matches!(told, Gate::Unmeasured(_)), "{told:?}");
    }
}

#[test]
fn what_is_not_ranked_is_neither_best_nor_in_the_way() {
    let cells = [
        cell("ideal", &[1; 14]),
        cell("a", &around(1000)),
        cell("b", &around(1300)),
    ];
    let row = Row {
        ranked: vec![false, true, true],
        ..row(&cells)
    };
    let judged = judge(&row, &Reference::Ideal, &rule());
    let verdicts = judged.into_iter().flatten().map(|judged| judged.verdict);
    assert_eq!(verdicts.collect::<Vec<_>>(), [Unknown, Best, Behind]);
}

#[test]
fn nothing_beside_nothing_is_the_same_and_anything_beside_it_is_more() {
    let cells = [
        cell("a", &[0; 14]),
        cell("b", &[0; 14]),
        cell("c", &[5; 14]),
    ];
    assert_eq!(verdicts(&cells), [Equal, Equal, Behind]);
    let judged = judged(&cells, &Reference::Runner("a".to_owned()));
    assert_eq!(judged[1].ratio, Some(1.0));
    assert_eq!(judged[2].ratio, Some(f64::INFINITY));
}

#[test]
fn a_judgement_beside_nothing_is_read_again() {
    let cells = [cell("a", &[0; 14]), cell("c", &[5; 14])];
    for (cell, judged) in cells
        .iter()
        .zip(judged(&cells, &Reference::Runner("a".to_owned())))
    {
        let written = serde_json::to_value(judged.told(cell, Figure::TIME)).unwrap();
        let read: Judgement = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), written);
    }
}

#[test]
fn few_samples_tell_only_what_does_not_overlap() {
    let few = |runner: &str, nanos: u64| cell(runner, &around(nanos)[..8]);
    let cells = [few("a", 1000), few("b", 1300), few("c", 1005)];
    assert_eq!(verdicts(&cells), [Unknown, Behind, Unknown]);
    assert_eq!(verdicts(&cells[..2]), [Best, Behind]);
    // By chance alone, six of each do not overlap one time in 462: too often for 80 verdicts.
    let fewer = [cell("a", &[1000; 6]), cell("b", &[5000; 6])];
    assert_eq!(verdicts(&fewer), [Unknown; 2]);
}

#[test]
fn ratios_are_taken_round_by_round() {
    // The second half of the rounds ran on a machine twice as slow.
    let a = [
        1000, 1010, 1020, 1030, 1040, 1050, 2000, 2020, 2040, 2060, 2080, 2100, 2200, 2300,
    ];
    let b = a.map(|nanos| nanos * 12 / 10);
    let judged = judged(
        &[cell("a", &a), cell("b", &b)],
        &Reference::Runner("a".to_owned()),
    );
    let ratio = judged[1].ratio.unwrap();
    assert!((ratio - 1.2).abs() < 0.01, "{ratio}");
    assert_eq!(judged[1].verdict, Behind);
    assert_eq!(judged[0].ratio, Some(1.0));
}

#[test]
fn the_ideal_is_a_reference_too() {
    let judged = judged(
        &[cell("a", &[250; 10]), cell("b", &[300; 10])],
        &Reference::Ideal,
    );
    assert_eq!([judged[0].ratio, judged[1].ratio], [Some(2.5), Some(3.0)]);
}

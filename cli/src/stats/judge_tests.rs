//! Tests the method on recorded samples, and on rows made by hand.

use fastrand::Rng;
use pollmark_core::Expected;

use super::*;

use crate::model::result::Status;

fn cell(runner: &str, nanos: &[u64]) -> CellResult {
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

fn judged(cells: &[CellResult], reference: &Reference) -> Vec<Judged> {
    let row = Row {
        figure: Figure::TIME,
        cells: cells.iter().collect(),
        ranked: vec![true; cells.len()],
    };
    let judged = judge(&row, reference, 0.02, comparisons(&row.ranked));
    judged.into_iter().map(Option::unwrap).collect()
}

fn places_of(cells: &[CellResult]) -> Vec<Place> {
    let judged = judged(cells, &Reference::Ideal);
    judged.into_iter().map(|judged| judged.place).collect()
}

/// A steady figure with a wobble of 1 %.
fn around(nanos: u64) -> [u64; 10] {
    std::array::from_fn(|round| nanos + nanos / 100 * [0, 1, 0, 2, 1, 0, 1, 0, 2, 1][round])
}

#[test]
fn the_best_is_marked_only_where_it_is_the_only_one() {
    let [a, b, c] = [1000, 1300, 1500].map(around);
    let apart = [cell("a", &a), cell("b", &b), cell("c", &c)];
    assert_eq!(
        places_of(&apart),
        [Place::Best, Place::Behind, Place::Behind]
    );
    let near = [cell("a", &a), cell("b", &around(1005)), cell("c", &c)];
    assert_eq!(places_of(&near), [Place::Tie, Place::Tie, Place::Behind]);
    assert_eq!(places_of(&apart[..1]), [Place::Unknown]);
}

#[test]
fn a_difference_below_the_threshold_is_a_tie_however_sure_it_is() {
    let [a, b] = [[1000; 10], [1010; 10]];
    assert_eq!(places_of(&[cell("a", &a), cell("b", &b)]), [Place::Tie; 2]);
}

#[test]
fn what_goes_wrong_once_is_out_and_silences_nobody() {
    let mut broken = cell("broken", &[500; 7]);
    broken.status = Status::TimedOut;
    let cells = [cell("a", &around(1000)), cell("b", &around(1300)), broken];
    let row = Row {
        figure: Figure::TIME,
        cells: cells.iter().collect(),
        ranked: vec![true; 3],
    };
    let judged = judge(&row, &Reference::Ideal, 0.02, comparisons(&row.ranked));
    let places: Vec<Option<Place>> = judged
        .iter()
        .map(|judged| judged.as_ref().map(|judged| judged.place))
        .collect();
    assert_eq!(places, [Some(Place::Best), Some(Place::Behind), None]);
}

#[test]
fn what_is_not_ranked_is_neither_best_nor_in_the_way() {
    let cells = [
        cell("ideal", &[1; 10]),
        cell("a", &around(1000)),
        cell("b", &around(1300)),
    ];
    let row = Row {
        figure: Figure::TIME,
        cells: cells.iter().collect(),
        ranked: vec![false, true, true],
    };
    let judged = judge(&row, &Reference::Ideal, 0.02, comparisons(&row.ranked));
    let places: Vec<Place> = judged
        .into_iter()
        .flatten()
        .map(|judged| judged.place)
        .collect();
    assert_eq!(places, [Place::Unknown, Place::Best, Place::Behind]);
}

#[test]
fn nothing_beside_nothing_is_the_same_and_anything_beside_it_is_more() {
    let cells = [
        cell("a", &[0; 10]),
        cell("b", &[0; 10]),
        cell("c", &[5; 10]),
    ];
    assert_eq!(places_of(&cells), [Place::Tie, Place::Tie, Place::Behind]);
    let judged = judged(&cells, &Reference::Runner("a".to_owned()));
    assert_eq!(judged[1].ratio, Some(1.0));
    assert_eq!(judged[2].ratio, Some(f64::INFINITY));
}

#[test]
fn few_samples_tell_only_what_does_not_overlap() {
    let few = |runner: &str, nanos: u64| cell(runner, &around(nanos)[..5]);
    // Three comparisons need seven samples for an interval.
    let cells = [few("a", 1000), few("b", 1300), few("c", 1005)];
    assert_eq!(
        places_of(&cells),
        [Place::Unknown, Place::Behind, Place::Unknown]
    );
    assert_eq!(places_of(&cells[..2]), [Place::Best, Place::Behind]);
    // By chance alone, three of each do not overlap one time in ten.
    let fewer = [cell("a", &[1000; 3]), cell("b", &[5000; 3])];
    assert_eq!(places_of(&fewer), [Place::Unknown; 2]);
}

#[test]
fn ratios_are_taken_round_by_round() {
    // The second half of the rounds ran on a machine twice as slow.
    let a = [100, 101, 102, 103, 104, 200, 202, 204, 206, 208];
    let b = a.map(|nanos| nanos * 12 / 10);
    let judged = judged(
        &[cell("a", &a), cell("b", &b)],
        &Reference::Runner("a".to_owned()),
    );
    let ratio = judged[1].ratio.unwrap();
    assert!((ratio - 1.2).abs() < 0.01, "{ratio}");
    assert_eq!(judged[1].place, Place::Behind);
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

/// Two columns of the same runner, 40 rounds, as saved on two processors by `pollmark
/// compare divisibles/sync --param scale=100 --runner tokio,tokio --samples 40 --save
/// FILE`; rounds and nanoseconds only.
const RECORDED: &str = include_str!("recorded_aa.json");

/// Draws twelve of the recorded rounds, the default number. Multiplies the times of the
/// second column by `slower`.
fn drawn(rng: &mut Rng, slower: f64) -> [CellResult; 2] {
    let recorded: [Vec<u64>; 2] = serde_json::from_str(RECORDED).unwrap();
    let rounds: Vec<usize> = (0..12).map(|_| rng.usize(..recorded[0].len())).collect();
    let column = |index: usize, factor: f64| -> Vec<u64> {
        let times = rounds.iter().map(|&round| recorded[index][round] as f64);
        times.map(|nanos| (nanos * factor) as u64).collect()
    };
    [
        cell("tokio", &column(0, 1.0)),
        cell("tokio#2", &column(1, slower)),
    ]
}

/// Five columns of the same runner; each round of each column is drawn independently.
fn five_drawn(rng: &mut Rng) -> Vec<CellResult> {
    let recorded: [Vec<u64>; 2] = serde_json::from_str(RECORDED).unwrap();
    let all = recorded.concat();
    let column = |index: usize| {
        let times: [u64; 12] = std::array::from_fn(|_| all[rng.usize(..all.len())]);
        cell(&format!("tokio#{index}"), &times)
    };
    (0..5).map(column).collect()
}

fn of_a_hundred(slower: f64, place: Place) -> usize {
    let mut rng = Rng::with_seed(7);
    let mut count = 0;
    for _ in 0..100 {
        let places = places_of(&drawn(&mut rng, slower));
        count += usize::from(places[1] == place);
    }
    count
}

#[test]
fn the_same_runner_twice_is_a_tie() {
    let ties = of_a_hundred(1.0, Place::Tie);
    assert!(ties >= 93, "{ties} of 100");
}

#[test]
fn of_the_same_runner_five_times_none_is_behind() {
    let mut rng = Rng::with_seed(11);
    let wrong = (0..200).filter(|_| {
        let places = places_of(&five_drawn(&mut rng));
        places
            .iter()
            .any(|place| matches!(place, Place::Behind | Place::Best))
    });
    // 95 % of the whole tables are right; of 200, at most 10 are expected to be wrong.
    let wrong = wrong.count();
    assert!(wrong <= 10, "{wrong} of 200");
}

#[test]
fn a_tenth_slower_is_slower() {
    let slower = of_a_hundred(1.1, Place::Behind);
    assert!(slower >= 95, "{slower} of 100");
}

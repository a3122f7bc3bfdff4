//! Takes samples: every cell once per round, alone, in a freshly shuffled order.
//!
//! [`pace`] says which rows get another round; [`plan`] tells beforehand what they would cost, and
//! [`interruption`] afterwards which were not done.

pub(super) mod interruption;
pub(super) mod pace;
pub(super) mod plan;
pub(super) mod runs;

use std::time::{Duration, Instant};

use anyhow::{Error, Result};
use fastrand::Rng;
use pollmark_core::time::nanos;
use pollmark_core::trace::Axes;

use self::pace::Pace;
use crate::model::cell::Cell;
use crate::model::comparison::StoppedBy;
use crate::model::result::{AxesSeen, CellResult, Ideal, NO_IDEAL, Status};
use crate::output::overhead::has_span;
use crate::process::attempt;
use crate::process::interrupt;
use crate::text::{messages, progress};

/// How samples are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// The runs of a sample, where there may be several; `None` for as many as make a good one.
    pub(crate) runs: Option<u32>,
    /// The time for all of it. Beyond the fewest rounds none begins that would probably exceed it.
    pub(crate) budget: Option<Duration>,
    /// Looks closer at each cell after the rounds: counts its allocations and records its polls.
    pub(crate) closer: bool,
    /// The seed for the order of the cells.
    pub(crate) order_seed: u64,
    /// It was said before that the budget does not serve the fewest rounds.
    pub(crate) is_warned: bool,
    /// Shows no progress.
    pub(crate) quiet: bool,
}

/// The samples, and how they were taken.
#[derive(Debug)]
pub(crate) struct Rounds {
    /// The results, in the order of the cells.
    pub(crate) results: Vec<CellResult>,
    /// For each round, the indices of the cells in the order in which they ran. A round that
    /// Ctrl-C ended before its first cell does not count.
    pub(crate) order: Vec<Vec<usize>>,
    /// The time that all of it took.
    pub(crate) took: Duration,
    /// The mean time of a run of each cell, its process included.
    pub(crate) costs: Vec<Duration>,
    /// The number of rounds in which every cell had its turn.
    pub(crate) whole: usize,
    /// Whether no row was to have another round.
    pub(crate) is_last_done: bool,
    /// Why the rounds ended.
    pub(crate) end: RoundsEnd,
    /// The error with which to end, if the rounds were interrupted.
    pub(crate) broken_off: Option<Error>,
}

/// Why the rounds ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoundsEnd {
    /// Every row had the rounds that it needs, or that were asked for.
    Done,
    /// The budget ran out before that.
    Budget,
    /// Ctrl-C was pressed, or a process could not be started.
    Interrupted,
}

/// Runs every cell once to warm up, then once per round while a row of it goes on, and then twice
/// more: to count its allocations and to record its polls. `keep` is called after every round
/// with the results so far.
///
/// A cell that goes wrong once is out: its result says why, and it does not run again.
///
/// # Errors
///
/// [`Interrupted`](interrupt::Interrupted) if Ctrl-C was pressed before the first sample, and the error of a process
/// that could not be started then. After that, the samples taken so far are kept.
pub(crate) fn run(
    cells: &[Cell],
    ideals: &[Ideal],
    plan: Plan,
    pace: &mut Pace,
    mut keep: impl FnMut(&[CellResult], &[Vec<usize>]),
) -> Result<Rounds> {
    let started = Instant::now();
    interrupt::listen()?;
    let turns = cells.len() as u64;
    let template = "{wide_bar} {pos}/{len} runs to the next look\n{msg}";
    let progress = progress::bar(!plan.quiet, turns, template, Duration::from_millis(200));
    let mut rng = Rng::with_seed(plan.order_seed);
    let mut results = Vec::with_capacity(cells.len());
    let mut runs = Vec::with_capacity(cells.len());
    let mut costs = Vec::with_capacity(cells.len());
    for (cell, ideal) in cells.iter().zip(ideals) {
        progress.set_message(format!("warm-up: {cell}"));
        let begun = Instant::now();
        let warm_up = attempt::sample(cell, plan.runs)?;
        costs.push(Cost::first(begun.elapsed()));
        runs.push(warm_up.sample.as_ref().and_then(|sample| sample.runs));
        let mut result = CellResult::new(cell, ideal.clone(), warm_up, Vec::new());
        // The warm-up does not count as a sample.
        result.samples.clear();
        results.push(result);
        progress.inc(1);
    }
    runs::as_the_fewest(&mut runs, pace.groups());
    let mut lateness = vec![Lateness::default(); cells.len()];
    let mut order: Vec<Vec<usize>> = Vec::new();
    let mut round = 0;
    let (mut end, mut broken_off) = (RoundsEnd::Done, None);
    if let Some(budget) = plan.budget.filter(|_| !plan.is_warned) {
        let times = costs.iter().map(Cost::mean);
        let warning = pace::beyond_budget(pace.fewest(), times, budget);
        warning.inspect(|warning| progress.suspend(|| messages::warn(warning)));
    }
    'rounds: while let Some(look) = pace.next_look(round) {
        let active: Vec<usize> = (0..cells.len())
            .filter(|&cell| pace.goes_on(cell))
            .collect();
        let turns = u64::from(look - round) * active.len() as u64;
        progress.set_length(progress.position() + turns);
        while round < look {
            let mut shuffled = active.clone();
            rng.shuffle(&mut shuffled);
            shuffled.retain(|&index| results[index].status == Status::Ok);
            if shuffled.is_empty() {
                // All that is left went wrong.
                pace.stop(round, StoppedBy::Settled);
                break 'rounds;
            }
            let cost = |index: &usize| costs[*index].mean();
            // Each cell is run twice more after the rounds.
            let closer: Duration = costs.iter().map(|cost| cost.mean() * 2).sum();
            let would_take = started.elapsed() + shuffled.iter().map(cost).sum::<Duration>();
            let is_over = plan
                .budget
                .is_some_and(|budget| would_take + closer > budget);
            if round >= pace.fewest() && is_over {
                end = RoundsEnd::Budget;
                pace.stop(round, StoppedBy::Budget);
                break 'rounds;
            }
            for (turn, &index) in shuffled.iter().enumerate() {
                progress.set_message(format!(
                    "round {} of {look} before a look at {}: {}",
                    round + 1,
                    pace.left(),
                    cells[index]
                ));
                let begun = Instant::now();
                let (result, lateness) = (&mut results[index], &mut lateness[index]);
                let sampled = sample(&cells[index], runs[index], result, lateness, round);
                if let Err(error) = sampled {
                    (end, broken_off) = (RoundsEnd::Interrupted, Some(error));
                    if turn > 0 {
                        order.push(shuffled[..turn].to_vec());
                    }
                    pace.stop(round + u32::from(turn > 0), StoppedBy::Interrupted);
                    break 'rounds;
                }
                costs[index].add(begun.elapsed());
                progress.inc(1);
            }
            order.push(shuffled);
            round += 1;
            keep(&results, &order);
        }
        pace.look(&results, round);
    }
    let (whole, is_last_done) = (round as usize, end == RoundsEnd::Done);
    // The runs that only add detail to the samples are left out after Ctrl-C.
    for (cell, result) in cells.iter().zip(&mut results) {
        let is_wanted = plan.closer && end != RoundsEnd::Interrupted;
        if is_wanted && result.status == Status::Ok {
            progress.set_message(format!("counting and recording: {cell}"));
            if let Err(error) = look_closer(cell, result) {
                (end, broken_off) = (RoundsEnd::Interrupted, Some(error));
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    if let Some(error) =
        broken_off.take_if(|_| results.iter().all(|result| result.samples.is_empty()))
    {
        return Err(error);
    }
    keep(&results, &order);
    Ok(Rounds {
        results,
        order,
        costs: costs.iter().map(Cost::mean).collect(),
        took: started.elapsed(),
        whole,
        is_last_done,
        end,
        broken_off,
    })
}

/// What the runs of a cell took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    took: Duration,
    runs: u32,
}

impl Cost {
    fn first(took: Duration) -> Self {
        Cost { took, runs: 1 }
    }

    fn add(&mut self, took: Duration) {
        self.took += took;
        self.runs += 1;
    }

    pub(super) fn mean(&self) -> Duration {
        self.took / self.runs
    }
}

/// Counts a cell's allocations and records its polls, in a run for each.
fn look_closer(cell: &Cell, result: &mut CellResult) -> Result<()> {
    let counted = attempt::count_allocations(cell)?.report;
    let is_ok = counted.status == Status::Ok;
    result.counted = counted.sample.filter(|_| is_ok);
    result.axes = axes(cell)?;
    Ok(())
}

/// The most events of a recorded run; beyond this the axes are left out.
const MOST_EVENTS: usize = 400_000;

fn axes(cell: &Cell) -> Result<Option<AxesSeen>> {
    let attempt = attempt::trace(cell, MOST_EVENTS, false)?;
    // What a run showed that did not come to its end is not the program.
    let is_ok = attempt.report.status == Status::Ok;
    let trace = attempt.trace.filter(|_| is_ok);
    let whole = trace.filter(|trace| trace.run.dropped == 0 && trace.window().is_some());
    Ok(whole.map(|trace| {
        let axes = Axes::of(&trace, None);
        let longest = axes.blocking.longest_poll;
        AxesSeen {
            tasks_in_flight: axes.concurrency.max_tasks,
            polls_at_a_time: axes.parallelism.max,
            longest_poll_ns: longest.map(|poll| nanos(trace.scenario_span(poll.length))),
            longest_poll_is_overhead: longest.is_some_and(|poll| !has_span(&trace, &poll)),
        }
    }))
}

fn sample(
    cell: &Cell,
    runs: Option<u32>,
    result: &mut CellResult,
    lateness: &mut Lateness,
    round: u32,
) -> Result<()> {
    let report = attempt::sample(cell, runs)?;
    if report.status != Status::Ok {
        result.status = report.status;
        let why = report.error.unwrap_or_default();
        result.error = Some(format!("in round {round}: {why}"));
        return Ok(());
    }
    let sample = report.sample.map(|mut sample| {
        sample.round = round;
        sample
    });
    result.samples.extend(sample);
    result.outcome = report.outcome;
    let late = report.notes.iter().find_map(|note| note.strip_prefix(LATE));
    lateness.add(late);
    result.notes.retain(|note| note.starts_with(NO_IDEAL));
    result.notes.extend(report.notes);
    result.notes.retain(|note| !note.starts_with(LATE));
    result.notes.extend(lateness.told(round + 1));
    Ok(())
}

/// The beginning of the note on a run that took longer than its waits explain.
const LATE: &str = "late: ";

/// The number of rounds in which a cell was late, and the note on the last of them.
#[derive(Debug, Clone, Default)]
struct Lateness {
    rounds: usize,
    last: String,
}

impl Lateness {
    fn add(&mut self, note: Option<&str>) {
        if let Some(note) = note {
            self.rounds += 1;
            note.clone_into(&mut self.last);
        }
    }

    fn told(&self, of: u32) -> Option<String> {
        let Lateness { rounds, last } = self;
        (*rounds > 0).then(|| format!("late in {rounds} of {of} rounds, the last time by {last}"))
    }
}

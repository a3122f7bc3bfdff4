//! A sample that is the median of several runs in one process, each on a runtime of its own.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::model::result::{CellReport, Sample, Status};
use crate::process::protocol::LAST_RUN_BEGINS;
use crate::stats::medians;

/// The time of a sample's runs if their number is not given.
const ENOUGH: Duration = Duration::from_millis(300);

/// Calls `run` `runs` times, or as often as takes about [`ENOUGH`], and sums the runs up. A run
/// that fails is the last, and its report stands for all. No run begins after
/// [`LAST_RUN_BEGINS`], nor after one that left something of its runtime behind.
///
/// `run` tells its report, and whether its runtime has ended completely.
pub(super) fn sample(
    runs: Option<u32>,
    mut run: impl FnMut() -> anyhow::Result<(CellReport, bool)>,
) -> anyhow::Result<CellReport> {
    let began = Instant::now();
    let mut reports = Vec::new();
    loop {
        let (report, is_gone) = run()?;
        if report.status != Status::Ok {
            return Ok(report);
        }
        reports.push(report);
        let done = u32::try_from(reports.len()).unwrap_or(u32::MAX);
        let took = began.elapsed();
        let are_enough = match runs {
            Some(runs) => done >= runs,
            // One more would bring their time further from it.
            None => took + took / (2 * done) >= ENOUGH,
        };
        if are_enough || !is_gone || took >= LAST_RUN_BEGINS {
            return Ok(summed_up(reports));
        }
    }
}

/// Each figure is its own median. The outcome and the notes are those of the run in the middle by
/// its time, and the most memory is that of the first run, as if it had been the only one.
fn summed_up(mut reports: Vec<CellReport>) -> CellReport {
    let samples: Vec<Sample> = reports
        .iter()
        .filter_map(|run| run.sample.clone())
        .collect();
    let of_all = |of: fn(&Sample) -> Option<u64>| {
        let values = samples.iter().filter_map(of).map(|value| value as f64);
        medians::median(&values.collect::<Vec<_>>()).map(|median| median.round() as u64)
    };
    let mut figures = BTreeMap::<&str, Vec<f64>>::new();
    for (name, value) in samples.iter().flat_map(|sample| &sample.figures) {
        figures.entry(name).or_default().push(*value);
    }
    let median =
        |(name, values): (&str, Vec<f64>)| Some((name.to_owned(), medians::median(&values)?));
    let sample = samples.first().map(|first| Sample {
        runs: u32::try_from(samples.len()).ok(),
        wall_ns: of_all(|run| run.wall_ns),
        scenario_ns: of_all(|run| run.scenario_ns),
        cpu_ns: of_all(|run| run.cpu_ns),
        user_ns: of_all(|run| run.user_ns),
        system_ns: of_all(|run| run.system_ns),
        voluntary_switches: of_all(|run| run.voluntary_switches),
        involuntary_switches: of_all(|run| run.involuntary_switches),
        figures: figures.into_iter().filter_map(median).collect(),
        ..first.clone()
    });
    let wall = |run: &CellReport| run.sample.as_ref().and_then(|sample| sample.wall_ns);
    let middle = (reports.len() - 1) / 2;
    let (_, in_the_middle, _) = reports.select_nth_unstable_by_key(middle, wall);
    CellReport {
        sample,
        ..in_the_middle.clone()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_figure_is_its_own_median_and_the_outcome_that_of_the_run_in_the_middle() {
        let run = |wall: u64, cpu: u64, memory: u64, hop: f64| CellReport {
            status: Status::Ok,
            error: None,
            sample: Some(Sample {
                runs: Some(1),
                wall_ns: Some(wall),
                cpu_ns: Some(cpu),
                peak_rss_bytes: Some(memory),
                figures: BTreeMap::from([("per hop".to_owned(), hop)]),
                ..Sample::default()
            }),
            outcome: json!({ "hop": hop }),
            notes: vec![format!("took {wall}")],
        };
        let runs = vec![
            run(300, 10, 70, 1.5),
            run(100, 30, 80, 2.5),
            run(200, 20, 90, 9.0),
        ];
        let summed_up = summed_up(runs);
        assert_eq!(summed_up.notes, ["took 200"]);
        assert_eq!(summed_up.outcome["hop"], 9.0);
        let sample = summed_up.sample.expect("there are runs");
        assert_eq!(sample.runs, Some(3));
        assert_eq!(sample.wall_ns, Some(200));
        assert_eq!(sample.cpu_ns, Some(20));
        assert_eq!(sample.peak_rss_bytes, Some(70));
        assert_eq!(sample.figures["per hop"], 2.5);
        assert_eq!(sample.scenario_ns, None);
    }
}

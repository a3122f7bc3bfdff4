//! Whether the samples of two files are of one kind.

use crate::model::result::CellResult;
use crate::stats::medians;

/// Why the samples of the two cannot be compared, if they are not of one kind: those of one are
/// medians of far more runs, and that is not because its runs became shorter.
pub(super) fn of_samples(old: &CellResult, new: &CellResult) -> Option<String> {
    let [old, new] = [old, new].map(|cell| {
        let middle = |values: Vec<f64>| medians::median(&values);
        let samples = cell.samples.iter();
        // In files of a version that took one run, none is told.
        let runs = samples
            .clone()
            .map(|sample| f64::from(sample.runs.unwrap_or(1)));
        let walls = samples.filter_map(|sample| sample.wall_ns);
        let walls = walls.map(|nanos| nanos as f64);
        Some((middle(runs.collect())?, middle(walls.collect())))
    });
    let (old, new) = (old?, new?);
    let (fewer, more) = if old.0 < new.0 {
        (old, new)
    } else {
        (new, old)
    };
    let length = fewer.1.zip(more.1).map(|(fewer, more)| fewer / more);
    // As many as fit are run: half as long, and about twice as many fit.
    let explained = length.filter(|length| length.is_finite()).unwrap_or(1.0);
    (more.0 > SAME * fewer.0 * explained.max(1.0)).then(|| {
        format!(
            "a sample is the median of {} runs in the old file and of {} in the new one; --runs \
             makes them alike",
            old.0, new.0
        )
    })
}

/// Numbers of runs within this factor count as the same.
const SAME: f64 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::judge::tests::cell;

    fn of(runs: u32, wall: u64) -> CellResult {
        let mut cell = cell("tokio", &[wall; 10]);
        for sample in &mut cell.samples {
            (sample.runs, sample.wall_ns) = (Some(runs), Some(wall));
        }
        cell
    }

    #[test]
    fn samples_are_of_one_kind_if_the_length_of_a_run_explains_their_runs() {
        assert_eq!(of_samples(&of(37, 8), &of(38, 8)), None);
        assert_eq!(of_samples(&of(1, 8), &of(1, 80)), None);
        assert_eq!(of_samples(&of(37, 8), &of(4, 80)), None, "it became slower");
        let told = of_samples(&of(1, 8), &of(37, 8)).unwrap();
        assert!(told.contains("1 runs in the old file and of 37"), "{told}");
        assert!(of_samples(&of(37, 8), &of(1, 8)).is_some());
        // The file of an older version says nothing of runs.
        let mut older = of(1, 8);
        older
            .samples
            .iter_mut()
            .for_each(|sample| sample.runs = None);
        assert!(of_samples(&older, &of(37, 8)).is_some());
        assert_eq!(of_samples(&older, &of(1, 8)), None);
    }
}

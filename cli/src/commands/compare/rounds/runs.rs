//! Samples that are medians of several runs.

use crate::commands::compare::groups::Group;
use crate::model::result::CellResult;

/// Gives every cell of a row as many runs a sample as the one with the fewest, so that all that
/// are compared are of one kind: the median of several runs, on a heap that is warm, is another
/// figure than a first run. A cell that is in several rows binds them together.
pub(super) fn as_the_fewest(runs: &mut [Option<u32>], groups: &[Group]) {
    loop {
        let before = runs.to_vec();
        for group in groups {
            let cells = &group.cells;
            let fewest = cells.iter().filter_map(|&cell| runs[cell]).min();
            cells.iter().for_each(|&cell| runs[cell] = fewest);
        }
        if runs == before {
            return;
        }
    }
}

/// The numbers of runs of which the samples are medians; nothing if each is of one.
pub(in crate::commands::compare) fn told<'a>(
    results: impl IntoIterator<Item = &'a CellResult>,
) -> String {
    let samples = results.into_iter().flat_map(|result| &result.samples);
    let runs = samples.filter_map(|sample| sample.runs);
    let (least, most) = runs.fold((u32::MAX, 1), |(least, most), runs| {
        (least.min(runs), most.max(runs))
    });
    let number = match () {
        () if most == 1 => return String::new(),
        () if least == most => most.to_string(),
        () => format!("{least} to {most}"),
    };
    format!(
        " A sample is the median of {number} runs of its process, each on a runtime of its own."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric::Figure;

    #[test]
    fn all_of_a_row_have_as_many_runs_as_the_one_with_the_fewest() {
        let group = |cells: &[usize]| Group {
            workers: 1,
            figure: Figure::TIME,
            cells: cells.to_vec(),
            ranked: vec![true; cells.len()],
            relinked: Vec::new(),
        };
        let rows = [
            group(&[0, 1]),
            group(&[2, 3]),
            group(&[4, 5]),
            group(&[5, 6]),
        ];
        let mut runs = [37, 1, 12, 12, 9, 8, 3].map(Some);
        // It went wrong while it warmed up, and does not run again.
        runs[2] = None;
        as_the_fewest(&mut runs, &rows);
        assert_eq!(runs, [1, 1, 12, 12, 3, 3, 3].map(Some));
    }
}

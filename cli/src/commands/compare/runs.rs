//! The words for samples that are medians of several runs.

use crate::model::result::CellResult;

/// The numbers of runs of which the samples are medians; nothing if each is of one.
pub(super) fn told<'a>(results: impl IntoIterator<Item = &'a CellResult>) -> String {
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

//! The options of `compare`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::formats::Format;
use super::shared::SharedArgs;
use super::values;

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// Cells to compare: `SCENARIO[/VARIANT][@RUNNER]`, or `all` for every lesson
    #[arg(required = true, value_name = "CELL")]
    pub(crate) cells: Vec<String>,

    /// Runs exactly N rounds; each runs every cell once, in shuffled order. Default: rounds until
    /// the verdicts of a row are settled, looked at after 10, 16, 32, 64, 128 and 256
    #[arg(long, value_name = "N", value_parser = values::samples, allow_negative_numbers = true)]
    pub(crate) samples: Option<u32>,

    /// Runs of which a sample is the median, each on a runtime of its own, where a variant allows
    /// several. Default: as many as take 0.3 s
    #[arg(long, value_name = "N", value_parser = values::samples, allow_negative_numbers = true)]
    pub(crate) runs: Option<u32>,

    /// Time limit, such as 30s: no round starts that would make it later. 16 rounds always run, or
    /// one with --samples. Default: 2min, and none with --samples
    #[arg(long, value_name = "DURATION", value_parser = values::timeout, allow_hyphen_values = true)]
    pub(crate) budget: Option<Duration>,

    /// Precision of a row: half the width of each ratio's interval. Rows go on to it even if they
    /// are settled before. Default: until a row is settled, 1.45% at the latest
    #[arg(long, value_name = "SHARE", value_parser = values::share, allow_hyphen_values = true,
          conflicts_with = "samples")]
    pub(crate) precision: Option<f64>,

    /// Runs three rounds, and prints what each precision would cost in time
    #[arg(long, conflicts_with_all = ["samples", "gate", "dry_run", "save", "format"])]
    pub(crate) plan: bool,

    /// Exit code 1 if a column is behind the reference by more, or was not measured. Compares with
    /// the first runner unless --reference says otherwise
    #[arg(long, value_name = "SHARE", value_parser = values::share, allow_hyphen_values = true)]
    pub(crate) gate: Option<f64>,

    /// Reference for the ratios: a runner, or `ideal`. Default: the ideal if there is one,
    /// else the first runner
    #[arg(long, value_name = "RUNNER")]
    pub(crate) reference: Option<String>,

    /// Figure to compare: time, cpu, memory, switches, threads, or one of the scenario's own.
    /// Default: the one that says most about the variant
    #[arg(long, value_name = "NAME")]
    pub(crate) figure: Option<String>,

    /// Margin within which runners count as equal: the whole interval of the ratio to the fastest
    /// must lie in it. Default: 5%, or --noise if that is more
    #[arg(long, value_name = "SHARE", value_parser = values::share, allow_hyphen_values = true)]
    pub(crate) margin: Option<f64>,

    /// Threshold for a difference: smaller ones count as none. At most the margin
    #[arg(long, default_value = "2%", value_name = "SHARE", value_parser = values::share,
          allow_hyphen_values = true)]
    pub(crate) noise: f64,

    /// Builds that are this binary relinked (`build --relink`), comma separated: the difference
    /// that they show is the layout's, and between builds nothing within it is behind
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "build")]
    pub(crate) layout_floor: Vec<String>,

    /// Seed for the order of the cells. Default: a new one each time
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) order_seed: Option<u64>,

    /// Also draws the comparison as SVG, for slides and handouts; light or dark by their viewer
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) shared: SharedArgs,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    /// Prints only the table: no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

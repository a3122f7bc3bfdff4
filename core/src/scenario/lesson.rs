//! What `pollmark explain` says of a variant.

/// What `pollmark explain` says of a variant, beside what it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lesson {
    /// The functions of the scenario's source file that are the program.
    pub program: &'static [&'static str],
    /// Seconds that Python 3.11's asyncio took for the same program.
    pub asyncio: Option<f64>,
    /// What to think about before it is run.
    pub predict: &'static str,
    /// What each runner will show, and why.
    pub runners: &'static str,
    /// The mistake that is commonly made here.
    pub mistake: &'static str,
    /// What to try next, beginning with a command's cell.
    pub next: &'static str,
}

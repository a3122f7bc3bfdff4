//! What `pollmark explain` says of a variant.

/// The teaching text that `pollmark explain` shows for a variant, beside its description.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lesson {
    /// The functions of the scenario's source file that make up the program.
    pub program: &'static [&'static str],
    /// Seconds that Python 3.11's asyncio took for the same program.
    pub asyncio: Option<f64>,
    /// The question to think about before running it.
    pub predict: &'static str,
    /// The behaviour to expect of each runner, and the reason.
    pub runners: &'static str,
    /// The common mistake.
    pub mistake: &'static str,
    /// The next thing to try, beginning with a command's cell.
    pub next: &'static str,
}

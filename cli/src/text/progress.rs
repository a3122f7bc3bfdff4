//! Progress bars on standard error.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of `length` steps, drawn by `template` and moved on every `tick`; hidden where it is
/// not `wanted`, and where standard error is no terminal.
pub(crate) fn bar(wanted: bool, length: u64, template: &str, tick: Duration) -> ProgressBar {
    if !wanted || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(tick);
    bar
}

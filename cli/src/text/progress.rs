//! Progress bars on standard error.

use std::io::IsTerminal;
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The stack of the thread that moves a bar on.
const STACK: usize = 512 * 1024;

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
    let drawn = bar.downgrade();
    // Without the thread the bar moves with each step alone. indicatif's own would panic.
    let _ = thread::Builder::new().stack_size(STACK).spawn(move || {
        while let Some(bar) = drawn.upgrade().filter(|bar| !bar.is_finished()) {
            bar.tick();
            drop(bar);
            thread::sleep(tick);
        }
    });
    bar
}

//! The values of options: their parsers and their bounds.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::time::Duration;

use pollmark_core::time::parse_duration;
use pollmark_core::{MAX_BLOCKING_THREADS, MAX_WORKERS, Speed};

/// The value of `--timeout` if it is not given.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The value of `--blocking-threads` if it is not given. Equal on all runners: tokio's own
/// default, which the others can be given too.
pub(crate) const DEFAULT_BLOCKING_THREADS: BlockingThreads =
    BlockingThreads(NonZeroUsize::new(512));

/// The most threads that may run blocking calls; `None` for each runtime's own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockingThreads(pub(crate) Option<NonZeroUsize>);

/// The most events that can be asked for: each takes some 60 bytes, and several times that
/// while it is printed.
const MAX_TRACE: usize = 50_000_000;

/// The most rounds that can be asked for.
pub(crate) const MAX_SAMPLES: u32 = 10_000;

pub(super) fn workers(text: &str) -> Result<NonZeroUsize, String> {
    within(text, MAX_WORKERS)
}

pub(super) fn blocking_threads(text: &str) -> Result<BlockingThreads, String> {
    if text == "native" {
        return Ok(BlockingThreads(None));
    }
    within(text, MAX_BLOCKING_THREADS)
        .map(|threads| BlockingThreads(Some(threads)))
        .map_err(|error| format!("{error}, nor `native`"))
}

fn within(text: &str, max: usize) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|number: &NonZeroUsize| number.get() <= max)
        .ok_or_else(|| format!("not a whole number from 1 to {max}"))
}

pub(super) fn speed(text: &str) -> Result<Speed, String> {
    text.parse::<Speed>().map_err(|error| error.to_string())
}

pub(super) fn trace_limit(text: &str) -> Result<usize, String> {
    within(text, MAX_TRACE).map(NonZeroUsize::get)
}

/// The columns that a picture may have: below, its headings do not fit; above, no screen.
const WIDTHS: RangeInclusive<usize> = 60..=1_000;

pub(super) fn width(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| WIDTHS.contains(number));
    let (least, most) = WIDTHS.into_inner();
    number.ok_or_else(|| format!("not a whole number from {least} to {most}"))
}

pub(super) fn samples(text: &str) -> Result<u32, String> {
    let number = within(text, MAX_SAMPLES as usize)?;
    u32::try_from(number.get()).map_err(|error| error.to_string())
}

/// Parses a share, written as `5%` or `0.05`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.strip_suffix('%') {
        Some(number) => (number, 0.01),
        None => (text, 1.0),
    };
    let share = number.trim().parse::<f64>().map(|number| number * scale);
    share
        .ok()
        .filter(|share| (0.0..=10.0).contains(share) && (scale < 1.0 || *share <= 1.0))
        .ok_or_else(|| "not a share, such as 5% or 0.05; above 1 it takes a %".to_owned())
}

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    let timeout = parse_duration(text).map_err(|error| error.to_string())?;
    if timeout.is_zero() {
        return Err("a timeout of zero stops everything; give it a second".to_owned());
    }
    Ok(timeout)
}

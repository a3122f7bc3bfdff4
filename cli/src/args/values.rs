//! The values of options: their parsers and their bounds.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
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

/// A package to build with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// `None` for that of a git repository.
    pub(crate) version: Option<String>,
}

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

/// Parses the name of a build and the file of its binary.
pub(super) fn build(text: &str) -> Result<(String, PathBuf), String> {
    let Some((name, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else {
        return Err("not a name and a file: write NAME=PATH".to_owned());
    };
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if name.is_empty() || !name.chars().all(fits) {
        return Err(format!(
            "`{name}` is no name: letters, digits, `-`, `_` and `.` make one"
        ));
    }
    Ok((name.to_owned(), path.into()))
}

/// A package, and the version that it is to have.
pub(super) fn package(text: &str) -> Result<Package, String> {
    let (name, version) = match text.split_once('=') {
        Some((name, version)) => (name, Some(version.trim_start_matches('='))),
        None => (text, None),
    };
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(format!("`{name}` is no package: write CRATE=VERSION"));
    }
    let is_version = |version: &str| {
        let core = version.split(['-', '+']).next().unwrap_or_default();
        core.split('.').count() == 3 && core.split('.').all(|part| part.parse::<u64>().is_ok())
    };
    match version {
        Some(version) if !is_version(version) => Err(format!(
            "`{version}` is no whole version: write three numbers, such as `{name}=1.50.0`"
        )),
        version => Ok(Package {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        }),
    }
}

/// Parses a repository and a revision of it.
pub(super) fn git(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('#') {
        Some((url, revision)) if !url.is_empty() && !revision.is_empty() => {
            Ok((url.to_owned(), revision.to_owned()))
        }
        _ => Err("not a repository and a revision: write URL#REV".to_owned()),
    }
}

/// A flag of the compiler's `--cfg`.
pub(super) fn cfg(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_=\"".contains(letter);
    match text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.chars().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("not a flag, such as tokio_unstable".to_owned()),
    }
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

//! The results of a benchmark's tasks, added up so that a runtime that loses one fails.

use std::time::Duration;

use crate::runtime::join_error::JoinError;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;

/// Counts results as handles return them, and keeps the first error.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    ended: usize,
    /// The sum of the numbers that came back: a lost or doubled number shows in it.
    sum: u64,
    error: Option<String>,
}

impl Tally {
    /// Awaits `handles` one by one. Awaiting them all at once would poll each of them at every
    /// wake-up.
    pub(crate) async fn of<H>(handles: Vec<H>) -> Self
    where
        H: Future<Output = Result<u64, JoinError>>,
    {
        let mut tally = Tally::default();
        for handle in handles {
            tally.add(handle.await);
        }
        tally
    }

    /// Adds the result of a handle.
    pub(crate) fn add(&mut self, ended: Result<u64, JoinError>) {
        match ended {
            Ok(number) => {
                self.ended += 1;
                self.sum += number;
            }
            Err(error) => self.fail(causes(&error)),
        }
    }

    /// Records an error that did not come from a handle.
    pub(crate) fn fail(&mut self, error: String) {
        self.error.get_or_insert(error);
    }

    /// The tally as values of an outcome.
    pub(crate) fn into(self, outcome: Outcome) -> Outcome {
        outcome
            .with("ended", self.ended)
            .with("sum", self.sum)
            .with("error", self.error)
    }

    /// There was no error, and `count` numbers with the sum `sum` came back.
    pub(crate) fn check(seen: &mut Observed<'_>, count: usize, sum: u64) {
        let error = seen.outcome.value("error");
        seen.require(error.is_null(), || match error.as_str() {
            Some(error) => error.to_owned(),
            None => format!("the error is {error}"),
        });
        seen.value("ended", count);
        seen.value("sum", sum);
    }
}

/// An error and its causes, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

/// The sum of the whole numbers below `count`.
pub(crate) fn sum_below(count: usize) -> u64 {
    let count = count as u64;
    count * count.saturating_sub(1) / 2
}

/// The nanoseconds for each of `count` things that took `span` together, to a tenth.
pub(crate) fn each_ns(span: Duration, count: usize) -> f64 {
    let tenths = span.as_nanos() as f64 * 10.0 / count.max(1) as f64;
    tenths.round() / 10.0
}

/// The virtual clock charges nothing for the actions of a program that does not wait.
pub(crate) fn costs_no_virtual_time(seen: &mut Observed<'_>) {
    if seen.is_exact() {
        seen.takes(Duration::ZERO, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn numbers_are_summed_and_the_first_error_is_kept_with_its_cause() {
        let mut tally = Tally::default();
        (0..5).for_each(|number| tally.add(Ok(number)));
        tally.add(Err(JoinError::Spawn(io::Error::other("no thread"))));
        tally.add(Err(JoinError::Cancelled));
        let outcome = tally.into(Outcome::new());
        assert_eq!(*outcome.value("ended"), 5);
        assert_eq!(*outcome.value("sum"), sum_below(5));
        let error = "the task could not be started: no thread";
        assert_eq!(*outcome.value("error"), error);
    }

    #[test]
    fn a_span_is_shared_to_a_tenth_of_a_nanosecond() {
        assert_eq!(each_ns(Duration::from_nanos(10), 3), 3.3);
        assert_eq!(each_ns(Duration::from_micros(1), 10), 100.0);
    }
}

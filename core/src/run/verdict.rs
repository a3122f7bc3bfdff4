//! Decides whether a run went as expected: how it ended, then the scenario's check.

use std::time::Duration;

use super::report::Verdict;
use crate::runtime::name::ROOT;
use crate::runtime::runner::RunError;
use crate::runtime::runner_info::Clock;
use crate::scenario::Scenario;
use crate::scenario::observed::Observed;
use crate::scenario::variant::Expected;
use crate::time::seconds;

/// How long a variant that never ends is watched, in scenario time.
pub const WATCH: Duration = Duration::from_secs(20);

/// Judges a run that ended with `ended`; checks the outcome if the run came to it.
pub(super) fn judge<C: Scenario>(
    case: C,
    ended: Result<(), RunError>,
    seen: &mut Observed<'_>,
) -> Verdict {
    let never_ends = case.info().expected == Expected::NeverEnds;
    match ended {
        Ok(()) if never_ends => Verdict::Failed("it ended, and was expected never to".to_owned()),
        Err(RunError::Deadlock { waiting }) if never_ends => {
            let why = format!("{} wait", waiting.join(", "));
            goes_on(case, &why, seen)
        }
        Err(RunError::Stuck(why)) if never_ends => goes_on(case, &why, seen),
        Err(RunError::TimedOut { limit }) if never_ends => {
            let watched = match seen.runner.clock {
                Clock::Real => WATCH,
                // Virtual time stands still in a poll that does not return: the limit was of real
                // time.
                Clock::Virtual => limit,
            };
            goes_on(case, &format!("watched for {}", seconds(watched)), seen)
        }
        Ok(()) => checked(case, seen),
        Err(RunError::TimedOut { limit }) => {
            Verdict::TimedOut(format!("not finished after {}", seconds(limit)))
        }
        Err(RunError::Join(error)) => Verdict::Failed(format!("`{ROOT}`: {error}")),
        Err(error) => Verdict::Failed(error.to_string()),
    }
}

fn goes_on<C: Scenario>(case: C, why: &str, seen: &mut Observed<'_>) -> Verdict {
    seen.note(format!("does not end, as expected: {why}"));
    checked(case, seen)
}

fn checked<C: Scenario>(case: C, seen: &mut Observed<'_>) -> Verdict {
    case.check(seen);
    if seen.is_open {
        let reason = "its check goes by the transcript, and it ran unrecorded";
        return Verdict::Unsupported(reason.to_owned());
    }
    if seen.wrong.is_empty() {
        return Verdict::Ok;
    }
    Verdict::Failed(seen.wrong.join("; "))
}

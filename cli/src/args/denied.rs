//! The findings that `trace --deny` names.

use std::sync::LazyLock;
use std::time::Duration;

use pollmark_core::time::{parse_duration, seconds};
use pollmark_core::trace::{Complaint, Finding};

use crate::text::suggest;

/// The names of all complaints: those in JSON, with hyphens.
const NAMES: [(Complaint, &str); 18] = [
    (Complaint::NeverWoken, "never-woken"),
    (Complaint::PoolExhausted, "pool-exhausted"),
    (Complaint::NeverReturned, "never-returned"),
    (Complaint::WaitsInPoll, "waits-in-poll"),
    (Complaint::LongPoll, "long-poll"),
    (Complaint::NeverYields, "never-yields"),
    (Complaint::Starved, "starved"),
    (Complaint::ReadyBesideFreeWorker, "ready-beside-free-worker"),
    (Complaint::LateTimer, "late-timer"),
    (Complaint::CallsQueued, "calls-queued"),
    (Complaint::LostWake, "lost-wake"),
    (Complaint::NeverPolled, "never-polled"),
    (Complaint::LeftBehind, "left-behind"),
    (Complaint::Dropped, "dropped"),
    (Complaint::WorkerTakenOver, "worker-taken-over"),
    (Complaint::SetAside, "set-aside"),
    (Complaint::FutureDropped, "future-dropped"),
    (Complaint::NothingAwaited, "nothing-awaited"),
];

/// The name that stands for all of them.
const ALL: &str = "all";

/// The help of the option, which lists the names.
pub(super) static HELP: LazyLock<String> = LazyLock::new(|| {
    let names = NAMES.map(|(_, name)| name).join(", ");
    format!(
        "Findings that fail the command, comma separated: {names}, or `{ALL}`. `NAME=DURATION` \
         means only those that last as long, in real time, or on the virtual clock in its own. \
         Ideals drawn beside are not judged"
    )
});

/// A finding that fails the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Denied {
    /// `None` for every kind.
    complaint: Option<Complaint>,
    /// The shortest length that is meant, on the runtime's clock.
    least: Duration,
}

impl Denied {
    pub(crate) fn means(&self, finding: &Finding) -> bool {
        let is_kind = self.complaint.is_none_or(|kind| {
            // A poll that seems to wait for another task is a long one, too.
            kind == finding.complaint
                || (kind, finding.complaint) == (Complaint::LongPoll, Complaint::WaitsInPoll)
        });
        is_kind && finding.length.unwrap_or(self.least) >= self.least
    }
}

/// The name of a complaint on the command line.
pub(crate) fn name(complaint: Complaint) -> &'static str {
    let mut names = NAMES.iter();
    let known = names.find(|(known, _)| *known == complaint);
    known.map_or("unnamed", |(_, name)| name)
}

pub(super) fn parse(text: &str) -> Result<Denied, String> {
    let (name, length) = match text.split_once('=') {
        Some((name, length)) => (name.trim(), Some(length)),
        None => (text.trim(), None),
    };
    let known = NAMES.iter().find(|(_, known)| *known == name);
    if known.is_none() && name != ALL {
        let names = NAMES.iter().map(|(_, name)| *name).chain([ALL]);
        return Err(suggest::unknown("finding", name, names).to_string());
    }
    let complaint = known.map(|(complaint, _)| *complaint);
    let Some(length) = length else {
        let least = Duration::ZERO;
        return Ok(Denied { complaint, least });
    };
    let least = parse_duration(length.trim()).map_err(|error| error.to_string())?;
    let Some(shortest) = complaint.and_then(Complaint::shortest) else {
        return Err(format!("`{name}` has no length to compare with"));
    };
    if least < shortest {
        return Err(format!("`{name}` is found from {} on", seconds(shortest)));
    }
    Ok(Denied { complaint, least })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails to compile where a complaint is missing, and so in the table.
    #[test]
    fn every_complaint_is_named_as_in_json() {
        for (index, (complaint, name)) in NAMES.into_iter().enumerate() {
            let json = serde_json::to_value(complaint).unwrap();
            assert_eq!(json, name.replace('-', "_"));
            let place = match complaint {
                Complaint::NeverWoken => 0,
                Complaint::PoolExhausted => 1,
                Complaint::NeverReturned => 2,
                Complaint::WaitsInPoll => 3,
                Complaint::LongPoll => 4,
                Complaint::NeverYields => 5,
                Complaint::Starved => 6,
                Complaint::ReadyBesideFreeWorker => 7,
                Complaint::LateTimer => 8,
                Complaint::CallsQueued => 9,
                Complaint::LostWake => 10,
                Complaint::NeverPolled => 11,
                Complaint::LeftBehind => 12,
                Complaint::Dropped => 13,
                Complaint::WorkerTakenOver => 14,
                Complaint::SetAside => 15,
                Complaint::FutureDropped => 16,
                Complaint::NothingAwaited => 17,
            };
            assert_eq!(place, index);
            assert_eq!(super::name(complaint), name);
            assert!(HELP.contains(name));
        }
    }

    #[test]
    fn a_denial_is_a_name_and_perhaps_a_length() {
        let denied = |complaint, least| {
            let least = Duration::from_millis(least);
            Ok(Denied { complaint, least })
        };
        assert_eq!(parse("long-poll"), denied(Some(Complaint::LongPoll), 0));
        assert_eq!(
            parse("long-poll=10ms"),
            denied(Some(Complaint::LongPoll), 10)
        );
        assert_eq!(parse("dropped=1s"), denied(Some(Complaint::Dropped), 1000));
        assert_eq!(parse("all"), denied(None, 0));
        for (wrong, why) in [
            ("long-pol", "did you mean `long-poll`"),
            ("long_poll", "did you mean `long-poll`"),
            ("", "never-woken, pool-exhausted"),
            ("long-poll=", "duration"),
            ("long-poll=soon", "duration"),
            ("long-poll=1ms", "found from 10 ms on"),
            ("late-timer=10ms", "found from 0.1 s on"),
            ("left-behind=1s", "has no length"),
            ("all=1s", "has no length"),
        ] {
            let told = parse(wrong).unwrap_err();
            assert!(told.contains(why), "{wrong}: {told}");
        }
    }
}

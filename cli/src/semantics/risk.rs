//! The risk of an answer that is new to a program, because it has moved to another runtime.

use serde::Serialize;

use super::answer::Answer;
use super::probes::Question;

/// The risk of a changed answer, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Risk {
    /// The program has another outcome, and no error tells it.
    Silent,
    Hang,
    Panic,
    /// Work that was begun, or handed over, is not done.
    LostWork,
    /// The same things happen at other times.
    Timing,
    /// An error has another kind.
    Wording,
    /// The call failed before, and works now.
    None,
}

impl Risk {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Risk::Silent => "Another outcome, silently",
            Risk::Hang => "A hang",
            Risk::Panic => "A panic",
            Risk::LostWork => "Lost work",
            Risk::Timing => "Another timing",
            Risk::Wording => "Another error",
            Risk::None => "No risk: it failed, and works now",
        }
    }
}

/// Words of the new answer, and the risk of an answer that has them. The first row counts that
/// fits; `""` fits every answer.
type Rows = &'static [(&'static str, Risk)];

/// The risk of the answer `new` to `question` for a program that relies on `old`.
pub(crate) fn risk(question: Question, old: &Answer, new: &Answer) -> Risk {
    if old.fails() && !new.fails() {
        return Risk::None;
    }
    let answer = new.answer.as_deref().unwrap_or_default();
    let mut rows = rows(question).iter();
    let row = rows.find(|(words, _)| answer.contains(words));
    match row.map_or(Risk::Silent, |(_, risk)| *risk) {
        // Where more runs at a time than before, no call waits that did not.
        Risk::Hang if old.value.is_some() && new.value > old.value => Risk::Timing,
        risk => risk,
    }
}

#[rustfmt::skip]
const fn rows(question: Question) -> Rows {
    use Risk::{Hang, LostWork, Panic, Silent, Timing, Wording};
    match question {
        Question::HandleDrop => &[("cancelled", LostWork), ("", Silent)],
        Question::Panic => &[("panics", Panic), ("", Silent)],
        Question::DetachedPanic => &[("", Silent)],
        Question::CancelRequest => &[("", Silent)],
        Question::CancelBeforeFirstPoll => &[("", Silent)],
        Question::CancelBusy => &[("lost", LostWork), ("", Silent)],
        Question::CancelWaits => &[("", Silent)],
        Question::DropPanic => &[("aborts", Panic), ("panics", Panic), ("error", Wording), ("", Silent)],
        Question::MainEnds => &[("go on", Silent), ("", LostWork)],
        Question::ShutdownDrops => &[("dropped", LostWork), ("", Silent)],
        Question::ShutdownJoin => &[("waits", Hang), ("panics", Panic), ("error", Wording), ("", Silent)],
        Question::ShutdownSpawn => &[("waits", Hang), ("panics", Panic), ("error", Wording), ("", Silent)],
        Question::FreeSpawnAtEnd => &[("dropped", LostWork), ("", Silent)],
        Question::BlockingAtEnd => &[("without limit", Hang), ("", LostWork)],
        Question::ZeroSleep => &[("", Timing)],
        Question::SleepDeadline => &[("", Timing)],
        Question::TimerGranularity => &[("", Timing)],
        Question::TimerBesideWork => &[("", Timing)],
        Question::IntervalStart => &[("", Timing)],
        Question::IntervalStall => &[("", Timing)],
        Question::ForcedYields => &[("", Timing)],
        Question::PollOrder => &[("", Silent)],
        Question::IdleWorker => &[("no", Hang), ("", Timing)],
        Question::FreeSpawn => &[("", Hang)],
        Question::BlockingThreads => &[("", Hang)],
        Question::BlockingDrop => &[("never runs", LostWork), ("", Silent)],
        Question::NestedBlockOn => &[("hangs", Hang), ("", Panic)],
        Question::NestedExecutor => &[("hangs", Hang), ("", Panic)],
        Question::OutsideSpawn => &[("hangs", Hang), ("", Panic)],
        Question::OutsideTimer => &[("hangs", Hang), ("", Panic)],
        Question::OutsideIo => &[("hangs", Hang), ("", Panic)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_risk_is_that_of_the_new_answer() {
        let seen = |answer: &str| Answer::seen(answer);
        let (goes_on, cancelled) = (seen("the task goes on"), seen("the task is cancelled"));
        let drop = Question::HandleDrop;
        assert_eq!(risk(drop, &goes_on, &cancelled), Risk::LostWork);
        assert_eq!(risk(drop, &cancelled, &goes_on), Risk::Silent);
        let (works, panics) = (seen("it works"), Answer::panics("no reactor"));
        let timer = Question::OutsideTimer;
        assert_eq!(risk(timer, &works, &panics), Risk::Panic);
        assert_eq!(risk(timer, &panics, &works), Risk::None);
        assert_eq!(risk(timer, &panics, &Answer::hangs("")), Risk::Hang);
        let (error, value) = (
            seen("an error (cancelled)"),
            seen("its value, the task ran"),
        );
        let join = Question::ShutdownJoin;
        assert_eq!(risk(join, &value, &error), Risk::Wording);
        assert_eq!(risk(join, &error, &value), Risk::Silent);
        let (few, many) = (Answer::figure("1", 1), Answer::figure("2", 2));
        let threads = Question::BlockingThreads;
        assert_eq!(risk(threads, &many, &few), Risk::Hang);
        assert_eq!(risk(threads, &few, &many), Risk::Timing);
    }

    #[test]
    fn every_answer_has_a_row() {
        for question in Question::ALL {
            let last = rows(*question).last();
            assert!(matches!(last, Some(("", _))), "{question:?}");
        }
    }
}

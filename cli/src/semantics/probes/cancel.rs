//! Cancellation: when it is requested, how it ends the task, and when it is complete.

use std::future::pending;
use std::task::Poll;

use anyhow::{Result, bail};

use crate::semantics::answer::Answer;
use crate::semantics::fate::Fate;
use crate::semantics::observe::{Flag, RaiseOnDrop, Settled, VALUE, Watched, poll_once, settle};
use crate::semantics::question::{Inapplicable, Info, Side};
use crate::semantics::side::{Cancels, Driven, Owns, Setup, Spawns};

const NO_CANCEL: &[Inapplicable] = &[(Side::Native, "threads", "a thread cannot be cancelled")];

/// The number of times a race is run before it is said to go one way.
const ROUNDS: usize = 50;

pub(super) const CANCEL_REQUEST: Info = Info {
    id: "cancel-request",
    title: "When is a cancel asked for?",
    why: "A lazy cancel that is called and not awaited, as in `drop(task.cancel())`, \
          may do nothing at all.",
    how: "A cancel is called on a task that waits at a gate; its future is held \
          unpolled, and for another task dropped unpolled. The gate opens: does \
          the task finish?",
    rule: Some("cancel_requests_at_the_call"),
    inapplicable: NO_CANCEL,
    ..Info::PLAIN
};

pub(crate) fn request<O>(setup: Setup) -> Result<Answer>
where
    O: Owns<Spawner: Cancels>,
{
    let driven = Driven::<O>::start(setup)?;
    let begun = || {
        let watched = Watched::default();
        let task = driven.spawner.spawn(watched.body());
        watched.begun.wait();
        (watched, O::Spawner::cancel(task))
    };
    let (watched, held) = begun();
    let goes_on_while_held = watched.finishes();
    drop(held);
    let (watched, dropped) = begun();
    drop(dropped);
    let goes_on_when_dropped = watched.finishes();
    driven.end()?;
    Ok(match (goes_on_while_held, goes_on_when_dropped) {
        (false, false) => Answer::seen("by the call"),
        (true, false) => Answer::seen("when its future is polled or dropped"),
        (true, true) => Answer::seen("when its future is polled")
            .detail("dropped without a poll, it cancels nothing"),
        (false, true) => bail!("held unpolled a cancel acts, and dropped unpolled it does not"),
    })
}

pub(super) const CANCEL_BEFORE_FIRST_POLL: Info = Info {
    id: "cancel-before-first-poll",
    title: "A task is cancelled before its first poll: does its body run?",
    why: "Cleanup inside the body is not reached then; only what the future \
          already owns is dropped.",
    how: "On one worker a task spawns another and cancels it at once, 50 times; \
          the body tells whether it ran.",
    inapplicable: NO_CANCEL,
    ..Info::PLAIN
};

pub(crate) fn before_first_poll<O>(setup: Setup) -> Result<Answer>
where
    O: Owns<Spawner: Cancels>,
{
    let owner = O::start(setup)?;
    let spawner = owner.spawner();
    let ran = owner.main(async move {
        let mut ran = 0;
        for _ in 0..ROUNDS {
            let polled = Flag::default();
            let mark = polled.clone();
            let task = spawner.spawn(async move {
                mark.raise();
                VALUE
            });
            O::Spawner::cancel(task).await;
            ran += usize::from(polled.is_raised());
        }
        ran
    })?;
    let answer = if ran == 0 {
        Answer::seen("its body never runs")
    } else {
        Answer::seen("its body may run, it is a race")
    };
    Ok(answer.detail(format!("it ran in {ran} of {ROUNDS} rounds")))
}

pub(super) const CANCEL_BUSY: Info = Info {
    id: "cancel-busy",
    title: "A busy task is cancelled and then returns 9: what is given?",
    why: "Work that was done, and perhaps paid for, is thrown away where the \
          value is lost.",
    how: "A task blocks its worker; the cancel is asked for, then the task \
          returns in that same poll, then the cancel is awaited.",
    inapplicable: NO_CANCEL,
    ..Info::PLAIN
};

pub(crate) fn busy<O>(setup: Setup) -> Result<Answer>
where
    O: Owns<Spawner: Cancels>,
{
    let driven = Driven::<O>::start(setup)?;
    let (begun, release) = (Flag::default(), Flag::default());
    let task = driven.spawner.spawn({
        let (begun, release) = (begun.clone(), release.clone());
        async move {
            begun.raise();
            release.wait();
            VALUE
        }
    });
    begun.wait();
    let mut request = Box::pin(O::Spawner::cancel(task));
    // Lazy or not, the cancel has been requested now.
    let asked = poll_once(request.as_mut());
    release.raise();
    let settled = match asked {
        Poll::Ready(fate) => Settled::Told(fate),
        Poll::Pending => settle(request, None, |fate| fate),
    };
    driven.end()?;
    Ok(match settled {
        Settled::Told(Fate::Value(VALUE)) => Answer::seen("its value"),
        Settled::Told(Fate::Nothing | Fate::Cancelled) => {
            Answer::seen("nothing, its value is lost")
        }
        other => bail!("the cancel of a busy task gave {other:?}"),
    })
}

pub(super) const CANCEL_WAITS: Info = Info {
    id: "cancel-waits",
    title: "Does awaiting a cancel wait until the future has been dropped?",
    why: "What the task held, a lock or a file, is only free once its future has \
          been dropped.",
    how: "The future's drop is held up; meanwhile the cancel is polled.",
    rule: Some("cancel_waits_for_the_drop"),
    inapplicable: NO_CANCEL,
    ..Info::PLAIN
};

pub(crate) fn waits_for_the_drop<O>(setup: Setup) -> Result<Answer>
where
    O: Owns<Spawner: Cancels>,
{
    /// Owned by a future, to make its drop last until `release` is raised.
    struct SlowDrop {
        dropping: Flag,
        release: Flag,
        _dropped: RaiseOnDrop,
    }

    impl Drop for SlowDrop {
        fn drop(&mut self) {
            self.dropping.raise();
            self.release.wait();
        }
    }

    let driven = Driven::<O>::start(setup)?;
    let [begun, dropping, release, dropped] = [(); 4].map(|()| Flag::default());
    let guard = SlowDrop {
        dropping: dropping.clone(),
        release: release.clone(),
        _dropped: dropped.on_drop(),
    };
    let mark = begun.clone();
    let task = driven.spawner.spawn(async move {
        let _guard = guard;
        mark.raise();
        pending().await
    });
    begun.wait();
    let mut request = Box::pin(O::Spawner::cancel(task));
    let asked = poll_once(request.as_mut());
    dropping.wait();
    let resolved = asked.is_ready() || poll_once(request.as_mut()).is_ready();
    release.raise();
    if !resolved {
        settle(request, None, |fate| fate);
    }
    let gone = resolved || dropped.is_raised();
    driven.end()?;
    match (resolved, gone) {
        (true, _) => Ok(Answer::seen("no, it may still be dropping")),
        (false, true) => Ok(Answer::seen("yes, it waits")),
        (false, false) => bail!("it resolved before the future's drop had ended"),
    }
}

pub(super) const DROP_PANIC: Info = Info {
    id: "drop-panic",
    title: "A cancelled future panics in its drop: what does its canceller get?",
    why: "A destructor that panics, as one that unwraps does, may take down the \
          process and everything in it.",
    how: "A task waits; it is cancelled, and its future's drop panics. Then the \
          cancel is awaited.",
    inapplicable: NO_CANCEL,
    ..Info::PLAIN
};

pub(crate) fn panic_in_drop<O>(setup: Setup) -> Result<Answer>
where
    O: Owns<Spawner: Cancels>,
{
    struct PanicInDrop;

    impl Drop for PanicInDrop {
        fn drop(&mut self) {
            panic!("burnt while clearing up");
        }
    }

    let driven = Driven::<O>::start(setup)?;
    let begun = Flag::default();
    let mark = begun.clone();
    let task = driven.spawner.spawn(async move {
        let _guard = PanicInDrop;
        mark.raise();
        pending().await
    });
    begun.wait();
    match settle(O::Spawner::cancel(task), None, |fate| fate) {
        Settled::Told(Fate::Panicked) => Ok(Answer::seen("an error (panicked)")),
        Settled::Told(Fate::Cancelled) => Ok(Answer::seen("an error (cancelled)")),
        Settled::Told(Fate::Nothing) => Ok(Answer::seen("nothing, and no word of the panic")),
        Settled::Unwound(message) => {
            Ok(Answer::seen("the canceller panics too").detail(format!("with `{message}`")))
        }
        other => bail!("the cancel of a task whose drop panics gave {other:?}"),
    }
}

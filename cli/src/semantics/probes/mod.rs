//! The probes: one for each question, generic over the side that it is asked of.
//!
//! If it can, a probe waits for one of two events that exclude each other, never for a time
//! in which something should have happened. A busy machine therefore makes it slower, not
//! wrong. A task that stands still can only be seen by waiting; such probes say for how
//! long.

mod blocking;
mod cancel;
mod contexts;
mod endings;
#[cfg(test)]
mod faults;
mod handles;
mod intervals;
mod scheduling;
mod time;
mod timers;

use anyhow::{Context, Result, bail};
use pollmark_core::Runner;
use pollmark_runner_async_std as async_std;
use pollmark_runner_smol as smol;
use pollmark_runner_threads as threads;
use pollmark_runner_tokio as tokio;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::contract::Contract;
use super::native;
use super::question::{Info, Side};
use super::side::{Bare, Cancels, Ends, Owns, Setup};

/// Declares the questions: what each needs of the side that it is asked of (`any` side will
/// do, it `cancels` tasks, it `ends`, it is a `bare` library), its name, its text and its probe.
macro_rules! questions {
    ($($needs:ident $name:ident = $info:path, $module:ident::$probe:ident;)+) => {
        /// A question that is asked of every runtime.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum Question {
            $($name),+
        }

        impl Question {
            /// Every question, in the order in which they are shown.
            pub(crate) const ALL: &[Question] = &[$(Question::$name),+];

            pub(crate) fn info(self) -> &'static Info {
                match self {
                    $(Question::$name => &$info),+
                }
            }
        }

        /// Asks what any side can be asked; `None` where it cannot.
        fn common<O: Owns>(question: Question, setup: Setup) -> Option<Result<Answer>> {
            match question {
                $(Question::$name => if_has!(any $needs $module::$probe::<O>(setup))),+
            }
        }

        /// Asks what a side can be asked that cancels tasks.
        fn asynchronous<O: Owns<Spawner: Cancels>>(
            question: Question,
            setup: Setup,
        ) -> Option<Result<Answer>> {
            match question {
                $(Question::$name => if_has!(cancels $needs $module::$probe::<O>(setup))),+
            }
        }

        /// Asks what a side can be asked that cancels tasks and ends.
        fn full<O: Ends<Spawner: Cancels>>(
            question: Question,
            setup: Setup,
        ) -> Option<Result<Answer>> {
            match question {
                $(Question::$name => if_has!(ends $needs $module::$probe::<O>(setup))),+
            }
        }

        /// Asks what only a bare library can be asked.
        fn bare<O: Bare>(question: Question, setup: Setup) -> Option<Result<Answer>> {
            match question {
                $(Question::$name => if_has!(bare $needs $module::$probe::<O>(setup))),+
            }
        }
    };
}

/// The answer, where a side that has the first has what the question needs.
macro_rules! if_has {
    (any any $answer:expr) => {
        Some($answer)
    };
    (any $needs:ident $answer:expr) => {
        None
    };
    (bare bare $answer:expr) => {
        Some($answer)
    };
    (bare $needs:ident $answer:expr) => {
        None
    };
    ($has:ident bare $answer:expr) => {
        None
    };
    (cancels ends $answer:expr) => {
        None
    };
    ($has:ident $needs:ident $answer:expr) => {
        Some($answer)
    };
}

questions! {
    any HandleDrop = handles::HANDLE_DROP, handles::dropped;
    any Panic = handles::PANIC, handles::panicked;
    any DetachedPanic = handles::DETACHED_PANIC, handles::detached_panic;
    cancels CancelRequest = cancel::CANCEL_REQUEST, cancel::request;
    cancels CancelBeforeFirstPoll = cancel::CANCEL_BEFORE_FIRST_POLL, cancel::before_first_poll;
    cancels CancelBusy = cancel::CANCEL_BUSY, cancel::busy;
    cancels CancelWaits = cancel::CANCEL_WAITS, cancel::waits_for_the_drop;
    cancels DropPanic = cancel::DROP_PANIC, cancel::panic_in_drop;
    any MainEnds = endings::MAIN_ENDS, endings::main_ends;
    ends ShutdownDrops = endings::SHUTDOWN_DROPS, endings::shutdown_drops;
    ends ShutdownJoin = endings::SHUTDOWN_JOIN, endings::shutdown_joins;
    ends ShutdownSpawn = endings::SHUTDOWN_SPAWN, endings::shutdown_spawns;
    ends FreeSpawnAtEnd = endings::FREE_SPAWN_AT_END, endings::free_spawn_at_end;
    ends BlockingAtEnd = endings::BLOCKING_AT_END, endings::blocking_at_end;
    cancels ZeroSleep = time::ZERO_SLEEP, time::zero_sleep;
    cancels SleepDeadline = time::SLEEP_DEADLINE, time::deadline;
    any TimerGranularity = time::TIMER_GRANULARITY, time::granularity;
    any TimerBesideWork = timers::TIMER_BESIDE_WORK, timers::beside_work;
    bare IntervalStart = intervals::INTERVAL_START, intervals::first_tick;
    bare IntervalStall = intervals::INTERVAL_STALL, intervals::after_a_stall;
    cancels ForcedYields = scheduling::FORCED_YIELDS, scheduling::forced_yields;
    cancels PollOrder = scheduling::POLL_ORDER, scheduling::poll_order;
    any IdleWorker = scheduling::IDLE_WORKER, scheduling::idle_worker;
    any FreeSpawn = scheduling::FREE_SPAWN, scheduling::free_spawn;
    any BlockingThreads = blocking::BLOCKING_THREADS, blocking::pool_peak;
    cancels BlockingDrop = blocking::BLOCKING_DROP, blocking::dropped_call;
    bare NestedBlockOn = contexts::NESTED_BLOCK_ON, contexts::own_block_on;
    any NestedExecutor = contexts::NESTED_EXECUTOR, contexts::foreign_block_on;
    any OutsideSpawn = contexts::OUTSIDE_SPAWN, contexts::spawn_outside;
    any OutsideTimer = contexts::OUTSIDE_TIMER, contexts::sleep_outside;
    any OutsideIo = contexts::OUTSIDE_IO, contexts::read_outside;
}

/// Asks `question` of a side of a runner, in this process.
pub(super) fn ask(question: Question, side: Side, runner: &str, setup: Setup) -> Result<Answer> {
    if let Some(reason) = question.info().inapplicable_to(side, runner) {
        return Ok(Answer::not_applicable(reason));
    }
    let answer = match (side, runner) {
        (Side::Native, "tokio") => library::<native::Tokio<native::MultiThread>>(question, setup),
        (Side::Native, "tokio-current-thread") => {
            library::<native::Tokio<native::CurrentThread>>(question, setup)
        }
        (Side::Native, "async-std") => asynchronous::<native::AsyncStd>(question, setup.clone())
            .or_else(|| bare::<native::AsyncStd>(question, setup)),
        (Side::Native, "smol") => library::<native::Smol>(question, setup),
        (Side::Native, "threads") => common::<native::Threads>(question, setup),
        (Side::Contract, "tokio") => contract::<tokio::Tokio>(question, setup),
        (Side::Contract, "tokio-current-thread") => {
            contract::<tokio::TokioCurrentThread>(question, setup)
        }
        (Side::Contract, "async-std") => contract::<async_std::AsyncStd>(question, setup),
        (Side::Contract, "smol") => contract::<smol::Smol>(question, setup),
        (Side::Contract, "threads") => contract::<threads::Threads>(question, setup),
        (_, other) => bail!("no probe knows the runner `{other}`"),
    };
    answer.context("no probe for this question")?
}

fn library<O>(question: Question, setup: Setup) -> Option<Result<Answer>>
where
    O: Ends<Spawner: Cancels> + Bare,
{
    full::<O>(question, setup.clone()).or_else(|| bare::<O>(question, setup))
}

fn contract<Q: Runner>(question: Question, setup: Setup) -> Option<Result<Answer>> {
    full::<Contract<Q>>(question, setup)
}

//! The probes: one for each question, generic over the side that it is asked of.
//!
//! If it can, a probe waits for one of two events that exclude each other, never for a time
//! in which something should have happened. A busy machine therefore makes it slower, not
//! wrong. A task that stands still can only be seen by waiting; such probes say for how
//! long.

mod blocking;
mod cancel;
mod endings;
#[cfg(test)]
mod faults;
mod handles;
mod scheduling;
mod time;
mod timers;

use anyhow::{Context, Result, bail};
use pollmark_core::Runner;
use pollmark_runner_async_std as async_std;
use pollmark_runner_smol as smol;
use pollmark_runner_threads as threads;
use pollmark_runner_tokio as tokio;

use super::answer::Answer;
use super::contract::Contract;
use super::native;
use super::question::Question;
use super::side::{Cancels, Ends, Owns, Setup};
use super::{Probe, Side};

/// Asks the question of `probe` in this process.
///
/// # Errors
///
/// The runtime cannot be built, or did something that no answer covers.
///
/// # Blocking
///
/// Blocks as long as the runtime does not do its part: for ever, if it never does.
pub(crate) fn ask(probe: &Probe) -> Result<Answer> {
    let (question, setup) = (probe.question, probe.setup());
    match (probe.side, probe.runner.as_str()) {
        (Side::Native, "tokio") => full::<native::Tokio<native::MultiThread>>(question, setup),
        (Side::Native, "tokio-current-thread") => {
            full::<native::Tokio<native::CurrentThread>>(question, setup)
        }
        (Side::Native, "async-std") => native_async_std(question, setup),
        (Side::Native, "smol") => full::<native::Smol>(question, setup),
        (Side::Native, "threads") => native_threads(question, setup),
        (Side::Contract, "tokio") => contract::<tokio::Tokio>(question, setup),
        (Side::Contract, "tokio-current-thread") => {
            contract::<tokio::TokioCurrentThread>(question, setup)
        }
        (Side::Contract, "async-std") => contract::<async_std::AsyncStd>(question, setup),
        (Side::Contract, "smol") => contract::<smol::Smol>(question, setup),
        (Side::Contract, "threads") => contract_threads(question, setup),
        (_, other) => bail!("no probe knows the runner `{other}`"),
    }
}

fn contract<Q: Runner>(question: Question, setup: Setup) -> Result<Answer> {
    full::<Contract<Q>>(question, setup)
}

fn contract_threads(question: Question, setup: Setup) -> Result<Answer> {
    match question {
        Question::PollOrder => Ok(Answer::not_applicable(NO_QUEUE)),
        _ => contract::<threads::Threads>(question, setup),
    }
}

/// The probes for every side.
fn common<O: Owns>(question: Question, setup: Setup) -> Option<Result<Answer>> {
    Some(match question {
        Question::HandleDrop => handles::dropped::<O>(setup),
        Question::Panic => handles::panicked::<O>(setup),
        Question::DetachedPanic => handles::detached_panic::<O>(setup),
        Question::MainEnds => endings::main_ends::<O>(setup),
        Question::TimerGranularity => time::granularity::<O>(setup),
        Question::TimerBesideWork => timers::beside_work::<O>(setup),
        Question::BlockingThreads => blocking::pool_peak::<O>(setup),
        _ => return None,
    })
}

/// The probes for every async runtime.
fn asynchronous<O: Owns<Spawner: Cancels>>(
    question: Question,
    setup: Setup,
) -> Option<Result<Answer>> {
    Some(match question {
        Question::CancelRequest => cancel::request::<O>(setup),
        Question::CancelBeforeFirstPoll => cancel::before_first_poll::<O>(setup),
        Question::CancelBusy => cancel::busy::<O>(setup),
        Question::CancelWaits => cancel::waits_for_the_drop::<O>(setup),
        Question::DropPanic => cancel::panic_in_drop::<O>(setup),
        Question::ZeroSleep => time::zero_sleep::<O>(setup),
        Question::SleepDeadline => time::deadline::<O>(setup),
        Question::ForcedYields => scheduling::forced_yields::<O>(setup),
        Question::PollOrder => scheduling::poll_order::<O>(setup),
        Question::BlockingDrop => blocking::dropped_call::<O>(setup),
        _ => return common::<O>(question, setup),
    })
}

fn full<O: Ends<Spawner: Cancels>>(question: Question, setup: Setup) -> Result<Answer> {
    match question {
        Question::ShutdownDrops => endings::shutdown_drops::<O>(setup),
        Question::ShutdownJoin => endings::shutdown_joins::<O>(setup),
        Question::ShutdownSpawn => endings::shutdown_spawns::<O>(setup),
        _ => asynchronous::<O>(question, setup).context("no probe for this question")?,
    }
}

fn native_async_std(question: Question, setup: Setup) -> Result<Answer> {
    match asynchronous::<native::AsyncStd>(question, setup) {
        Some(answer) => answer,
        None => Ok(Answer::not_applicable("async-std has no shutdown")),
    }
}

const NO_QUEUE: &str = "the OS starts each thread by itself: there is no queue of ready tasks";

fn native_threads(question: Question, setup: Setup) -> Result<Answer> {
    let reason = match question {
        Question::CancelRequest
        | Question::CancelBeforeFirstPoll
        | Question::CancelBusy
        | Question::CancelWaits
        | Question::DropPanic => "a thread cannot be cancelled",
        Question::ShutdownDrops | Question::ShutdownJoin | Question::ShutdownSpawn => {
            "there is no runtime to shut down"
        }
        Question::ZeroSleep => "the OS takes the CPU from a thread, which need not yield",
        Question::SleepDeadline => "`thread::sleep` is a call: it begins when it is made",
        Question::ForcedYields => "a join is a blocking call and has no polls",
        Question::PollOrder => NO_QUEUE,
        Question::BlockingDrop => "a thread is started at once and never queued",
        _ => {
            let answer = common::<native::Threads>(question, setup);
            return answer.context("no probe for this question")?;
        }
    };
    Ok(Answer::not_applicable(reason))
}

//! Runs every probe in a process of its own.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::asked::Asked;
use crate::model::column::Column;
use crate::process::parent::{self, End};
use crate::process::protocol::{Message, Task};
use crate::process::side_by_side::side_by_side;
use crate::semantics::answer::{Answer, Status};
use crate::semantics::probe::Probe;
use crate::semantics::probes::Question;
use crate::semantics::question::Side;
use crate::text::progress;

/// The time limit of a probe in its own process. Probes take milliseconds, and the longest
/// half a second.
const LIMIT: Duration = Duration::from_secs(2);

/// The time limit of a probe that no neighbour may disturb. On a busy machine it tries
/// again until it knows, or knows that it cannot tell; it must not be taken for one that
/// hangs.
const QUIET_LIMIT: Duration = Duration::from_secs(20);

/// Asks these sides of every column every question. A side that is not asked has no answers.
///
/// # Errors
///
/// No process can be started.
pub(crate) fn all(columns: &[Column], sides: &[Side]) -> Result<Vec<Asked>> {
    let probes: Vec<Probe> = Question::ALL
        .iter()
        .flat_map(|&question| {
            sides.iter().flat_map(move |&side| {
                columns.iter().map(move |column| Probe {
                    question,
                    runner: column.runner.id.to_owned(),
                    settings: column.settings.clone(),
                    side,
                })
            })
        })
        .collect();
    let mut answers = ask_all(&probes)?.into_iter();
    let questions = Question::ALL.iter().map(|&question| {
        let mut of_side = |side| {
            let asked = columns.iter().filter(|_| sides.contains(&side));
            asked.map(Column::to_string).zip(answers.by_ref()).collect()
        };
        Asked {
            question,
            native: of_side(Side::Native),
            contract: of_side(Side::Contract),
        }
    });
    Ok(questions.collect())
}

/// Asks all probes and returns the answers in the order of the probes.
fn ask_all(probes: &[Probe]) -> Result<Vec<Answer>> {
    let answers: Vec<Mutex<Option<Answer>>> = probes.iter().map(|_| Mutex::new(None)).collect();
    let template = "{spinner} {pos}/{len} probes {wide_bar}";
    let tick = Duration::from_millis(100);
    let progress = progress::bar(true, probes.len() as u64, template, tick);
    let take = |index: usize| -> Result<()> {
        let answer = ask(&probes[index]).unwrap_or_else(not_asked);
        *answers[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(answer);
        progress.inc(1);
        Ok(())
    };
    let (quiet, others): (Vec<usize>, Vec<usize>) =
        (0..probes.len()).partition(|&index| probes[index].question.info().needs_quiet);
    let jobs = 2 * thread::available_parallelism().map_or(1, |cpus| cpus.get());
    side_by_side(&others, jobs, take)?;
    quiet.into_iter().try_for_each(take)?;
    progress.finish_and_clear();
    let answers = answers.into_iter().map(|answer| {
        let answer = answer.into_inner().unwrap_or_else(PoisonError::into_inner);
        answer.unwrap_or_else(|| Answer::broken("it was not asked"))
    });
    let answers: Vec<Answer> = answers.collect();
    let any = answers
        .iter()
        .any(|answer| answer.status == Status::Observed);
    // A probe that hung or failed among others is asked once more, alone: the machine may have
    // been busy, or its process was killed from outside.
    probes
        .iter()
        .zip(answers)
        .map(|(probe, answer)| match answer.status {
            Status::Hangs | Status::Broken if any => Ok(ask(probe).unwrap_or_else(not_asked)),
            Status::Hangs | Status::Broken => ask(probe),
            Status::Observed | Status::Aborts | Status::NotApplicable => Ok(answer),
        })
        .collect()
}

fn ask(probe: &Probe) -> Result<Answer> {
    let info = probe.question.info();
    if let Some(reason) = info.inapplicable_to(probe.side, &probe.runner) {
        return Ok(Answer::not_applicable(reason));
    }
    let limit = match info.needs_quiet {
        true => QUIET_LIMIT,
        false => LIMIT,
    };
    let mut found = None;
    let task = Task::Probe(probe.clone());
    let ended = parent::run(task, probe.environment(), limit, |message| {
        if let Message::Answer(answer) = message {
            found = Some(answer);
        }
    })?;
    Ok(conclude(found, ended.end, limit))
}

/// The answer of a probe whose process could not be started.
fn not_asked(error: anyhow::Error) -> Answer {
    Answer::broken(format!("{error:#}"))
}

/// An answer from the probe stands, however its process ended afterwards.
fn conclude(found: Option<Answer>, end: End, limit: Duration) -> Answer {
    match (found, end) {
        (Some(answer), _) => answer,
        (None, End::TookTooLong) => {
            Answer::hangs(format!("it had not ended after {limit:?} and was stopped"))
        }
        (None, End::Aborted(how)) => Answer::aborts(how),
        (None, End::Broke(how)) => Answer::broken(how),
        (None, End::Done) => Answer::broken("its process ended without an answer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_says_nothing_is_an_answer() {
        let status = |end| conclude(None, end, LIMIT).status;
        assert_eq!(status(End::TookTooLong), Status::Hangs);
        assert_eq!(status(End::Aborted("by signal 6".into())), Status::Aborts);
        assert_eq!(status(End::Broke("with code 101".into())), Status::Broken);
        assert_eq!(status(End::Done), Status::Broken);
    }

    #[test]
    fn what_was_found_stands_however_its_process_ends() {
        let found = Answer::seen("yes");
        let ends = [End::Done, End::TookTooLong, End::Broke(String::new())];
        for end in ends {
            assert_eq!(conclude(Some(found.clone()), end, LIMIT), found);
        }
    }
}

//! `pollmark run`: every cell in a process of its own, its ideal beside it.

mod live;
mod predict;
mod same_events;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::time::Instant;
use std::{io, panic, thread};

use anyhow::{Context, Error, Result, bail};

use self::live::Live;
use crate::args::{Format, RunArgs};
use crate::commands::prepare::{self, Files, Prologue};
use crate::commands::trace;
use crate::model::cell::Cell;
use crate::model::environment::Environment;
use crate::model::result::{CellResult, Ideal, Line, Results};
use crate::model::select::Twins;
use crate::output::sink;
use crate::output::{csv, json, markdown, saved, summary};
use crate::process::attempt::{attempt, sample};
use crate::process::ideal;
use crate::process::interrupt::{self, Interrupted};
use crate::process::limits::{self, waiting_thread};
use crate::process::side_by_side::side_by_side;
use crate::text::messages;

/// Runs the cells; whether all went as expected.
///
/// # Errors
///
/// [`Interrupted`] after Ctrl-C, or the reason for which a cell could not be started: those
/// that had ended by then were shown.
pub(crate) fn run(args: &RunArgs) -> Result<bool> {
    let prologue = Prologue {
        patterns: &args.cells,
        shared: &args.shared,
        twins: Twins::Merged,
        chrome: None,
        svg: None,
    };
    let cells = &prologue.cells(|_| Ok(()))?;
    if args.shared.dry_run {
        return prologue.dry_run(cells, &ideal::find(cells)?, jobs(args), 1);
    }
    let environment = prepare::with_builds(Environment::look(), cells);
    let mut files = prologue.open(&saved::content(
        &environment,
        Vec::<CellResult>::new(),
        None,
    ))?;
    if args.predict {
        return run_predicted(cells, args, &environment, &mut files);
    }
    let ideals = ideal::find(cells)?;
    prepare::warn(&environment);

    interrupt::listen()?;
    let started = Instant::now();
    let Ran {
        results,
        mut is_unread,
        broken_off,
    } = run_cells(cells, &ideals, args, &environment, &mut files)?;
    let pairs = cells.iter().cloned().zip(results);
    let (ended, results): (Vec<Cell>, Vec<CellResult>) = pairs
        .filter_map(|(cell, result)| Some((cell, result?)))
        .unzip();
    let all_ok = results.iter().all(CellResult::is_as_expected);
    let text = match args.format {
        Format::Human if ended.is_empty() => String::new(),
        Format::Human => summary::summary(&ended, &results, started.elapsed()),
        Format::Json => json::json(&Results::new(&environment, results, None)),
        Format::Csv => csv::csv(&results, None)?,
        Format::Markdown => markdown::markdown(&ended, &results),
    };
    is_unread |= is_unread_but_saved(files.output.write(text.as_bytes()), args)?;
    if ended.len() < cells.len() {
        let left = format!(
            "{} of {} cells did not come to their end",
            cells.len() - ended.len(),
            cells.len()
        );
        messages::warn(&left);
        return Err(broken_off.unwrap_or_else(|| Interrupted.into()));
    }
    if args.timeline && !is_unread {
        files
            .output
            .write(trace::timelines(cells, false)?.as_bytes())?;
    }
    Ok(all_ok)
}

/// Asks before each cell and compares after it; stops where the input ends.
fn run_predicted(
    cells: &[Cell],
    args: &RunArgs,
    environment: &Environment,
    files: &mut Files,
) -> Result<bool> {
    let mut all_ok = true;
    for cell in cells {
        let Some(guess) = predict::ask(cell, &mut files.output)? else {
            files
                .output
                .write(b"No more answers: nothing more was run.\n")?;
            break;
        };
        let cell = std::slice::from_ref(cell);
        let ideals = ideal::find(cell)?;
        let started = Instant::now();
        // Nobody listens for Ctrl-C here: it ends the command, also while it asks.
        let ran = run_cells(cell, &ideals, args, environment, files)?;
        if let Some(error) = ran.broken_off {
            return Err(error);
        }
        let results: Vec<CellResult> = ran.results.into_iter().flatten().collect();
        all_ok &= results.iter().all(CellResult::is_as_expected);
        let mut text = summary::summary(cell, &results, started.elapsed());
        let compared = results
            .iter()
            .map(|result| predict::compare(&guess, result));
        text.extend(compared);
        files.output.write(text.as_bytes())?;
    }
    Ok(all_ok)
}

/// Cells that run side by side where all they do is wait.
fn jobs(args: &RunArgs) -> usize {
    let cpus = || thread::available_parallelism().map_or(1, |cpus| cpus.get());
    args.jobs.map_or_else(|| 4 * cpus(), |jobs| jobs.get())
}

/// News from a cell's thread to the one that prints.
enum News {
    Line(usize, Line),
    Done(usize, Result<Box<CellResult>>),
}

/// What came of the cells.
struct Ran {
    /// The result of each cell; `None` of one that was ended, or that was not begun.
    results: Vec<Option<CellResult>>,
    /// Whether the reader of the output has gone.
    is_unread: bool,
    /// The reason for which the rest was not begun, if it is not Ctrl-C.
    broken_off: Option<Error>,
}

/// Runs the cells, and saves each as soon as it has ended.
fn run_cells(
    cells: &[Cell],
    ideals: &[Ideal],
    args: &RunArgs,
    environment: &Environment,
    Files { output, save, .. }: &mut Files,
) -> Result<Ran> {
    let (sender, news) = mpsc::channel();
    let mut results: Vec<Option<Rc<CellResult>>> = cells.iter().map(|_| None).collect();
    let mut live = Live::new(cells, args);
    let transcript = match (live.shown, args.format == Format::Json) {
        (true, _) => Transcript::Shown,
        (false, true) => Transcript::Kept,
        (false, false) if args.shared.save.is_some() || args.predict => Transcript::Kept,
        (false, false) => Transcript::NotWanted,
    };
    let all: Arc<[(Cell, Ideal)]> = cells.iter().cloned().zip(ideals.iter().cloned()).collect();
    let jobs = jobs(args);
    let runs = waiting_thread().spawn(move || {
        let (mut idle, alone): (Vec<usize>, Vec<usize>) =
            (0..all.len()).partition(|&index| all[index].0.may_share());
        // What computes takes longest, so it begins first.
        idle.sort_by_key(|&index| all[index].0.variant.idle);
        let run = |index: usize| run_one(index, &all[index], transcript, &sender);
        side_by_side(&idle, jobs, run).and_then(|()| side_by_side(&alone, 1, run))
    });
    let runs = runs.map_err(|error| limits::refused("a thread", error))?;
    let (mut is_unread, mut broken_off) = (false, None);
    // An error ends the command without waiting for cells that still run: they end with
    // this process.
    for news in news {
        match news {
            News::Line(index, line) => {
                is_unread |= is_unread_but_saved(live.line(index, line, output), args)?;
            }
            News::Done(_, Err(error)) if error.is::<Interrupted>() => {}
            // No other cell begins on that thread; those that run come to their end.
            News::Done(_, Err(error)) => broken_off = broken_off.or(Some(error)),
            News::Done(index, Ok(result)) => {
                let result = Rc::new(*result);
                is_unread |= is_unread_but_saved(live.done(index, &result, output), args)?;
                results[index] = Some(result);
                if let Some(save) = save {
                    save.save_so_far(&content(environment, &results));
                }
            }
        }
    }
    if let Err(payload) = runs.join() {
        panic::resume_unwind(payload);
    }
    if let Some(save) = save {
        save.save(&content(environment, &results));
    }
    is_unread |= is_unread_but_saved(live.finish(output), args)?;
    drop(live);
    let owned = results
        .into_iter()
        .map(|result| Some(Rc::unwrap_or_clone(result?)));
    Ok(Ran {
        results: owned.collect(),
        is_unread,
        broken_off,
    })
}

/// Whether the reader of the output has gone, as `head` does. If results are saved that is no
/// reason to end.
fn is_unread_but_saved(written: Result<()>, args: &RunArgs) -> Result<bool> {
    match written {
        Err(error) if args.shared.save.is_some() && sink::is_closed_pipe(&error) => Ok(true),
        written => written.map(|()| false),
    }
}

/// The results so far, to save.
fn content<'a>(
    environment: &Environment,
    results: &'a [Option<Rc<CellResult>>],
) -> impl Fn(&mut dyn io::Write) -> io::Result<()> + use<'a> {
    let ended = results.iter().flatten().map(Rc::as_ref);
    saved::content(environment, ended.collect(), None)
}

/// The use of the transcripts of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transcript {
    /// They are shown line by line, and kept.
    Shown,
    /// They are among the results.
    Kept,
    /// They are not even told.
    NotWanted,
}

/// Runs a cell and sends its lines and its result. After an error no other cell is to begin:
/// Ctrl-C was pressed, or the command was given up.
fn run_one(
    index: usize,
    (cell, ideal): &(Cell, Ideal),
    transcript: Transcript,
    news: &Sender<News>,
) -> Result<()> {
    if interrupt::asked() {
        bail!(Interrupted);
    }
    let result = match transcript {
        Transcript::NotWanted => sample(cell, Some(1))
            .map(|report| CellResult::new(cell, ideal.clone(), report, Vec::new())),
        Transcript::Shown | Transcript::Kept => attempt(cell, |line| {
            if transcript == Transcript::Shown {
                let _ = news.send(News::Line(index, line.clone()));
            }
        })
        .map(|attempt| attempt.into_result(cell, ideal.clone())),
    };
    let result = result.map(Box::new);
    let is_broken = result.is_err();
    news.send(News::Done(index, result))
        .context("the command was given up")?;
    if is_broken {
        bail!("no more cells can be started");
    }
    Ok(())
}

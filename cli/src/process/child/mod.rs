//! The process of a cell: does the job that its parent wrote, and answers on standard output.

mod runs;
mod trace;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(target_os = "linux")]
use anyhow::bail;
use anyhow::{Context, anyhow};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pollmark_core::support::allocations;
use pollmark_core::time::nanos;
use pollmark_core::trace::record::Setting;
use pollmark_core::{
    Config, Entry, Listing, MAX_BLOCKING_THREADS, Measure, Report, Tracer, Transcript, Verdict,
    builtin,
};
use serde_json::Value;

use self::trace::while_written_out;
use super::limits;
use super::proc_status::field;
use super::protocol::{Message, PROTOCOL, Task};
use crate::model::build::Hello;
use crate::model::cell::Spec;
use crate::model::ideal::ideal_of;
use crate::model::result::{CellReport, Ideal, Line, Sample, Status};
use crate::model::runners;

/// Does the job that the parent writes to standard input. `arguments` begin with the process
/// that waits for the result; the rest is for people who look at a list of processes.
///
/// # Errors
///
/// The arguments are not those of a parent, or the job cannot be done.
pub(crate) fn main(arguments: &[String]) -> anyhow::Result<()> {
    let parent = arguments.first().and_then(|parent| parent.parse().ok());
    let parent: u32 = parent
        .filter(|_| !io::stdin().is_terminal())
        .context("`__cell` is what pollmark starts its own processes with; use `pollmark run`")?;
    limits::end_at_a_refused_thread();
    watch_for_the_end_of(parent)?;
    let mut job = String::new();
    io::stdin().read_line(&mut job)?;
    let job: Task = serde_json::from_str(&job).context("the parent wrote no job")?;
    die_with_standard_input()?;
    allow_files();
    match job {
        Task::Hello => tell(&Message::Hello(Hello::of_this_binary(PROTOCOL).into())),
        Task::Cell(spec) => {
            let lines = Arc::new(AtomicUsize::new(0));
            let mut report = run(&spec, live(lines.clone()))?;
            report.notes.extend(cut_off(lines.load(Ordering::Relaxed)));
            tell(&Message::Report(report.into()))
        }
        Task::Sample { spec, runs } => {
            let report = runs::sample(runs, || {
                let report = perform(&spec, Transcript::new())?;
                let is_gone = report.shutdown.as_ref().is_some_and(|end| end.complete);
                Ok((found(&spec, report)?, is_gone))
            })?;
            tell(&Message::Report(report.into()))
        }
        Task::Allocations(spec) => {
            let before = allocations::count_from_now();
            let mut report = run(&spec, Transcript::new())?;
            let after = allocations::so_far();
            // Every program allocates: none at all means that this binary does not count.
            if let Some(sample) = &mut report.sample
                && after.count > before.count
            {
                sample.allocations = Some(after.count - before.count);
                sample.allocated_bytes = Some(after.bytes - before.bytes);
            }
            tell(&Message::Report(report.into()))
        }
        Task::Trace { spec, limit } => trace(&spec, limit),
        Task::Ideals(specs) => {
            for spec in &specs {
                let ideal = ideal(spec)?;
                let is_last = ideal.note.is_some();
                tell(&Message::Ideal(ideal))?;
                // The threads that it started may live on: the others are simulated without.
                if is_last {
                    break;
                }
            }
            Ok(())
        }
        Task::Probe(probe) => tell(&Message::Answer(probe.ask()?)),
    }
}

/// As many open files as the system lets a process have: some programs open a pipe for
/// each task. If it cannot be changed, they say that files were missing.
fn allow_files() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

/// Ties this process's life to its parent's, also where that is killed.
#[cfg(target_os = "linux")]
fn watch_for_the_end_of(parent: u32) -> anyhow::Result<()> {
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    // The parent may have ended before that took effect.
    if nix::unistd::getppid().as_raw().unsigned_abs() != parent {
        bail!("the process that wanted the result has ended");
    }
    // In a list of processes it would be called after the link that it was started by.
    Ok(nix::sys::prctl::set_name(c"pollmark")?)
}

#[cfg(target_os = "linux")]
fn die_with_standard_input() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn watch_for_the_end_of(_: u32) -> anyhow::Result<()> {
    Ok(())
}

/// Standard input is a pipe from the parent, which writes no more than the job: it ends when
/// the parent does.
#[cfg(not(target_os = "linux"))]
fn die_with_standard_input() -> anyhow::Result<()> {
    let watch = limits::waiting_thread().spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(1);
    });
    watch
        .map(drop)
        .map_err(|error| limits::refused("a thread", error))
}

fn tell(message: &Message) -> anyhow::Result<()> {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    serde_json::to_writer(&mut *told, message)?;
    told.push(b'\n');
    write_out(&mut told)
}

/// As [`tell`], but the line may wait for others, to be written with them.
fn tell_later(line: Line) -> anyhow::Result<()> {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    serde_json::to_writer(&mut *told, &Message::Line(line))?;
    told.push(b'\n');
    match told.len() < TOLD_AT_ONCE {
        true => Ok(()),
        false => write_out(&mut told),
    }
}

/// Messages that are not yet written.
static TOLD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

const TOLD_AT_ONCE: usize = 64 * 1024;

fn write_out(told: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(told).and_then(|()| stdout.flush());
    told.clear();
    Ok(written?)
}

fn run(spec: &Spec, transcript: Transcript) -> anyhow::Result<CellReport> {
    found(spec, perform(spec, transcript)?)
}

/// Runs a cell with every poll recorded, `limit` events at the most.
fn trace(spec: &Spec, limit: usize) -> anyhow::Result<()> {
    let flavour = runners::find(&spec.runner).context("no such runner")?;
    let options = spec.options(&listing(spec)?, Transcript::new())?;
    let setting = Setting::of(&flavour.info(), &options.config, options.speed);
    tell(&Message::Setting(setting))?;
    let tracer = Tracer::new(flavour.info().clock, limit);
    let recorded = while_written_out(tracer.clone(), tell, || {
        flavour.perform_recorded(&spec.scenario, &spec.variant, &options, &tracer)
    })?;
    let recorded = recorded.context("no such variant")?;
    let (mut report, setting) =
        recorded.with_context(|| format!("cannot build {}", spec.runner))?;
    tell(&Message::Setting(setting))?;
    // Not while it ran: what tells a line takes its time inside of a poll.
    for entry in report.transcript.iter().take(MOST_LINES) {
        tell_later(line(entry))?;
    }
    report.notes.extend(cut_off(report.transcript.len()));
    tell(&Message::Report(found(spec, report)?.into()))
}

/// The lines that are written as soon as they are said. A longer transcript is too fast to be
/// read along, and later lines are written together.
const LIVE_LINES: usize = 10_000;

/// The most lines of a transcript that are told, since the parent keeps them in memory.
const MOST_LINES: usize = 1_000_000;

/// A transcript that tells the parent its first [`MOST_LINES`] lines, which costs some
/// microseconds a line, on both sides of the pipe, and counts all of them in `lines`.
fn live(lines: Arc<AtomicUsize>) -> Transcript {
    Transcript::live(move |entry| {
        // A parent that no longer reads has no use for the rest either.
        let _ = match lines.fetch_add(1, Ordering::Relaxed) {
            ..LIVE_LINES => tell(&Message::Line(line(entry))),
            LIVE_LINES..MOST_LINES => tell_later(line(entry)),
            _ => Ok(()),
        };
    })
}

/// A note on a transcript that was too long to be told as a whole.
fn cut_off(lines: usize) -> Option<String> {
    (lines > MOST_LINES).then(|| {
        format!("the transcript has {lines} lines, of which the first {MOST_LINES} are kept")
    })
}

fn line(entry: &Entry) -> Line {
    Line {
        at_ns: nanos(entry.at),
        task: entry.task.to_string(),
        event: entry.event.to_string(),
        text: entry.text.clone(),
    }
}

/// A report as the parent gets it.
fn found(spec: &Spec, report: Report) -> anyhow::Result<CellReport> {
    let (status, error) = match report.verdict {
        Verdict::Ok => (Status::Ok, None),
        Verdict::Failed(why) => (Status::Failed, Some(why)),
        Verdict::TimedOut(why) => (Status::TimedOut, Some(why)),
        Verdict::Unsupported(why) => (Status::Unsupported, Some(why)),
    };
    let usage = report.usage;
    let mut sample = Sample {
        round: 0,
        runs: Some(1),
        wall_ns: report.wall.map(nanos),
        scenario_ns: report.elapsed.map(nanos),
        cpu_ns: usage.map(|usage| nanos(usage.cpu())),
        user_ns: usage.map(|usage| nanos(usage.user)),
        system_ns: usage.map(|usage| nanos(usage.system)),
        peak_rss_bytes: peak_rss_bytes(),
        voluntary_switches: usage.map(|usage| usage.voluntary_switches),
        involuntary_switches: usage.map(|usage| usage.involuntary_switches),
        ..Sample::default()
    };
    let outcome = serde_json::to_value(&report.outcome)?;
    sample.figures = figures(spec, &outcome)?;
    Ok(CellReport {
        sample: (status != Status::Unsupported).then_some(sample),
        status,
        error,
        outcome,
        notes: report.notes,
    })
}

/// The figures by which the variant is compared, from its outcome.
fn figures(spec: &Spec, outcome: &Value) -> anyhow::Result<BTreeMap<String, f64>> {
    let listing = listing(spec)?;
    let mut variants = listing.variants.iter();
    let variant = variants.find(|variant| variant.id == spec.variant);
    let measures = variant.map_or(&[][..], |variant| variant.measures);
    let figure = |measure: &Measure| {
        let value = outcome.pointer(measure.path)?.as_f64()?;
        Some((measure.name.to_owned(), value))
    };
    Ok(measures.iter().filter_map(figure).collect())
}

fn perform(spec: &Spec, transcript: Transcript) -> anyhow::Result<Report> {
    let flavour = runners::find(&spec.runner).context("no such runner")?;
    let options = spec.options(&listing(spec)?, transcript)?;
    let report = flavour.perform(&spec.scenario, &spec.variant, &options);
    let report = report.context("no such variant")?;
    report.with_context(|| format!("cannot build {}", spec.runner))
}

fn listing(spec: &Spec) -> anyhow::Result<Listing> {
    let mut catalogue = builtin().into_iter();
    let found = catalogue.find(|listing| listing.info.id == spec.scenario);
    found.ok_or_else(|| anyhow!("no such scenario"))
}

/// The virtual clock's time for a cell, and the time that no scheduler can beat.
fn ideal(spec: &Spec) -> anyhow::Result<Ideal> {
    let scheduled = perform(spec, Transcript::new())?;
    let mut unlimited = spec.clone();
    unlimited.config = Config {
        worker_per_task: true,
        cores: None,
        blocking_threads: MAX_BLOCKING_THREADS.try_into().ok(),
        ..unlimited.config
    };
    let unlimited = perform(&unlimited, Transcript::new())?;
    Ok(ideal_of(&spec.config, scheduled, unlimited))
}

/// The high-water mark of resident memory. `getrusage` has one too, but its may be
/// inherited from the parent across the exec.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    field(&status, "VmHWM:").map(|kib| kib * 1024)
}

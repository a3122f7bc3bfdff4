//! Traces for Perfetto (ui.perfetto.dev), and for Catapult, the viewer in Chrome
//! (`chrome://tracing`).

mod counters;
mod flows;
mod ruler;
mod slices;

use std::io::{self, Write};

use serde_json::{Value, json};

use self::ruler::{Moments, Ruler};
use super::analysis::timeline::{Lives, lives};
use super::data::{ThreadId, Trace};
use crate::program::speed::Speed;

/// A run to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// Its label. Viewers shorten long names in the middle.
    pub label: &'a str,
    /// The recording of it.
    pub trace: &'a Trace,
    /// How many times faster than its scenario a run on a virtual clock is drawn: as fast as the
    /// real runs beside it went. The times of real runs are drawn as they are.
    pub speed: Speed,
}

/// The runs in Chrome's trace event format. Each run is a process, named by its label and, unless
/// it is 1, the factor by which it is drawn faster than its scenario. Scenario time begins at 0, at
/// which earlier events are drawn too.
///
/// - One track per thread that polled a task, with a slice for each poll and blocking call, and
///   slices within it for each `block`, `spin` and `compute`, and for each poll of a named future.
///   Polls of one thread do not overlap.
/// - One track per task, from its spawn to its end.
/// - An arrow from each poll that woke a task to the poll that followed. Wakes by a timer or a pipe
///   have none.
/// - Counters: tasks in flight (as [`Axes`](super::Axes) counts them), ready and polled.
///
/// Times are those of the runtime, in microseconds. Viewers cannot tell events of the same time
/// apart, so each event of a run is drawn at least some nanoseconds after the one before. The
/// scenario times as they were recorded, in seconds, are among the arguments of each slice.
///
/// The events are written one by one: no more than one is in memory at a time.
///
/// # Errors
///
/// The first error of the writer. A slow one is best given in a [`BufWriter`](io::BufWriter).
pub fn chrome(runs: &[Drawn<'_>], mut to: impl Write) -> io::Result<()> {
    let mut sheet = ChromeSheet::of(runs.len());
    to.write_all(ChromeSheet::HEAD)?;
    for run in runs {
        sheet.run(run, &mut to)?;
    }
    to.write_all(ChromeSheet::TAIL)
}

/// The sheet of [`chrome()`] in pieces: a head, one run after the other, and a tail.
#[derive(Debug, Clone)]
pub struct ChromeSheet {
    drawn: usize,
    first_thread: usize,
    first_arrow: usize,
}

impl ChromeSheet {
    /// The beginning of the sheet.
    // With "ms", Catapult goes by milliseconds and takes neighbours for parent and child.
    pub const HEAD: &[u8] = br#"{"displayTimeUnit":"ns","traceEvents":["#;

    /// The end of the sheet.
    pub const TAIL: &[u8] = b"]}";

    /// A sheet of `runs` runs at most.
    pub fn of(runs: usize) -> Self {
        // Perfetto takes thread 0, and any thread with the number of a process, for a process's
        // main thread; and it takes arrows with the same number for one arrow, even in different
        // processes.
        ChromeSheet {
            drawn: 0,
            first_thread: runs + 1,
            first_arrow: 1,
        }
    }

    /// Writes the next run.
    ///
    /// # Errors
    ///
    /// As for [`chrome()`].
    pub fn run(&mut self, run: &Drawn<'_>, mut to: impl Write) -> io::Result<()> {
        let mut separator = if self.drawn == 0 { "" } else { "," };
        let mut written = Ok(());
        self.draw(run, &mut |event| {
            if written.is_ok() {
                written = write!(to, "{separator}{event}");
                separator = ",";
            }
        });
        written
    }

    fn draw(&mut self, run: &Drawn<'_>, to: &mut Draw<'_>) {
        let ruler = Ruler::new(run.trace, run.speed);
        self.drawn += 1;
        let sheet = Sheet {
            trace: run.trace,
            lives: lives(run.trace),
            names: run.trace.task_names(),
            places: places(run.trace),
            moments: Moments::of(&run.trace.events, run.trace.run.until, &ruler),
            ruler,
            process: self.drawn,
            first_thread: self.first_thread,
            first_arrow: self.first_arrow,
        };
        sheet.draw(run.label, to);
        // A run without events has a name too, and the name is attached to a thread.
        self.first_thread += run.trace.threads.len().max(1);
        self.first_arrow += run.trace.events.len();
    }
}

/// Takes one event of the sheet after the other.
type Draw<'a> = dyn FnMut(Value) + 'a;

/// One run's part of the sheet.
struct Sheet<'a> {
    trace: &'a Trace,
    lives: Lives,
    /// Names of the tasks.
    names: Vec<String>,
    /// The place of each thread among all: viewers go by it.
    places: Vec<usize>,
    ruler: Ruler,
    moments: Moments,
    process: usize,
    first_thread: usize,
    first_arrow: usize,
}

impl Sheet<'_> {
    fn draw(&self, label: &str, to: &mut Draw<'_>) {
        let threads = self.polling_threads();
        // Catapult shows the entries of a whole process with one of its threads.
        let home = threads
            .first()
            .map_or(self.first_thread, |first| self.thread(*first));
        let name = match self.ruler.speed(self.trace) {
            1.0 => label.to_owned(),
            speed => format!("{label}, {speed}x"),
        };
        to(self.about(home, "process_name", json!({ "name": name })));
        let place = json!({ "sort_index": self.process });
        to(self.about(home, "process_sort_index", place));
        let names = self.trace.thread_names();
        for thread in threads {
            let number = self.thread(thread);
            let name = json!({ "name": names[thread] });
            to(self.about(number, "thread_name", name));
            let place = json!({ "sort_index": number });
            to(self.about(number, "thread_sort_index", place));
        }
        for life in self.lives.iter() {
            self.lifetime(life, home, to);
            self.polls(life, to);
        }
        self.spans(to);
        // After the slices: among events of one time Perfetto goes by the order in the file, and an
        // arrow ends when a poll begins.
        self.lives.iter().for_each(|life| self.arrows(life, to));
        self.counters(home, to);
    }

    /// The threads that polled, in the order in which they are drawn.
    fn polling_threads(&self) -> Vec<ThreadId> {
        let rows = self.trace.thread_rows();
        rows.into_iter().filter_map(|row| row.thread).collect()
    }

    /// The number of a thread on the sheet.
    fn thread(&self, thread: ThreadId) -> usize {
        self.first_thread + self.places[thread]
    }

    fn about(&self, thread: usize, what: &str, args: Value) -> Value {
        json!({ "ph": "M", "name": what, "pid": self.process, "tid": thread, "args": args })
    }
}

/// The place of each thread: first those that polled, as they are drawn, then all others.
fn places(trace: &Trace) -> Vec<usize> {
    let drawn = trace.thread_rows();
    let mut places = vec![None; trace.threads.len()];
    let drawn = drawn.into_iter().filter_map(|row| row.thread);
    let mut next = 0..;
    for thread in drawn {
        places[thread] = next.next();
    }
    let all = places
        .into_iter()
        .map(|place| place.or_else(|| next.next()));
    all.map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::runtime::runner_info::Clock;
    use crate::trace::testing::{Drawing, waiter_blocking, waiter_tasks};

    /// The events of the sheet, as they were written.
    pub(super) fn written(runs: &[Drawn<'_>]) -> Vec<Value> {
        let mut sheet = Vec::new();
        chrome(runs, &mut sheet).expect("memory can be written");
        let mut sheet: Value = serde_json::from_slice(&sheet).expect("it is JSON");
        assert_eq!(sheet["displayTimeUnit"], "ns");
        match sheet["traceEvents"].take() {
            Value::Array(events) => events,
            other => panic!("{other} is no list"),
        }
    }

    /// The events of `phase` that these traces have on one sheet, drawn at `speed`.
    pub(super) fn events(traces: &[&Trace], speed: Speed, phase: &str) -> Vec<Value> {
        let drawn = traces.iter().map(|trace| Drawn {
            label: "here",
            trace,
            speed,
        });
        let mut events = written(&drawn.collect::<Vec<_>>());
        events.retain(|event| event["ph"] == phase);
        events
    }

    fn names(traces: &[&Trace], speed: Speed, what: &str) -> Vec<Value> {
        let mut events = events(traces, speed, "M");
        events.retain(|event| event["name"] == what);
        let names = events.iter().map(|event| event["args"]["name"].clone());
        names.collect()
    }

    #[test]
    fn a_process_says_at_what_speed_it_is_drawn() {
        let (ideal, mut real) = (waiter_tasks(), waiter_tasks());
        (real.run.clock, real.run.speed) = (Clock::Real, 20.0);
        assert_eq!(
            names(&[&ideal, &real], Speed::LESSON, "process_name"),
            ["here, 20x", "here, 20x"]
        );
        real.run.speed = 1.0;
        assert_eq!(
            names(&[&ideal, &real], Speed::REAL, "process_name"),
            ["here", "here"]
        );
    }

    #[test]
    fn threads_have_numbers_that_no_process_and_no_other_run_has() {
        let traces = [&waiter_tasks(), &waiter_blocking()];
        let mut pairs = HashSet::new();
        for phase in ["M", "X", "s", "f", "b", "e", "C"] {
            let events = events(&traces, Speed::REAL, phase);
            let number = |event: &Value, field: &str| event[field].as_u64().expect("a number");
            pairs.extend(events.iter().map(|e| (number(e, "pid"), number(e, "tid"))));
        }
        assert_eq!(pairs, HashSet::from([(1, 3), (2, 4)]));
    }

    #[test]
    fn a_run_in_which_nothing_happened_has_a_name_and_a_number_of_its_own() {
        let mut empty = waiter_tasks();
        (empty.run.root, empty.threads, empty.tasks, empty.events) = Default::default();
        let names = events(&[&empty, &waiter_tasks()], Speed::REAL, "M");
        let mut names = names.iter().filter(|event| event["name"] == "process_name");
        let mut thread = || names.next().expect("a name")["tid"].clone();
        assert_ne!(thread(), thread());
    }

    #[test]
    fn only_threads_with_polls_are_named_and_told_apart() {
        let mut drawing = Drawing::new(2);
        drawing.poll(0, 3, 0);
        let other = drawing.spawn(0, "other", Some(0));
        drawing.poll(0, 1, other);
        let mut trace = drawing.until(1);
        for thread in &mut trace.threads {
            thread.name = "worker".to_owned();
        }
        assert_eq!(
            names(&[&trace], Speed::REAL, "thread_name"),
            ["worker 0", "worker 1"]
        );
    }

    /// Counts its writes, and refuses all of them from the third on.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            match self.0 {
                1 | 2 => Ok(bytes.len()),
                _ => Err(io::ErrorKind::StorageFull.into()),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn events_are_written_one_by_one_and_none_after_an_error() {
        let trace = waiter_tasks();
        let run = Drawn {
            label: "here",
            trace: &trace,
            speed: Speed::REAL,
        };
        let mut full = Full(0);
        let error = chrome(&[run], &mut full).expect_err("the disk is full");
        assert_eq!((error.kind(), full.0), (io::ErrorKind::StorageFull, 3));
        let mut longest = 0;
        ChromeSheet::of(1).draw(&run, &mut |event| {
            longest = longest.max(event.to_string().len())
        });
        assert!(longest < 400, "an event takes {longest} bytes");
    }
}

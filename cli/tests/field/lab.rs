//! The least that a program of the field needs: a description, a run and its trace.

use std::time::Duration;

use pollmark_core::trace::record::DEFAULT_LIMIT;
use pollmark_core::trace::{Complaint, Finding, Trace, diagnose};
use pollmark_core::transcript::Event;
use pollmark_core::{
    Config, Kind, Options, Report, Runner, Scenario, ScenarioInfo, Speed, Transcript,
    perform_traced,
};

/// The description of a program without texts and parameters.
pub(crate) const fn info(id: &'static str) -> ScenarioInfo {
    ScenarioInfo {
        id,
        kind: Kind::Lesson,
        summary: "",
        source: "",
        text: "",
        prose: "",
        params: &[],
    }
}

/// Real speed, two workers, and `timeout` until the run is given up.
pub(crate) fn options(timeout: Duration) -> Options {
    Options {
        config: Config::with_workers(2),
        speed: Speed::REAL,
        timeout,
        transcript: Transcript::new(),
        ..Options::default()
    }
}

/// Calls a function that is generic over the runner, for every real runner at the same time.
macro_rules! on_every_real_runner {
    ($test:ident($($argument:expr),*)) => {
        std::thread::scope(|scope| {
            scope.spawn(|| $test::<pollmark_runner_tokio::Tokio>($($argument),*));
            scope.spawn(|| $test::<pollmark_runner_tokio::TokioCurrentThread>($($argument),*));
            scope.spawn(|| $test::<pollmark_runner_async_std::AsyncStd>($($argument),*));
            scope.spawn(|| $test::<pollmark_runner_smol::Smol>($($argument),*));
            scope.spawn(|| $test::<pollmark_runner_threads::Threads>($($argument),*));
        })
    };
}
pub(crate) use on_every_real_runner;

/// The one complaint of a run that hangs, whose tasks pollmark stopped.
pub(crate) fn hang(report: &Report, trace: &Trace) -> Finding {
    assert!(trace.run.stopped);
    let stopped = report.transcript.iter();
    let mut stopped = stopped.skip_while(|entry| entry.event != Event::Stopped);
    assert_eq!(
        stopped.next().expect("`main` is stopped").task.to_string(),
        "main"
    );
    assert!(
        stopped.all(|entry| entry.event == Event::Stopped),
        "{report}"
    );
    let of_the_end = |finding: &Finding| {
        use Complaint::{Dropped, LeftBehind, LostWake, NeverPolled, NeverWoken};
        [NeverWoken, LostWake, NeverPolled, LeftBehind, Dropped].contains(&finding.complaint)
    };
    let mut found = diagnose(trace);
    found.retain(of_the_end);
    let [hang] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(hang.complaint, Complaint::NeverWoken);
    hang.clone()
}

/// A traced run of `case`, whose trace must be sound.
pub(crate) fn traced<Q: Runner, C: Scenario>(case: C, options: &Options) -> (Report, Trace) {
    let performed = perform_traced::<Q, C>(case, options, DEFAULT_LIMIT);
    let (report, trace) = performed.expect("the runtime can be built");
    assert_eq!(trace.validate(), Ok(()));
    (report, trace)
}

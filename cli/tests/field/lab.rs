//! The least that a program of the field needs: a description, a run and its trace.

use std::time::Duration;

use pollmark_core::trace::record::DEFAULT_LIMIT;
use pollmark_core::trace::{Complaint, Finding, Trace, diagnose};
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

/// A traced run of `case`, whose trace must be sound.
pub(crate) fn traced<Q: Runner, C: Scenario>(case: C, options: &Options) -> (Report, Trace) {
    let performed = perform_traced::<Q, C>(case, options, DEFAULT_LIMIT);
    let (report, trace) = performed.expect("the runtime can be built");
    assert_eq!(trace.validate(), Ok(()));
    (report, trace)
}

/// The findings of one kind.
pub(crate) fn findings(trace: &Trace, complaint: Complaint) -> Vec<Finding> {
    let findings = diagnose(trace).into_iter();
    findings
        .filter(|finding| finding.complaint == complaint)
        .collect()
}

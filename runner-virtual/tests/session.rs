//! One runtime, run after run: each is checked, and is the same as it would be alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pollmark_core::scenarios::{
    AsyncFor, Cafe, Count, Crunch, Divisibles, Done, Factorial, Gather, Greeter, Groups, Hello, Io,
    Jobs, Phases, Schedule, Shops, SlowResource, Sums, Waiter,
};
use pollmark_core::transcript::Sink;
use pollmark_core::{
    Config, Context, Event, Kind, Observed, Options, Outcome, Params, Runtime, Scenario,
    ScenarioInfo, Session, VariantInfo, Verdict, perform,
};
use pollmark_runner_virtual::Virtual;

fn session() -> Session<Virtual> {
    Session::build(&Config::with_workers(2)).expect("two workers can be simulated")
}

#[test]
fn runs_follow_each_other_and_each_is_what_it_would_be_alone() {
    let session = session();
    let options = Options {
        config: Config::with_workers(2),
        ..Options::default()
    };
    let alone = perform::<Virtual, _>(Cafe::Blocking, &options).expect("it can be built");
    for _ in 0..3 {
        let report = session.run(Cafe::Blocking, &Params::default());
        assert_eq!(report.verdict, Verdict::Ok, "{report}");
        assert_eq!(report.elapsed, Some(Duration::from_secs(5)));
        let told = |report: &pollmark_core::Report| report.to_string();
        assert_eq!(told(&report), told(&alone));
        assert_eq!(report.work, alone.work);
        assert!(report.work.is_some_and(|work| !work.workers.is_zero()));
        assert!(report.shutdown.is_none(), "it lives on");
    }
    assert!(session.shutdown().complete);
}

#[test]
fn what_is_no_lesson_is_checked_whole_without_a_transcript() {
    let session = session();
    let infos = Crunch::INFO.params;
    let params = Params::defaults(infos).with(infos, "pieces", "4");
    let params = params.expect("four pieces are allowed");
    let report = session.run_unrecorded(Crunch::Tasks, &params);
    assert_eq!(report.verdict, Verdict::Ok);
    assert_eq!(report.elapsed, Some(Duration::from_millis(100)));
}

#[test]
fn an_unrecorded_lesson_is_held_to_its_outcome_and_time() {
    let session = session();
    let wrong = |verdict| match verdict {
        Verdict::Failed(why) => why,
        other => panic!("{other:?}"),
    };
    let run = |lesson| session.run_unrecorded(lesson, &Params::default());
    let right = run(Wrong::Nowhere);
    assert_eq!(right.verdict, Verdict::Ok);
    assert!(right.transcript.is_empty());
    let value = wrong(run(Wrong::InValue).verdict);
    assert_eq!(value, "answer is 41, expected 42");
    let time = wrong(run(Wrong::InTime).verdict);
    assert_eq!(time, "took 2s, expected exactly 1s");
    assert_eq!(run(Wrong::InTranscript).verdict, Verdict::Ok);
    let transcript = session.run(Wrong::InTranscript, &Params::default());
    assert!(wrong(transcript.verdict).contains("lines are"));
}

#[test]
fn every_lesson_passes_unrecorded_or_says_why_not() {
    fn all<C: Scenario>(ran: &mut usize, wrong: &mut Vec<String>) {
        for case in C::VARIANTS {
            // A session of its own: some leave tasks behind.
            let report = session().run_unrecorded(*case, &Params::default());
            let id = case.info().id;
            match report.verdict {
                Verdict::Ok => *ran += 1,
                Verdict::Unsupported(_) => {}
                other => wrong.push(format!("{}/{id}: {other:?}", C::INFO.id)),
            }
        }
    }
    let (mut ran, mut wrong) = (0, Vec::new());
    let lessons = [
        all::<Waiter>,
        all::<Cafe>,
        all::<Divisibles>,
        all::<Jobs>,
        all::<Schedule>,
        all::<Groups>,
        all::<Gather>,
        all::<AsyncFor>,
        all::<Shops>,
        all::<Sums>,
        all::<Io>,
        all::<Hello>,
        all::<Factorial>,
        all::<Count>,
        all::<Greeter>,
        all::<Phases>,
        all::<Done>,
        all::<SlowResource>,
    ];
    for lesson in lessons {
        lesson(&mut ran, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // All but those that need their transcript, that never end, or need the runtime's end.
    assert!(ran >= 45, "only {ran} ran");
}

#[test]
fn what_needs_a_transcript_the_runtimes_end_or_never_ends_is_not_for_a_session() {
    let session = session();
    let reason = |verdict| match verdict {
        Verdict::Unsupported(reason) => reason,
        other => panic!("{other:?}"),
    };
    let endless = session.run(Shops::AwaitShops, &Params::default());
    assert!(reason(endless.verdict).contains("never ends"));
    let shops = session.run_unrecorded(Shops::Fixed, &Params::default());
    assert!(reason(shops.verdict).contains("goes by the transcript"));
    assert_eq!(
        session.run(Shops::Fixed, &Params::default()).verdict,
        Verdict::Ok
    );
    let orphan = session.run(Waiter::Orphan, &Params::default());
    assert!(reason(orphan.verdict).contains("once its runtime has ended"));
}

#[test]
fn a_session_that_is_dropped_ends_its_runtime() {
    let session = session();
    let report = session.run(LeavesBehind, &Params::default());
    assert_eq!(report.verdict, Verdict::Ok);
    assert!(!DROPPED.load(Ordering::SeqCst), "it lives on");
    drop(session);
    assert!(DROPPED.load(Ordering::SeqCst), "its task was not dropped");
}

/// A lesson that is wrong in one thing.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Nowhere,
    InValue,
    InTime,
    InTranscript,
}

const LESSON: ScenarioInfo = ScenarioInfo {
    id: "wrong",
    kind: Kind::Lesson,
    summary: "",
    source: "",
    text: "",
    prose: "",
    params: &[],
};

impl Scenario for Wrong {
    const INFO: ScenarioInfo = LESSON;

    const VARIANTS: &'static [Self] = &[
        Wrong::Nowhere,
        Wrong::InValue,
        Wrong::InTime,
        Wrong::InTranscript,
    ];

    fn info(self) -> VariantInfo {
        VariantInfo::new("one", "", "")
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _: Params) -> Outcome {
        let seconds = if let Wrong::InTime = self { 2 } else { 1 };
        cx.wait(Duration::from_secs(seconds)).await;
        if let Wrong::InTranscript = self {
            cx.say("what nobody expects");
        }
        let answer = if let Wrong::InValue = self { 41 } else { 42 };
        Outcome::new().with("answer", answer)
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("answer", 42);
        seen.takes(Duration::from_secs(1), 1);
        seen.lines(&[]);
        seen.in_order(&[("main", Event::Started), ("main", Event::Finished)]);
    }
}

/// Leaves a task to the runtime.
#[derive(Debug, Clone, Copy)]
struct LeavesBehind;

/// Whether the task's future was dropped.
static DROPPED: AtomicBool = AtomicBool::new(false);

struct Flag;

impl Drop for Flag {
    fn drop(&mut self) {
        DROPPED.store(true, Ordering::SeqCst);
    }
}

impl Scenario for LeavesBehind {
    const INFO: ScenarioInfo = LESSON;

    const VARIANTS: &'static [Self] = &[LeavesBehind];

    fn info(self) -> VariantInfo {
        VariantInfo::new("one", "", "")
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _: Params) -> Outcome {
        let (flag, wait) = (Flag, cx.wait(Duration::from_secs(60)));
        drop(cx.spawn("left", async move {
            wait.await;
            drop(flag);
        }));
        Outcome::new()
    }

    fn check(self, _: &mut Observed<'_>) {}
}

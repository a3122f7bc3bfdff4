//! The virtual clock on which a task stays with the worker that it was placed on.

use std::time::Duration;

use pollmark_core::scenarios::Skew;
use pollmark_core::{
    Config, Kind, NO_STEAL, Options, Params, Report, Runner, Runtime, Verdict, builtin, perform,
};
use pollmark_runner_virtual::{FLAVOURS, Virtual};

fn options(workers: usize, is_fixed: bool) -> Options {
    let mut options = Options {
        config: Config::with_workers(workers),
        ..Options::default()
    };
    if is_fixed {
        options.config.settings.switch_on(NO_STEAL);
    }
    options
}

#[test]
fn stealing_wins_where_the_load_is_uneven_and_only_there() {
    let took = |case: Skew, workers: usize, is_fixed: bool| {
        let report: Report = perform::<Virtual, Skew>(case, &options(workers, is_fixed)).unwrap();
        assert_eq!(report.verdict, Verdict::Ok, "{report}");
        assert_eq!(*report.outcome.value("heavy"), 8);
        assert_eq!(*report.outcome.value("tasks"), 192);
        report.elapsed.unwrap().as_millis()
    };
    for (workers, shared) in [(1, 80), (2, 40), (3, 30), (4, 20), (8, 10)] {
        assert_eq!(took(Skew::Uneven, workers, false), shared, "{workers}");
        assert_eq!(took(Skew::Even, workers, false), shared, "{workers}");
        // One worker has all of them, or each has its share.
        assert_eq!(took(Skew::Uneven, workers, true), 80, "{workers}");
        assert_eq!(took(Skew::Even, workers, true), shared, "{workers}");
    }
    // Five is no divisor of 24: heavy tasks 0, 24, 48 ... are on workers 0, 4, 3, 2, 1, 0, 4, 3.
    assert_eq!(took(Skew::Uneven, 5, true), 20);
}

#[test]
fn a_task_waits_for_its_worker_with_another_free() {
    let config = options(2, true).config;
    let runner = Virtual::build(&config).expect("it can be built");
    let rt = runner.handle();
    let seconds = Duration::from_secs;
    let ends = runner.run(
        async move {
            // The root is on the first worker, and so is every second task.
            let tasks: Vec<_> = [5, 1, 2, 3]
                .map(|length| {
                    let own = rt.clone();
                    rt.spawn(async move {
                        own.block(seconds(length));
                        own.now()
                    })
                })
                .into_iter()
                .collect();
            let mut ends = Vec::new();
            for task in tasks {
                ends.push(task.await.expect("no task fails"));
            }
            ends
        },
        None,
    );
    // 5 then 2 on the second worker, 1 then 3 on the first.
    assert_eq!(ends.expect("the root ends"), [5, 1, 7, 4].map(seconds));
}

#[test]
fn every_lesson_keeps_to_the_rules_of_a_real_clock() {
    let lessons = builtin().into_iter();
    for listing in lessons.filter(|listing| listing.info.kind == Kind::Lesson) {
        for variant in &listing.variants {
            let infos = listing.info.params;
            let mut params = Params::defaults(infos);
            if infos.iter().any(|info| info.name == "scale") {
                params = params.with(infos, "scale", "1").expect("it fits");
            }
            let options = Options {
                params,
                ..options(2, true)
            };
            let report = FLAVOURS[0].perform(listing.info.id, variant.id, &options);
            let report = report.expect("it is listed").expect("it can be built");
            let id = format!("{}/{}", listing.info.id, variant.id);
            let late = report.notes.iter().any(|note| note.starts_with("late"));
            assert!(!late, "{id}: {:?}", report.notes);
            assert!(
                matches!(report.verdict, Verdict::Ok | Verdict::Unsupported(_)),
                "{id}: {report}"
            );
        }
    }
}

//! The lessons on streams, queues and timeouts, to the nanosecond.

use std::num::NonZeroUsize;
use std::time::Duration;

use pollmark_core::scenarios::{AsyncFor, Shops, SlowResource};
use pollmark_core::{Config, Event, Options, Params, Report, Scenario, Verdict, perform};
use pollmark_runner_virtual::Virtual;

/// One to three workers, and as many as there are tasks.
fn configs() -> Vec<Config> {
    let mut configs: Vec<Config> = (1..=3).map(Config::with_workers).collect();
    configs.push(Config {
        worker_per_task: true,
        ..Config::with_workers(1)
    });
    configs
}

fn run<C: Scenario>(case: C, config: Config, params: Params) -> Report {
    let options = Options {
        config,
        params,
        ..Options::default()
    };
    perform::<Virtual, _>(case, &options).expect("one thread starts")
}

/// Runs `case` on every configuration; it must be ok and take so many seconds.
fn exactly<C: Scenario>(case: C, seconds: f64, look: impl Fn(&Report)) {
    for config in configs() {
        let report = run(case, config, Params::default());
        assert_eq!(report.verdict, Verdict::Ok, "{report}");
        assert_eq!(
            report.elapsed,
            Some(Duration::from_secs_f64(seconds)),
            "{report}"
        );
        look(&report);
    }
}

/// The lines that were said, each with its second and its task.
fn said(report: &Report) -> Vec<(f64, String, &str)> {
    let entries = report.transcript.iter().filter_map(|entry| {
        let text = entry.text.as_deref()?;
        Some((entry.at.as_secs_f64(), entry.task.to_string(), text))
    });
    entries.collect()
}

fn count(report: &Report, name: &str) -> u64 {
    let value = report.outcome.value(name).as_u64();
    value.unwrap_or_else(|| panic!("{name} is no number: {:?}", report.outcome))
}

/// Seconds at which an item was done, in the order in which they were.
fn done(report: &Report) -> Vec<f64> {
    let said = said(report);
    let done = said.iter().filter(|(.., text)| text.ends_with(" is done"));
    done.map(|(at, ..)| *at).collect()
}

#[test]
fn orders_come_a_second_apart() {
    exactly(AsyncFor::Iterate, 5.0, |report| {
        let times: Vec<f64> = said(report).iter().map(|(at, ..)| *at).collect();
        assert_eq!(times, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(count(report, "count"), 5);
    });
}

#[test]
fn only_the_last_of_concurrent_deliveries_is_waited_for() {
    exactly(AsyncFor::DeliverConcurrently, 6.0, |report| {
        let times: Vec<f64> = said(report).iter().map(|(at, ..)| *at).collect();
        assert_eq!(times, [1.0, 2.0, 3.0, 4.0, 5.0]);
    });
}

#[test]
fn a_stream_stands_still_while_an_order_is_delivered() {
    exactly(AsyncFor::DeliverSequentially, 10.0, |report| {
        let times: Vec<f64> = said(report).iter().map(|(at, ..)| *at).collect();
        assert_eq!(times, [1.0, 3.0, 5.0, 7.0, 9.0]);
    });
}

#[test]
fn three_shops_drain_the_queue_in_five_seconds() {
    for variant in [Shops::Fixed, Shops::NoCancel] {
        exactly(variant, 5.0, |report| {
            assert_eq!(done(report), [3.0, 3.0, 3.0, 5.0, 5.0, 5.0]);
            assert_eq!(count(report, "placed"), 6);
            assert_eq!(count(report, "processed"), 6);
            assert_eq!(count(report, "lost"), 0);
        });
    }
}

#[test]
fn one_shop_takes_the_items_in_the_order_in_which_they_came() {
    exactly(Shops::OneShop, 13.0, |report| {
        assert_eq!(done(report), [3.0, 5.0, 7.0, 9.0, 11.0, 13.0]);
        let said = said(report);
        let of = |suffix: &str| -> Vec<String> {
            let of = said
                .iter()
                .filter_map(|(.., text)| text.strip_suffix(suffix));
            of.map(str::to_owned).collect()
        };
        assert_eq!(of(" is done"), of(" goes into the queue"));
    });
}

#[test]
fn half_of_the_items_are_lost_without_a_join() {
    exactly(Shops::NoJoin, 3.0, |report| {
        assert_eq!(done(report), [3.0, 3.0, 3.0]);
        assert_eq!(count(report, "placed"), 6);
        assert_eq!(count(report, "processed"), 3);
        assert_eq!(count(report, "lost"), 3);
    });
}

#[test]
fn without_a_join_a_seed_may_lose_more_and_never_less() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..64 {
        let config = Config {
            seed: Some(seed),
            ..Config::with_workers(1)
        };
        let report = run(Shops::NoJoin, config, Params::default());
        assert_eq!(report.verdict, Verdict::Ok, "{report}");
        seen.insert(count(&report, "processed"));
    }
    assert!(seen.iter().all(|processed| *processed <= 3), "{seen:?}");
    assert!(seen.len() > 1, "no seed made a difference: {seen:?}");
}

#[test]
fn shops_that_are_awaited_and_joins_that_are_not_told_never_end() {
    for variant in [Shops::AwaitShops, Shops::NoTaskDone] {
        for config in configs() {
            let report = run(variant, config, Params::default());
            assert_eq!(report.verdict, Verdict::Ok, "{report}");
            assert_eq!(report.elapsed, None, "main did not end");
            assert_eq!(done(&report), [3.0, 3.0, 3.0, 5.0, 5.0, 5.0]);
            let waiting = "main, shop 1, shop 2, shop 3 wait";
            let found = report.notes.iter().any(|note| note.contains(waiting));
            assert!(found, "{:?}", report.notes);
        }
    }
}

#[test]
fn a_random_day_repeats_to_the_nanosecond() {
    let options = |seed: &str| {
        let params = Params::defaults(Shops::INFO.params);
        let params = params.with(Shops::INFO.params, "seed", seed);
        params.expect("a seed is a number")
    };
    let lines = |seed, config| {
        let report = run(Shops::Random, config, options(seed));
        assert_eq!(report.verdict, Verdict::Ok, "{report}");
        report.to_string()
    };
    for seed in ["0", "1", "2", "4294967295"] {
        let first = lines(seed, Config::with_workers(1));
        for config in configs() {
            assert_eq!(lines(seed, config), first, "workers do not matter to waits");
        }
    }
    let other = lines("2", Config::with_workers(1));
    assert_ne!(lines("1", Config::with_workers(1)), other);
}

#[test]
fn the_seed_is_in_the_outcome() {
    exactly(Shops::Random, 17.0, |report| {
        assert_eq!(count(report, "seed"), 1);
        assert_eq!(count(report, "placed"), 9);
    });
}

#[test]
fn three_resources_are_loaded_and_one_is_given_up() {
    exactly(SlowResource::Timeout, 1.0, |report| {
        let value = |name| report.outcome.value(name).to_string();
        assert_eq!(value("loaded"), r#"["photo","text","video"]"#);
        assert_eq!(value("timed_out"), r#"["advert"]"#);
        let advert = |event| {
            let mut entries = report.transcript.iter();
            let entry = entries.find(|entry| entry.task == *"advert" && entry.event == event);
            entry.map(|entry| entry.at.as_secs_f64())
        };
        assert_eq!(advert(Event::Started), Some(0.0));
        assert_eq!(advert(Event::Cancelled), Some(1.0));
        assert_eq!(advert(Event::Finished), None);
    });
}

#[test]
fn the_order_of_ties_changes_no_time() {
    let seeded = |seed| Config {
        seed: Some(seed),
        workers: NonZeroUsize::MIN,
        ..Config::default()
    };
    for seed in 0..16 {
        for (variant, seconds) in [
            (Shops::Fixed, 5),
            (Shops::OneShop, 13),
            (Shops::NoCancel, 5),
        ] {
            let report = run(variant, seeded(seed), Params::default());
            assert_eq!(report.verdict, Verdict::Ok, "{report}");
            assert_eq!(report.elapsed, Some(Duration::from_secs(seconds)));
        }
        for (variant, seconds) in [
            (AsyncFor::Iterate, 5),
            (AsyncFor::DeliverConcurrently, 6),
            (AsyncFor::DeliverSequentially, 10),
        ] {
            let report = run(variant, seeded(seed), Params::default());
            assert_eq!(report.verdict, Verdict::Ok, "{report}");
            assert_eq!(report.elapsed, Some(Duration::from_secs(seconds)));
        }
    }
}

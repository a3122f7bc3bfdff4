//! The shops lose nothing, with any seed.

use std::time::Duration;

use pollmark_core::scenarios::Shops;
use pollmark_core::{Config, Options, Params, Scenario, Verdict, perform};
use pollmark_runner_virtual::Virtual;

const SEEDS: u32 = 1000;

#[test]
fn what_is_placed_is_processed_for_a_thousand_seeds() {
    let infos = Shops::INFO.params;
    let mut shortest = Duration::MAX;
    let mut longest = Duration::ZERO;
    for seed in 0..SEEDS {
        let params = Params::defaults(infos).with(infos, "seed", &seed.to_string());
        // Every other day ties are broken by the seed, too.
        let config = Config {
            seed: (seed % 2 == 1).then_some(u64::from(seed)),
            ..Config::with_workers(1 + seed as usize % 3)
        };
        let options = Options {
            config,
            params: params.expect("a seed is a number"),
            ..Options::default()
        };
        let report = perform::<Virtual, _>(Shops::Random, &options).expect("one thread starts");
        assert_eq!(report.verdict, Verdict::Ok, "seed {seed}\n{report}");

        let value = |name| report.outcome.value(name).as_u64();
        let placed = value("placed").expect("it is counted");
        assert!((3..=15).contains(&placed), "seed {seed}: {placed} placed");
        assert_eq!(value("processed"), Some(placed), "seed {seed}");
        assert_eq!(value("lost"), Some(0), "seed {seed}");
        assert_eq!(value("seed"), Some(u64::from(seed)));

        let elapsed = report.elapsed.expect("main ended");
        assert_eq!(elapsed.subsec_nanos(), 0, "every time is whole seconds");
        shortest = shortest.min(elapsed);
        longest = longest.max(elapsed);
    }
    assert!(shortest < longest, "every seed takes {longest:?}");
}

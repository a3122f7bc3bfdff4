//! The scenarios that come with pollmark, one per file.

pub(crate) mod benchmarks;
pub(crate) mod experiments;
pub(crate) mod lessons;
pub(crate) mod support;

use crate::scenario::Listing;

/// Exports and lists the scenarios: one more is one more line.
macro_rules! scenarios {
    ($dollar:tt $($kind:ident::$file:ident::$scenario:ident),+ $(,)?) => {
        $(pub use self::$kind::$file::$scenario;)+

        /// Every scenario that pollmark brings, in the order in which they are best read.
        pub fn builtin() -> Vec<Listing> {
            vec![$(Listing::of::<$scenario>()),+]
        }

        /// Hands the types of all of them to the macro `$callback`.
        macro_rules! with_builtin {
            ($dollar callback:ident) => {
                $dollar callback![$($crate::scenarios::$scenario),+];
            };
        }
        pub(crate) use with_builtin;
    };
}

scenarios![
    $
    lessons::waiter::Waiter,
    lessons::cafe::Cafe,
    lessons::divisibles::Divisibles,
    lessons::jobs::Jobs,
    lessons::schedule::Schedule,
    lessons::task_group::Groups,
    lessons::gather::Gather,
    lessons::async_for::AsyncFor,
    lessons::shops::Shops,
    lessons::sums::Sums,
    lessons::io::Io,
    lessons::hello::Hello,
    lessons::factorial::Factorial,
    lessons::count::Count,
    lessons::greeter::Greeter,
    lessons::phases::Phases,
    lessons::done::Done,
    lessons::slow_resource::SlowResource,
    experiments::visitors::Visitors,
    experiments::hog::Hog,
    experiments::fairness::Fairness,
    experiments::crunch::Crunch,
    experiments::await_cost::AwaitCost,
    experiments::cancel_latency::CancelLatency,
    experiments::poll_order::PollOrder,
    benchmarks::spawn::Spawn,
    benchmarks::chained_spawn::ChainedSpawn,
    benchmarks::ping_pong::PingPong,
    benchmarks::yield_storm::YieldStorm,
    benchmarks::fan::FanIn,
    benchmarks::fan::FanOut,
    benchmarks::brigade::BrigadeChannel,
    benchmarks::brigade::BrigadePipe,
    benchmarks::brigade::BrigadeOneThread,
    benchmarks::timer_storm::TimerStorm,
    benchmarks::blocking_flood::BlockingFlood,
    benchmarks::memory::Memory,
    benchmarks::skew::Skew,
];

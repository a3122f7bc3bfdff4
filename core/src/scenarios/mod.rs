//! The scenarios that come with pollmark, one per file.

mod async_for;
mod await_cost;
mod blocking_flood;
mod brigade;
mod cafe;
mod cancel_latency;
mod chained_spawn;
mod count;
mod crunch;
mod divisibles;
mod done;
mod factorial;
mod fairness;
mod fan;
mod gather;
mod gathering;
mod greeter;
mod heartbeat;
mod hello;
mod hog;
mod io;
mod jobs;
mod memory;
mod phases;
mod ping_pong;
mod poll_order;
mod polls;
mod schedule;
mod shops;
mod slow_resource;
mod spawn;
mod sums;
mod tally;
mod task_group;
mod timer_storm;
mod visitors;
mod waiter;
mod yield_storm;

pub use async_for::AsyncFor;
pub use await_cost::AwaitCost;
pub use blocking_flood::BlockingFlood;
pub use brigade::{BrigadeChannel, BrigadeOneThread, BrigadePipe};
pub use cafe::Cafe;
pub use cancel_latency::CancelLatency;
pub use chained_spawn::ChainedSpawn;
pub use count::Count;
pub use crunch::Crunch;
pub use divisibles::Divisibles;
pub use done::Done;
pub use factorial::Factorial;
pub use fairness::Fairness;
pub use fan::{FanIn, FanOut};
pub use gather::Gather;
pub use greeter::Greeter;
pub use hello::Hello;
pub use hog::Hog;
pub use io::Io;
pub use jobs::Jobs;
pub use memory::Memory;
pub use phases::Phases;
pub use ping_pong::PingPong;
pub use poll_order::PollOrder;
pub use schedule::Schedule;
pub use shops::Shops;
pub use slow_resource::SlowResource;
pub use spawn::Spawn;
pub use sums::Sums;
pub use task_group::Groups;
pub use timer_storm::TimerStorm;
pub use visitors::Visitors;
pub use waiter::Waiter;
pub use yield_storm::YieldStorm;

use std::time::Duration;

/// A number of whole scenario seconds.
const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The times at which these pieces of work begin, if `lanes` of them go on at a time and they begin
/// in the order given, each as soon as a lane is free.
fn begins(work: &[Duration], lanes: usize) -> Vec<Duration> {
    let mut free_at = vec![Duration::ZERO; lanes.clamp(1, work.len().max(1))];
    let begin = |length: &Duration| {
        let lane = free_at.iter_mut().min().expect("there is a lane at least");
        let begin = *lane;
        *lane += *length;
        begin
    };
    work.iter().map(begin).collect()
}

/// The time at which the last of these pieces of work ends; see [`begins`].
fn ends(work: &[Duration], lanes: usize) -> Duration {
    let begins = begins(work, lanes);
    let ends = work
        .iter()
        .zip(begins)
        .map(|(length, begin)| begin + *length);
    ends.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_begins_as_soon_as_a_lane_is_free() {
        let work = [secs(8), secs(3), secs(16)];
        assert_eq!(begins(&work, 1), [secs(0), secs(8), secs(11)]);
        assert_eq!(begins(&work, 2), [secs(0), secs(0), secs(3)]);
        assert_eq!(begins(&work, usize::MAX), [secs(0); 3]);
        assert_eq!(
            [1, 2, 3].map(|lanes| ends(&work, lanes)),
            [27, 19, 16].map(secs)
        );
    }
}

//! The times at which pieces of work on shared lanes begin and end, and the number of their slices.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Add;
use std::time::Duration;

/// A number of whole scenario seconds.
pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The times at which these pieces of work begin, if `lanes` of them go on at a time and they begin
/// in the order given, each as soon as a lane is free.
pub(crate) fn begins<T>(work: &[T], lanes: usize) -> Vec<T>
where
    T: Copy + Ord + Default + Add<Output = T>,
{
    // The lane that is free first is on top.
    let mut free_at: BinaryHeap<Reverse<T>> =
        vec![Reverse(T::default()); lanes.clamp(1, work.len().max(1))].into();
    let begin = |length: &T| {
        let mut lane = free_at.peek_mut().expect("there is a lane at least");
        let begin = lane.0;
        lane.0 = begin + *length;
        begin
    };
    work.iter().map(begin).collect()
}

/// The time at which the last of these pieces of work ends; see [`begins`].
pub(crate) fn ends(work: &[Duration], lanes: usize) -> Duration {
    let begins = begins(work, lanes);
    let ends = work
        .iter()
        .zip(begins)
        .map(|(length, begin)| begin + *length);
    ends.max().unwrap_or_default()
}

/// The number of slices in which `whole` is computed; the last one may be shorter.
pub(crate) fn slices(whole: Duration, slice: Duration) -> u64 {
    let slices = whole.as_nanos().div_ceil(slice.as_nanos().max(1));
    u64::try_from(slices).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::cmp::Ordering;

    use super::*;

    #[test]
    fn the_last_slice_may_be_shorter() {
        let millis = Duration::from_millis;
        assert_eq!(slices(millis(1000), millis(1)), 1000);
        assert_eq!(slices(millis(10), millis(3)), 4);
        assert_eq!(slices(millis(1), millis(3)), 1);
    }

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
    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// A time that counts how often it is compared.
    #[derive(Clone, Copy, Default, PartialEq, Eq)]
    struct Counting(u64);

    impl Ord for Counting {
        fn cmp(&self, other: &Self) -> Ordering {
            COMPARED.set(COMPARED.get() + 1);
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Counting {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Add for Counting {
        type Output = Self;

        fn add(self, other: Self) -> Self {
            Counting(self.0 + other.0)
        }
    }

    #[test]
    fn four_times_the_work_takes_less_than_eight_times_the_steps() {
        for lanes in [2, 100, usize::MAX] {
            let steps = |count: u64| {
                let work: Vec<Counting> = (0..count).map(|n| Counting(n % 7)).collect();
                COMPARED.set(0);
                begins(&work, lanes);
                COMPARED.get()
            };
            let (less, more) = (steps(5_000), steps(20_000));
            assert!(0 < less && more < less * 8, "{less}, then {more}");
        }
    }
}

//! The times at which pieces of work on shared lanes begin and end, and the number of their slices.

use std::time::Duration;

/// A number of whole scenario seconds.
pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The times at which these pieces of work begin, if `lanes` of them go on at a time and they begin
/// in the order given, each as soon as a lane is free.
pub(crate) fn begins(work: &[Duration], lanes: usize) -> Vec<Duration> {
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
}

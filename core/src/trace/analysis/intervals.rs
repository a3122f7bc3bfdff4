//! The number of overlapping intervals at any time.

use std::time::Duration;

use crate::time::nanos;

/// A span of time, from its beginning to its end.
pub(crate) type Interval = (Duration, Duration);

/// A span of time in which the number of overlapping intervals stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) count: usize,
}

impl Level {
    pub(crate) fn length(&self) -> Duration {
        self.to - self.from
    }
}

/// The part of an interval that lies in `window`; `None` if that part takes no time.
pub(crate) fn clip((from, to): Interval, window: Interval) -> Option<Interval> {
    let clipped = (from.max(window.0), to.min(window.1));
    (clipped.0 < clipped.1).then_some(clipped)
}

/// The number of overlapping `intervals` over time, in order, leaving out the times with none.
/// Intervals that take no time do not count.
pub(crate) fn levels(intervals: impl IntoIterator<Item = Interval>) -> Levels {
    let intervals = intervals.into_iter().filter(|(from, to)| from < to);
    let ends = intervals.map(|(from, to)| (nanos(from), nanos(to)));
    let (mut begins, mut ends): (Vec<u64>, Vec<u64>) = ends.unzip();
    // Each list is mostly in order already, which a stable sort makes use of.
    begins.sort();
    ends.sort();
    Levels {
        begins,
        ends,
        begun: 0,
        ended: 0,
        since: 0,
        last: None,
    }
}

/// The levels of some intervals, in order.
#[derive(Debug)]
pub(crate) struct Levels {
    /// In nanoseconds.
    begins: Vec<u64>,
    ends: Vec<u64>,
    /// The number of intervals that have begun, and of those that have ended.
    begun: usize,
    ended: usize,
    since: u64,
    /// It may go on.
    last: Option<Level>,
}

impl Iterator for Levels {
    type Item = Level;

    fn next(&mut self) -> Option<Level> {
        while let Some(end) = self.ends.get(self.ended) {
            let begin = self.begins.get(self.begun).filter(|begin| *begin <= end);
            let (at, count) = (*begin.unwrap_or(end), self.begun - self.ended);
            match begin {
                Some(_) => self.begun += 1,
                None => self.ended += 1,
            }
            let since = std::mem::replace(&mut self.since, at);
            if count == 0 || since == at {
                continue;
            }
            let [from, to] = [since, at].map(Duration::from_nanos);
            match &mut self.last {
                Some(last) if last.to == from && last.count == count => last.to = to,
                last => {
                    if let Some(over) = last.replace(Level { from, to, count }) {
                        return Some(over);
                    }
                }
            }
        }
        self.last.take()
    }
}

/// Hands the parts of `intervals` in which there is none of the `taken` levels to `keep`.
pub(crate) fn without(
    intervals: impl Iterator<Item = Interval>,
    taken: &[Level],
    mut keep: impl FnMut(Interval),
) {
    for (mut from, to) in intervals {
        let first = taken.partition_point(|level| level.to <= from);
        let within = taken[first..].iter().take_while(|level| level.from < to);
        let mut is_taken = false;
        for level in within {
            is_taken = true;
            if from < level.from {
                keep((from, level.from));
            }
            from = level.to;
        }
        if from < to || !is_taken {
            keep((from, to));
        }
    }
}

/// The intervals in which a condition holds, and how much of any given interval they cover.
#[derive(Debug)]
pub(crate) struct Times {
    intervals: Vec<Interval>,
    /// The total length of the intervals before each one.
    before: Vec<Duration>,
}

impl Times {
    pub(crate) fn of(levels: Levels, matters: impl Fn(usize) -> bool) -> Self {
        let (mut intervals, mut before) = (Vec::new(), Vec::new());
        let mut sum = Duration::ZERO;
        for level in levels.filter(|level| matters(level.count)) {
            intervals.push((level.from, level.to));
            before.push(sum);
            sum += level.length();
        }
        Times { intervals, before }
    }

    /// The time that they cover within `levels`.
    pub(crate) fn within_all(&self, levels: Levels) -> Duration {
        let (mut sum, mut first) = (Duration::ZERO, 0);
        for level in levels {
            let rest = self.intervals[first..].iter();
            first += rest.take_while(|(_, to)| *to <= level.from).count();
            let within = self.intervals[first..].iter();
            let within = within.take_while(|(from, _)| *from < level.to);
            let within = within.filter_map(|interval| clip(*interval, (level.from, level.to)));
            sum += within.map(|(from, to)| to - from).sum::<Duration>();
        }
        sum
    }

    /// The time that they cover within `interval`.
    pub(crate) fn within(&self, (from, to): Interval) -> Duration {
        self.up_to(to).saturating_sub(self.up_to(from))
    }

    fn up_to(&self, at: Duration) -> Duration {
        let begun = self.intervals.partition_point(|(from, _)| *from < at);
        let Some(last) = begun.checked_sub(1) else {
            return Duration::ZERO;
        };
        let (from, to) = self.intervals[last];
        self.before[last] + (at.min(to) - from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(interval: (u64, u64)) -> Interval {
        (
            Duration::from_secs(interval.0),
            Duration::from_secs(interval.1),
        )
    }

    fn seen(intervals: &[(u64, u64)]) -> Vec<(u64, u64, usize)> {
        let levels = levels(intervals.iter().copied().map(secs));
        let seen = levels.map(|level| (level.from.as_secs(), level.to.as_secs(), level.count));
        seen.collect()
    }

    #[test]
    fn overlaps_are_counted_and_neighbours_are_none() {
        assert_eq!(
            seen(&[(0, 8), (0, 3), (0, 16)]),
            [(0, 3, 3), (3, 8, 2), (8, 16, 1)]
        );
        assert_eq!(
            seen(&[(0, 4), (4, 6), (6, 6), (8, 9)]),
            [(0, 6, 1), (8, 9, 1)]
        );
        assert_eq!(seen(&[(5, 5)]), []);
    }

    #[test]
    fn what_is_taken_is_left_out() {
        let taken: Vec<Level> = levels([(2, 4), (3, 5), (7, 8)].map(secs)).collect();
        let left = |interval| {
            let mut left = Vec::new();
            without([secs(interval)].into_iter(), &taken, |part| left.push(part));
            left
        };
        assert_eq!(left((0, 9)), [(0, 2), (5, 7), (8, 9)].map(secs));
        assert_eq!(left((5, 5)), [secs((5, 5))]);
        assert_eq!(left((2, 5)), []);
        assert_eq!(left((3, 6)), [secs((5, 6))]);
    }

    #[test]
    fn the_time_within_an_interval_is_found() {
        let levels = levels([(0, 8), (0, 3), (10, 16), (12, 20)].map(secs));
        let two = Times::of(levels, |count| count >= 2);
        for (interval, expected) in [
            ((0, 20), 7),
            ((1, 2), 1),
            ((2, 13), 2),
            ((3, 12), 0),
            ((15, 99), 1),
        ] {
            assert_eq!(
                two.within(secs(interval)).as_secs(),
                expected,
                "{interval:?}"
            );
        }
        let many = super::levels([(1, 2), (2, 3), (2, 13), (15, 99)].map(secs));
        assert_eq!(two.within_all(many).as_secs(), 4);
    }
}

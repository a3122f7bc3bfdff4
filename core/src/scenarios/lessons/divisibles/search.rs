//! The inputs of the search, and the search itself.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use crate::runtime::name::Name;

/// The input of a search: the numbers below `below` that `by` divides are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) below: u64,
    pub(super) by: u64,
}

pub(super) const fn input(below: u64, by: u64) -> Input {
    Input { below, by }
}

/// The inputs of the tutorial: 15, 32 and 167 numbers.
pub(super) const SMALL: [Input; 3] = [input(508_000, 34_113), input(100_052, 3_210), input(500, 3)];

/// The first of them with a large input, beside the other two.
pub(super) const SLOW: [Input; 3] = [input(50_800_012, 3_411_321), SMALL[1], SMALL[2]];

/// Three of about the same size, each with as many numbers to find as in [`SMALL`].
pub(super) const BIG: [Input; 3] = [
    input(50_800_012, 3_411_321),
    input(50_010_000, 1_587_500),
    input(50_000_000, 300_000),
];

impl Input {
    pub(super) fn name(self) -> Name {
        let below = usize::try_from(self.below).unwrap_or(usize::MAX);
        Name::from(("below", below))
    }

    pub(super) fn scaled(self, scale: u64) -> Self {
        input(self.below.saturating_mul(scale), self.by)
    }

    /// The number of numbers to find.
    pub(super) fn count(self) -> u64 {
        (self.below - 1) / self.by + 1
    }

    /// The last of them.
    pub(super) fn last(self) -> u64 {
        (self.below - 1) / self.by * self.by
    }

    pub(super) fn gives(self, numbers: Vec<u64>) -> Found {
        Found {
            input: self,
            numbers,
        }
    }
}

/// The numbers that a search found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) input: Input,
    pub(super) numbers: Vec<u64>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Input { below, by } = self.input;
        let (count, last) = (self.numbers.len(), self.numbers.last().unwrap_or(&0));
        write!(
            f,
            "{count} numbers below {below} are divisible by {by}, up to {last}"
        )
    }
}

/// The cost of trying this many numbers on the virtual clock.
pub(super) fn cost(numbers: u64) -> Duration {
    Duration::from_nanos(numbers)
}

/// The numbers of `range` that `by` divides, found the slow way: by trying each.
pub(super) fn divisible(range: Range<u64>, by: u64) -> Vec<u64> {
    // Multiplies by the reciprocal of `by`: the CPU's division takes three times as long, and would
    // only make the lessons slower.
    let reciprocal = u128::from(u64::MAX / by);
    let mut found = Vec::new();
    // A loop without calls: with an iterator it takes ten times as long in an unoptimised build.
    let mut number = range.start;
    while number < range.end {
        // Rounded down twice, so this is the quotient or one less.
        let quotient = ((number as u128 * reciprocal) >> 64) as u64;
        let remainder = number - quotient * by;
        if remainder == 0 || remainder == by {
            found.push(number);
        }
        number += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inputs_have_the_numbers_that_the_tutorial_prints() {
        for inputs in [SMALL, BIG] {
            assert_eq!(inputs.map(Input::count), [15, 32, 167]);
        }
        assert_eq!(SMALL.map(Input::last), [477_582, 99_510, 498]);
        assert_eq!((SLOW[0].count(), SLOW[0].last()), (15, 47_758_494));
    }

    #[test]
    fn a_search_in_pieces_finds_the_same() {
        for input in SMALL {
            let whole = divisible(0..input.below, input.by);
            let pieces = [0..1, 1..77, 77..input.below].map(|range| divisible(range, input.by));
            assert_eq!(whole, pieces.concat());
            assert_eq!(whole.len() as u64, input.count());
            assert_eq!((whole[0], whole[1]), (0, input.by));
            assert_eq!(whole.last(), Some(&input.last()));
        }
    }

    #[test]
    fn every_number_is_judged_as_by_a_division() {
        for by in [
            1,
            2,
            3,
            7,
            3_210,
            34_113,
            u64::MAX / 2,
            u64::MAX - 1,
            u64::MAX,
        ] {
            for start in [0, 1_000, u64::from(u32::MAX) - 500, u64::MAX - 2_000] {
                let range = start..start + 2_000;
                let divided = range.clone().filter(|number| number.is_multiple_of(by));
                let expected: Vec<u64> = divided.collect();
                assert_eq!(divisible(range, by), expected, "by {by} from {start}");
            }
        }
    }
}

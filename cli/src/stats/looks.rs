//! The numbers of rounds after which verdicts are given, fixed before the first round.
//!
//! A look at the samples is a chance to be wrong. Each look at each ratio therefore has an equal
//! share of the 5 %, whether or not it comes to it: all intervals at all looks hold together
//! with 95 %, so rounds may end at any look, by any rule, for any choice of rows.

use super::intervals::{confidence, samples_needed};
use crate::text::units::counted;

/// The looks of a comparison that goes on until it is settled. The first of them is only for
/// samples that do not overlap at all: for an interval they are too few.
const LOOKS: [u32; 6] = [10, 16, 32, 64, 128, 256];

/// The fewest comparisons for which verdicts are corrected. A verdict on two columns so does not
/// depend on the programs that are compared beside.
const FEWEST: usize = 80;

/// When verdicts are given, and how sure each of them is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Looks {
    at: Vec<u32>,
    /// The comparisons for which each look is corrected.
    comparisons: usize,
}

impl Looks {
    /// Several looks at so many comparisons.
    pub(crate) fn several(comparisons: usize) -> Self {
        let mut looks = Looks::corrected(&LOOKS, comparisons);
        // A first interval that could show nothing is put off.
        looks.at[1] = looks.at[1].max(looks.needed());
        looks
    }

    /// One look, after so many rounds.
    pub(crate) fn once(rounds: u32, comparisons: usize) -> Self {
        Looks::corrected(&[rounds], comparisons)
    }

    fn corrected(at: &[u32], comparisons: usize) -> Self {
        Looks {
            at: at.to_vec(),
            comparisons: comparisons.max(FEWEST),
        }
    }

    /// The confidence of each interval at each look (Bonferroni).
    pub(crate) fn confidence(&self) -> f64 {
        confidence(self.comparisons * self.at.len())
    }

    /// `80 comparisons at 6 looks`, for which each interval is corrected.
    pub(crate) fn told(&self) -> String {
        let looks = counted(self.at.len(), "look");
        format!("{} at {looks}", counted(self.comparisons, "comparison"))
    }

    /// The numbers of rounds, in ascending order.
    pub(crate) fn at(&self) -> &[u32] {
        &self.at
    }

    /// The first look that is for intervals; of one look, the first round.
    pub(crate) fn first_interval(&self) -> u32 {
        self.at.get(1).copied().unwrap_or(1)
    }

    /// The fewest rounds from which there is an interval.
    pub(crate) fn needed(&self) -> u32 {
        u32::try_from(samples_needed(self.confidence())).unwrap_or(u32::MAX)
    }

    /// The first look of several from that number of rounds on, and with an interval; `None`
    /// where it is more than a row gets.
    pub(crate) fn look_from(&self, rounds: f64) -> Option<u32> {
        let needed = f64::from(self.needed()).max(rounds);
        let several = if self.at.len() > 1 {
            &self.at
        } else {
            &LOOKS[..]
        };
        let mut looks = several.iter().copied();
        looks.find(|look| f64::from(*look) >= needed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_look_has_its_share() {
        let looks = Looks::several(3);
        assert_eq!(looks.at(), [10, 16, 32, 64, 128, 256]);
        assert!((1.0 - looks.confidence() - 0.05 / 480.0).abs() < 1e-12);
        assert_eq!(Looks::several(80), looks);
        assert_eq!(looks.told(), "80 comparisons at 6 looks");
        assert!((1.0 - Looks::once(9, 3).confidence() - 0.05 / 80.0).abs() < 1e-12);
        // The interval of a table that is larger needs more rounds.
        assert_eq!(Looks::several(273).at()[1], 16);
        assert_eq!(Looks::several(274).at()[1], 17);
        assert!(Looks::several(650).at()[1] > 16);
    }

    #[test]
    fn the_next_look_has_an_interval() {
        let looks = Looks::several(3);
        assert_eq!(looks.look_from(3.0), Some(16));
        assert_eq!(looks.look_from(16.5), Some(32));
        assert_eq!(looks.look_from(257.0), None);
        assert_eq!(Looks::once(5, 3).look_from(20.0), Some(32));
    }
}

//! Whether a cell is behind the reference by more than a share.

use super::super::intervals::{Interval, are_apart, interval};

/// How a cell stands to a gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Gate {
    /// It is not behind by more.
    Within,
    /// It is behind by more: the whole interval of its ratio to the reference says so, if there
    /// is one.
    Beyond(Option<Interval>),
    /// Its samples do not tell, with what is known of the ratio.
    Unknown(Option<Interval>),
    /// It was to be held and was not measured, for that reason. More rounds do not tell.
    Unmeasured(&'static str),
}

impl Gate {
    /// By the ratios of the rounds that both have, and by the samples of the cell and of the
    /// reference, which an ideal has not.
    pub(super) fn of(
        ratios: &[f64],
        [cell, reference]: [&[f64]; 2],
        gate: f64,
        confidence: f64,
    ) -> Self {
        match interval(ratios, confidence) {
            Some(known) if known.low > 1.0 + gate => Gate::Beyond(Some(known)),
            Some(known) if known.high <= 1.0 + gate => Gate::Within,
            Some(known) => Gate::Unknown(Some(known)),
            None if are_apart(cell, reference, gate, confidence) => Gate::Beyond(None),
            None if are_apart(reference, cell, 0.0, confidence) => Gate::Within,
            None => Gate::Unknown(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(ratios: [f64; 2], rounds: usize) -> Gate {
        let ratios: Vec<f64> = (0..rounds).map(|round| ratios[round % 2]).collect();
        let reference = vec![1.0; rounds];
        Gate::of(&ratios, [&ratios, &reference], 0.05, 0.99)
    }

    #[test]
    fn the_whole_interval_decides() {
        assert!(matches!(gate([1.06, 1.08], 20), Gate::Beyond(Some(_))));
        assert_eq!(gate([1.02, 1.05], 20), Gate::Within);
        assert_eq!(gate([0.5, 0.6], 20), Gate::Within);
        assert!(matches!(gate([1.0, 1.1], 20), Gate::Unknown(Some(_))));
    }

    #[test]
    fn few_samples_decide_where_they_do_not_overlap() {
        assert_eq!(gate([1.06, 1.08], 6), Gate::Beyond(None));
        assert_eq!(gate([0.9, 0.8], 6), Gate::Within);
        assert_eq!(gate([1.01, 1.02], 6), Gate::Unknown(None));
        assert_eq!(gate([2.0, 2.0], 3), Gate::Unknown(None));
    }
}

//! Values along a line: evenly, or by their powers where they are far apart.

/// A line of values from a lowest to a highest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    is_by_powers: bool,
}

/// The factor between the ends above which an axis goes by powers.
const FAR: f64 = 8.0;

/// The least width beside the middle, as a share of it, so that what is equal looks equal.
const LEAST: f64 = 0.05;

/// The room beyond the outermost values, as a share of the width.
const ROOM: f64 = 0.04;

impl Axis {
    /// An axis with room for all of these; `None` if there is nothing to show.
    pub(super) fn over(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values = values.into_iter().filter(|value| value.is_finite());
        let ends = values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let (low, high) = ends;
        if high <= 0.0 || low < 0.0 {
            return None;
        }
        if low > 0.0 && high / low > FAR {
            let room = (high / low).powf(ROOM);
            let [low, high] = [low / room, high * room];
            return Some(Axis {
                low,
                high,
                is_by_powers: true,
            });
        }
        let middle = f64::midpoint(low, high);
        let half = ((high - low) / 2.0).max(middle * LEAST) * (1.0 + 2.0 * ROOM);
        // Lengths are compared where they begin at 0.
        let low = if low < high / 2.0 { 0.0 } else { middle - half };
        Some(Axis {
            low,
            high: middle + half,
            is_by_powers: false,
        })
    }

    /// The place of a value, from 0 to 1; that of one beyond an end is the end.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = match self.is_by_powers {
            true => (value / self.low).ln() / (self.high / self.low).ln(),
            false => (value - self.low) / (self.high - self.low),
        };
        place.clamp(0.0, 1.0)
    }

    /// Round values, from the lowest to the highest.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let lowest_power = self.low.max(f64::MIN_POSITIVE).log10().floor() as i32;
        if self.is_by_powers {
            let tens = |parts: &'static [f64]| -> Vec<f64> {
                let powers = (lowest_power..).map(|power| 10_f64.powi(power));
                let powers = powers.take_while(|power| *power <= self.high);
                let ticks = powers.flat_map(|power| parts.iter().map(move |part| part * power));
                ticks.filter(|tick| self.holds(*tick)).collect()
            };
            let few = tens(&[1.0]);
            return if few.len() < 3 {
                tens(&[1.0, 3.0])
            } else {
                few
            };
        }
        let raw = (self.high - self.low) / 4.0;
        let power = 10_f64.powf(raw.log10().floor());
        let rounds = [1.0, 2.0, 5.0, 10.0].into_iter();
        let step = rounds
            .map(|round| round * power)
            .find(|step| *step >= raw * 0.999);
        let step = step.unwrap_or(raw);
        let first = (self.low / step).ceil();
        let steps = (0..10).map(|index| (first + f64::from(index)) * step);
        steps.take_while(|tick| *tick <= self.high).collect()
    }

    fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_values_stand_evenly_and_far_ones_by_powers() {
        let near = Axis::over([100.0, 104.0]).unwrap();
        assert!((near.place(102.0) - 0.5).abs() < 1e-9);
        assert!(near.place(104.0) < 0.75, "they look nearly equal");
        let from_zero = Axis::over([1.0, 4.0]).unwrap();
        assert!(from_zero.place(0.0) < 1e-9 && from_zero.place(4.0) < 1.0);
        let far = Axis::over([1.0, 10_000.0]).unwrap();
        assert!((far.place(100.0) - 0.5).abs() < 1e-9);
        assert!(Axis::over([]).is_none() && Axis::over([0.0]).is_none());
    }

    #[test]
    fn ticks_are_round_and_few() {
        let ticks = |values: [f64; 2]| Axis::over(values).unwrap().ticks();
        assert_eq!(ticks([96.0, 108.0]), [100.0, 105.0]);
        assert_eq!(
            ticks([1.0, 10_000.0]),
            [1.0, 10.0, 100.0, 1_000.0, 10_000.0]
        );
        assert_eq!(ticks([2.0, 40.0]), [3.0, 10.0, 30.0]);
        for (low, high) in [(0.0, 1.0), (3.0, 3.0), (7.0, 8.1), (1e-9, 1e9)] {
            let count = ticks([low, high]).len();
            assert!((2..=19).contains(&count), "{low} to {high}: {count}");
        }
    }
}

//! A scale with marks at round numbers.

/// From the smallest to the largest value, a little beyond.
pub(super) struct Axis {
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Axis {
    /// Of these values, which are finite; logarithmic only where all are above 0.
    pub fn of(values: impl Iterator<Item = f64> + Clone, logarithmic: bool) -> Self {
        let smallest = values.clone().fold(f64::INFINITY, f64::min);
        let largest = values.fold(f64::NEG_INFINITY, f64::max);
        let (smallest, largest) = if smallest <= largest { (smallest, largest) } else { (0.0, 1.0) };
        let logarithmic = logarithmic && smallest > 0.0;
        let (from, to) = if logarithmic { (smallest.log10(), largest.log10()) } else { (smallest, largest) };
        // One value alone stands in the middle.
        let around = if to > from { 0.04 * (to - from) } else { to.abs().max(1.0) / 2.0 };
        Self { from: from - around, to: to + around, logarithmic }
    }

    /// From 0, at the bottom, to 1.
    pub fn place(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.log10() } else { value };
        (value - self.from) / (self.to - self.from)
    }

    /// Round numbers on it, two to nine of them, with their texts.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let marks = if self.logarithmic { self.round_powers() } else { round(self.from, self.to) };
        marks.into_iter().map(|mark| (mark, text(mark))).collect()
    }

    /// Powers of ten, with twice and five times these where there are few; where even these are, as without a logarithm.
    fn round_powers(&self) -> Vec<f64> {
        let every = ((self.to - self.from) / 6.0).ceil().max(1.0) as usize;
        let powers = (self.from.floor() as i32..=self.to.ceil() as i32).step_by(every);
        let marks = |factors: &[f64]| -> Vec<f64> {
            let all = powers.clone().flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power)));
            all.filter(|mark| (self.from..=self.to).contains(&mark.log10())).collect()
        };
        let few = |marks: &Vec<f64>| marks.len() < 3;
        let plain = || Some(round(10_f64.powf(self.from), 10_f64.powf(self.to)));
        [marks(&[1.0]), marks(&[1.0, 2.0, 5.0])]
            .into_iter()
            .find(|marks| !few(marks))
            .or_else(plain)
            .unwrap_or_default()
    }
}

/// Round numbers from one to another: 1, 2 or 5 times a power of ten apart.
fn round(from: f64, to: f64) -> Vec<f64> {
    let step = step(from, to);
    let first = (from / step).ceil();
    (0..10).map(|mark| (first + f64::from(mark)) * step).take_while(|mark| *mark <= to).collect()
}

/// Of which about five go into it.
fn step(from: f64, to: f64) -> f64 {
    let wanted = (to - from) / 5.0;
    let power = 10_f64.powf(wanted.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= wanted).unwrap_or(10.0);
    factor * power
}

/// In a few letters: `0.25`, `1200`, `3.2e-5`.
fn text(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || size < 1e-12 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        format!("{value:.1e}")
    } else {
        let digits = format!("{value:.4}");
        digits.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[f64], logarithmic: bool) -> Vec<String> {
        Axis::of(values.iter().copied(), logarithmic).ticks().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn marks_are_round_and_on_the_axis() {
        assert_eq!(texts(&[0.0, 1.0], false), ["0", "0.5", "1"]);
        assert_eq!(texts(&[0.12, 0.34], false), ["0.15", "0.2", "0.25", "0.3"]);
        assert_eq!(texts(&[1e-4, 1.0], true), ["1.0e-4", "0.001", "0.01", "0.1", "1"]);
        assert_eq!(texts(&[0.04, 0.3], true), ["0.05", "0.1", "0.2"]);
        assert_eq!(texts(&[0.21, 0.24], true), texts(&[0.21, 0.24], false));
        // A value that has no logarithm, one value alone, none at all.
        assert_eq!(texts(&[0.0, 1.0], true), texts(&[0.0, 1.0], false));
        for values in [&[0.5][..], &[0.0], &[-3.0, -3.0], &[], &[1e30, 2e30], &[1e-30, 2e-30]] {
            let axis = Axis::of(values.iter().copied(), false);
            let ticks = axis.ticks();
            assert!((2..=9).contains(&ticks.len()), "{values:?}: {} marks", ticks.len());
            assert!(values.iter().all(|value| (0.0..=1.0).contains(&axis.place(*value))), "{values:?}");
            assert!(ticks.iter().all(|(mark, _)| (-1e-9..=1.0 + 1e-9).contains(&axis.place(*mark))), "{values:?}");
        }
    }
}

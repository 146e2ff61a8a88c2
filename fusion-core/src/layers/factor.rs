//! A range that random layers draw from.

use core::fmt;

use crate::layer::Mistake;
use crate::shape::Text;
use crate::weights::Random;

/// From the lower number to the upper one, and the option that gave them.
#[derive(Clone, Copy)]
pub struct Factor {
    lower: f32,
    upper: f32,
    option: &'static str,
}

// How it was written does not count.
impl PartialEq for Factor {
    fn eq(&self, other: &Self) -> bool {
        self.lower == other.lower && self.upper == other.upper
    }
}

impl fmt::Debug for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.lower, self.upper).fmt(f)
    }
}

impl Factor {
    /// From −`factor` to `factor`, but not below `least`.
    pub(super) const fn around(factor: f32, least: f32, option: &'static str) -> Self {
        let factor = factor.abs();
        Self { lower: if -factor > least { -factor } else { least }, upper: factor, option }
    }

    /// From one of them to the other.
    pub(super) const fn between((a, b): (f32, f32), option: &'static str) -> Self {
        if a <= b { Self { lower: a, upper: b, option } } else { Self { lower: b, upper: a, option } }
    }

    /// What is wrong with a range that has to be within −1 and 1, and above −1 where it is of what is never nothing.
    pub(super) const fn mistake(&self, above: bool) -> Option<Mistake> {
        let within = self.lower >= -1.0 && self.upper <= 1.0 && !(above && self.lower == -1.0);
        let text = Text::new("`").and(self.option).and("` must be from -1 to 1");
        if within {
            None
        } else {
            Some(Mistake::option(self.option, if above { text.and(", and above -1") } else { text }))
        }
    }

    /// A number of the range, by the one of this index of a stream.
    pub(super) fn draw(&self, stream: Random, index: u64) -> f32 {
        self.drawn_from(stream, index, |lower, upper| (lower, upper))
    }

    /// A number of the range that this makes of it.
    pub(super) fn drawn_from(&self, stream: Random, index: u64, range: impl Fn(f32, f32) -> (f32, f32)) -> f32 {
        let (lower, upper) = range(self.lower, self.upper);
        lower + stream.uniform(index) * (upper - lower)
    }
}

/// What is wrong with a factor that has to be given.
pub(super) const fn needed(factor: Option<Factor>, above: bool, example: &str) -> Option<Mistake> {
    match factor {
        Some(factor) => factor.mistake(above),
        None => {
            let advice = Text::new("write `").and(example).and("`");
            Some(Mistake::missing(Text::new("needs a factor")).advice(advice))
        }
    }
}

/// Writes the two ways to give an option that is a [`Factor`]: as one number, around 0, or as a range.
macro_rules! factors {
    ($options:ty, $least:expr; $($(#[$docs:meta])* $name:ident, $(#[$range_docs:meta])* $range:ident;)+) => {
        impl $options {
            $(
                $(#[$docs])*
                #[must_use]
                pub const fn $name(mut self, $name: f32) -> Self {
                    self.$name = Some($crate::layers::factor::Factor::around($name, $least, stringify!($name)));
                    self
                }

                $(#[$range_docs])*
                #[must_use]
                pub const fn $range(mut self, $name: (f32, f32)) -> Self {
                    self.$name = Some($crate::layers::factor::Factor::between($name, stringify!($range)));
                    self
                }
            )+
        }
    };
}
pub(super) use factors;

/// The least and the greatest of what a thousand samples draw, and the mean.
#[cfg(test)]
pub(super) fn spread(draw: impl Fn(Random) -> f32) -> [f32; 3] {
    let random = Random::new(3).at_step(1).in_layer(2);
    let drawn: Vec<f32> = (0..1000).map(|sample| draw(random.of_sample(sample))).collect();
    let (least, most) = drawn.iter().fold((f32::MAX, f32::MIN), |(a, b), x| (a.min(*x), b.max(*x)));
    [least, most, drawn.iter().sum::<f32>() / 1000.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_range_is_drawn_evenly() {
        let [least, most, mean] = spread(|stream| Factor::between((0.5, -0.25), "").draw(stream, 0));
        assert!((-0.25..-0.24).contains(&least) && (0.49..0.5).contains(&most) && (mean - 0.125).abs() < 0.02);
        assert_eq!(Factor::around(-0.5, -1.0, ""), Factor::between((-0.5, 0.5), ""));
        assert_eq!(Factor::around(0.5, 0.0, ""), Factor::between((0.0, 0.5), ""));
    }

    #[test]
    fn a_range_is_within_one() {
        let text = |factor: Factor, above| factor.mistake(above).map(|mistake| mistake.takes.as_str().to_owned());
        assert_eq!(text(Factor::around(1.0, -1.0, "factor"), false), None);
        assert_eq!(text(Factor::around(1.5, -1.0, "factor"), false).unwrap(), "`factor` must be from -1 to 1");
        assert_eq!(text(Factor::around(f32::NAN, -1.0, "factor"), false).unwrap(), "`factor` must be from -1 to 1");
        assert_eq!(
            text(Factor::around(1.0, -1.0, "factor"), true).unwrap(),
            "`factor` must be from -1 to 1, and above -1"
        );
    }
}

//! Random numbers that are a function of where they are used.

/// A stream of random numbers keyed by (seed, step, layer, sample).
///
/// Neither tiles nor threads nor the order of work can change a number: it depends on its key alone.
/// The generator is SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators",
/// OOPSLA 2014), counted from the hash of the key.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::Random;
/// let dropout = Random::new(7).at_step(3).in_layer(1);
/// assert_eq!(dropout.of_sample(5).uniform(0), dropout.of_sample(5).uniform(0));
/// assert_ne!(dropout.of_sample(5).uniform(0), dropout.of_sample(6).uniform(0));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Random {
    key: u64,
    first_sample: u64,
}

/// The increment of SplitMix64, 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Random {
    /// The stream of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { key: mix(seed.wrapping_add(GOLDEN)), first_sample: 0 }
    }

    const fn with(self, word: u64) -> Self {
        Self { key: mix(self.key ^ word.wrapping_mul(GOLDEN).wrapping_add(GOLDEN)), first_sample: self.first_sample }
    }

    /// The stream of one training step.
    #[must_use]
    pub const fn at_step(self, step: u64) -> Self {
        self.with(step)
    }

    /// The stream of one layer.
    #[must_use]
    pub const fn in_layer(self, layer: u64) -> Self {
        self.with(layer)
    }

    /// The same stream for a tile that begins at this sample of the batch.
    #[must_use]
    pub const fn from_sample(mut self, first: u64) -> Self {
        self.first_sample = first;
        self
    }

    /// The same stream for a tile whose samples are cut into so many steps, each of them a sample of its own.
    #[must_use]
    pub const fn in_steps(mut self, steps: u64) -> Self {
        self.first_sample = self.first_sample.wrapping_mul(steps);
        self
    }

    /// The stream of one sample of the tile.
    #[must_use]
    pub const fn of_sample(self, sample: u64) -> Self {
        let position = self.first_sample.wrapping_add(sample);
        Self { key: self.with(position).key, first_sample: 0 }
    }

    /// The stream's `index`-th 64 random bits.
    #[must_use]
    pub const fn bits(self, index: u64) -> u64 {
        mix(self.key.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// The stream's `index`-th number, uniform in `0.0..1.0` in steps of 2^-24.
    #[must_use]
    pub const fn uniform(self, index: u64) -> f32 {
        (self.bits(index) >> 40) as f32 * (1.0 / 16_777_216.0)
    }

    /// The stream's `index`-th number of a normal distribution with mean 0 and variance 1 (Box and Muller, 1958).
    #[must_use]
    pub fn normal(self, index: u64) -> f32 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - f64::from(self.uniform(2 * index))));
        (radius * libm::cos(core::f64::consts::TAU * f64::from(self.uniform(2 * index + 1)))) as f32
    }

    /// The stream's `index`-th whole number below `bound`; 0 when the bound is 0.
    #[must_use]
    pub const fn below(self, index: u64, bound: u64) -> u64 {
        ((self.bits(index) as u128 * bound as u128) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_numbers_fill_the_unit_interval_evenly() {
        let stream = Random::new(1);
        let mean: f64 = (0..10_000).map(|i| f64::from(stream.uniform(i))).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.01, "mean {mean}");
        assert!((0..10_000).all(|i| (0.0..1.0).contains(&stream.uniform(i))));
    }

    #[test]
    fn normal_numbers_have_variance_one() {
        let stream = Random::new(2);
        let (sum, squares) =
            (0..10_000).map(|i| f64::from(stream.normal(i))).fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
        assert!((sum / 10_000.0).abs() < 0.03 && (squares / 10_000.0 - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_tile_draws_what_the_whole_batch_draws() {
        let batch = Random::new(3).at_step(9).in_layer(2);
        assert_eq!(batch.of_sample(50), batch.from_sample(48).of_sample(2));
        assert_eq!(batch.in_steps(5).of_sample(50 * 5 + 3), batch.from_sample(48).in_steps(5).of_sample(2 * 5 + 3));
    }

    #[test]
    fn steps_and_layers_draw_apart() {
        let seed = Random::new(4);
        assert_ne!(seed.at_step(1).in_layer(2).bits(0), seed.at_step(2).in_layer(1).bits(0));
    }
}

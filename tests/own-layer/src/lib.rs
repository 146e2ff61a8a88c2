//! A layer written outside of `fusion`: weights, options, state and randomness, and no `unsafe`.
#![forbid(unsafe_code)]

use fusion::initializers::Initializer;
use fusion::{Backward, Configured, Fit, Forward, Layer, Memory, Mistake, OptionsOf, Parameters, Shape, Tensor, Text};

/// What is written in parentheses: `Centred<8>(noise = 0.1)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CentredOptions {
    noise: f32,
    momentum: f32,
}

impl CentredOptions {
    /// No noise, and a centre that moves by a hundredth.
    pub const DEFAULT: Self = Self { noise: 0.0, momentum: 0.99 };

    /// How strong the noise of training is.
    #[must_use]
    pub const fn noise(mut self, noise: f32) -> Self {
        self.noise = noise;
        self
    }

    /// How much of the centre stays at each step.
    #[must_use]
    pub const fn momentum(mut self, momentum: f32) -> Self {
        self.momentum = momentum;
        self
    }
}

/// y = gain · (x − centre), each feature apart; in training times 1 + noise · ε with normal ε.
///
/// `centre` follows the mean of the batches: centre ← momentum · centre + (1 − momentum) · mean.
#[derive(Clone, Debug, PartialEq, Parameters)]
#[parameters(options = CentredOptions)]
#[repr(C, align(64))]
pub struct Centred<const FEATURES: usize> {
    /// What training learns.
    #[parameter(initializer = Initializer::Ones)]
    pub gain: [f32; FEATURES],
    /// What it keeps.
    #[parameter(trainable = false)]
    pub centre: [f32; FEATURES],
}

/// What may be wrong, in words.
const fn mistake(features: usize, input: &Shape, options: &CentredOptions) -> Option<Mistake> {
    if input.last() != features {
        return Some(Mistake::features(features, 0, input.last()));
    }
    if !(options.momentum >= 0.0 && options.momentum < 1.0) {
        return Some(Mistake::option("momentum", Text::new("the momentum must be at least 0 and below 1")));
    }
    None
}

/// 1 + noise · ε of each number of a sample.
fn factors<'a>(cx_random: fusion::Random, noise: f32, sample: usize) -> impl Iterator<Item = f32> + 'a {
    let random = cx_random.of_sample(sample as u64);
    (0..).map(move |index| if noise == 0.0 { 1.0 } else { 1.0 + noise * random.normal(index) })
}

impl<In: Tensor, O: OptionsOf<Self>, const FEATURES: usize> Layer<In, O> for Centred<FEATURES> {
    const FIT: Fit = Fit::new(In::SHAPE.with_last(FEATURES)).or(Mistake::unless_numbers::<In>()).or(mistake(
        FEATURES,
        &In::SHAPE,
        &O::VALUE,
    ));
    const MEMORY: Memory = Memory { saved: FEATURES, ..Memory::NONE };
    const COUPLES_SAMPLES: bool = true;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let noise = if cx.training { O::VALUE.noise } else { 0.0 };
        let length = In::SHAPE.length();
        let (samples, outputs) = (In::numbers(x).chunks_exact(length), Out::numbers_mut(y).chunks_exact_mut(length));
        for (sample, (x, y)) in samples.zip(outputs).enumerate() {
            for (index, (value, factor)) in x.iter().zip(factors(cx.random, noise, sample)).enumerate() {
                let feature = index % FEATURES;
                y[index] = self.gain[feature] * (value - self.centre[feature]) * factor;
            }
        }
        if cx.training {
            mean(In::numbers(x), &mut cx.saved[..FEATURES]);
        }
    }

    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        gradient: &mut Self,
    ) {
        let noise = if cx.training { O::VALUE.noise } else { 0.0 };
        let length = In::SHAPE.length();
        let mut dx = dx.map(In::numbers_mut);
        let (samples, upstream) = (In::numbers(x).chunks_exact(length), Out::numbers(dy).chunks_exact(length));
        for (sample, (x, dy)) in samples.zip(upstream).enumerate() {
            for (index, (dy, factor)) in dy.iter().zip(factors(cx.random, noise, sample)).enumerate() {
                let feature = index % FEATURES;
                gradient.gain[feature] += dy * factor * (x[index] - self.centre[feature]);
                if let Some(dx) = &mut dx {
                    dx[sample * length + index] = dy * factor * self.gain[feature];
                }
            }
        }
    }

    fn update_state(&mut self, _samples: usize, saved: &mut [f32]) {
        let momentum = O::VALUE.momentum;
        for (centre, mean) in self.centre.iter_mut().zip(saved) {
            *centre = momentum * *centre + (1.0 - momentum) * *mean;
        }
    }
}

/// The mean of each feature over all positions.
fn mean(values: &[f32], mean: &mut [f32]) {
    mean.fill(0.0);
    let features = mean.len();
    for row in values.chunks_exact(features) {
        mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    let rows = (values.len() / features).max(1) as f32;
    mean.iter_mut().for_each(|sum| *sum /= rows);
}

/// The class name and the options come from the derive.
const _: () = assert!(<Centred<3> as Configured>::CLASS.len() == 7);

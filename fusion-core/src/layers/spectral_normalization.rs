//! A layer whose kernel has the spectral norm 1.

use core::mem::take;

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, InputError, Layer, Mistake, Needs, Output, State, messages::same};
use crate::shape::{Tensor, Text, copy_plain, floats_of, zeroed_in};
use crate::weights::{
    Array, Configured, Entry, Initializer, Kind, OptionsOf, OptionsWithin, Parameters, walk_ref_with, walk_with,
};

mod power;

/// A layer whose kernel is divided by its largest singular value before each step of training, so that the layer stretches
/// no difference of its inputs: Keras's `layers.SpectralNormalization` (Miyato and others, "Spectral Normalization for
/// Generative Adversarial Networks", 2018).
///
/// The kernel is `kernel` of the layer within, otherwise `embeddings`, as a matrix W of rows of its last dimension, of
/// `UNITS` numbers. `power_iterations` times v = u Wᵀ / |u Wᵀ| and u = v W / |v W|; then σ = v W uᵀ, and the kernel
/// becomes W / σ. u is kept from step to step; no gradient goes through σ. In inference the
/// kernel is taken as it is. One of zeros stays so. What comes of ids are numbers, where Keras's wrapper makes whole ones of
/// them.
///
/// In `model!` the second argument is the size that the layer gives, `SpectralNormalization<Dense<_, 32>, 32>`, and the
/// layer's own options stand behind it: `SpectralNormalization<Conv2d<_, 8, 3>(padding = Same), 8>(power_iterations = 2)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Dense, SpectralNormalization};
/// use fusion::{Layer, Parameters, Shape};
/// type Normalized = SpectralNormalization<Dense<3, 4>, 4>;
/// assert_eq!(<Normalized as Layer<[f32; 3]>>::OUTPUT.shape, Shape::new(&[4]));
/// assert_eq!((<Normalized as Parameters>::COUNT, <Normalized as Parameters>::NON_TRAINABLE), (20, 4));
/// ```
#[repr(C)]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = SpectralNormalizationOptions, example = "SpectralNormalization<Dense<_, 32>, 32>")]
pub struct SpectralNormalization<L, const UNITS: usize> {
    /// The layer whose kernel it is.
    #[parameter(name = <L as Configured>::NAME, within)]
    pub layer: L,
    /// What the iterations begin with.
    #[parameter(shape = [1, UNITS], initializer = Initializer::TruncatedNormal(0.0, 0.02), trainable = false)]
    pub vector_u: [f32; UNITS],
}

/// The options of [`SpectralNormalization`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct SpectralNormalizationOptions {
    /// How often the vectors are multiplied with the kernel before each step of training, at least once; once by default.
    #[option(default = 1)]
    power_iterations: usize,
}

/// The kernel among the weights of a layer: Keras's attribute `kernel`, otherwise `embeddings`.
const fn kernel(entries: &'static [Entry]) -> Option<(&'static str, &'static Array)> {
    const NAMES: [&str; 2] = ["kernel", "embeddings"];
    let mut name = 0;
    while name < NAMES.len() {
        let mut i = 0;
        while i < entries.len() {
            if let Kind::Array(array) = &entries[i].kind
                && same(entries[i].name, NAMES[name])
            {
                return Some((NAMES[name], array));
            }
            i += 1;
        }
        name += 1;
    }
    None
}

/// What the layer within says, as it reads for this one, and what is wrong with this one.
const fn output(within: Output, class: &str, entries: &'static [Entry], units: usize, iterations: usize) -> Output {
    let mistake = within.mistake;
    let output = Output { mistake: None, ..within };
    if let Some(mistake) = mistake {
        return output.or(Some(mistake.within()));
    }
    let Some((name, array)) = kernel(entries) else {
        let text = Text::new("normalizes a `kernel` or `embeddings`, and `").and(class);
        return output.or(Some(Mistake::missing(text.and("` has neither as a weight of its own"))));
    };
    if array.shape.last() != units {
        let text = Text::new("normalizes the `").and(name).and("` of `").and(class).and("`, which is ");
        let text = text.shape(&array.shape).and(", so that its second argument is ").number(array.shape.last());
        return output.or(Some(Mistake::missing(text)));
    }
    if iterations == 0 {
        return output.or(Some(Mistake::option("power_iterations", Text::new("there must be at least one iteration"))));
    }
    output
}

impl<L, const UNITS: usize> SpectralNormalization<L, UNITS> {
    /// Kept: σ and the new u.
    const OWN: usize = UNITS.saturating_add(1);

    /// Room for a layer of the same weights with another kernel, and for v.
    const fn scratch(entries: &'static [Entry]) -> usize {
        let rows = match kernel(entries) {
            Some((_, array)) => array.shape.positions(),
            None => 0,
        };
        floats_of::<L>().saturating_add(rows)
    }
}

impl<In, O, L, const UNITS: usize> Layer<In, O> for SpectralNormalization<L, UNITS>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: Layer<In, O::Within>,
{
    const OUTPUT: Output =
        output(L::OUTPUT, L::CLASS, <L as Parameters<O::Within>>::ENTRIES, UNITS, O::VALUE.power_iterations);
    const NEEDS: Needs = {
        let scratch = Floats::once(Self::scratch(<L as Parameters<O::Within>>::ENTRIES));
        let Needs { saved, saved_in_inference, .. } = L::NEEDS;
        Needs { logits: false, ..L::NEEDS }
            .saved(saved.and(Floats::once(Self::OWN)))
            .saved_in_inference(saved_in_inference.and(Floats::once(Self::OWN)))
            .scratch(L::NEEDS.scratch.and(scratch))
            .backward_scratch(L::NEEDS.backward_scratch.and(scratch))
    };
    const DETAILS: &'static str = const { &Text::new(L::CLASS).and(" ").and(L::DETAILS) }.as_str();

    fn check(&self, cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        let saved = take(&mut cx.saved).split_at_mut(Self::OWN).1;
        let scratch = take(&mut cx.scratch);
        self.layer.check(&mut cx.within(cx.random, saved, scratch), x)
    }

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let (own, saved) = take(&mut cx.saved).split_at_mut(Self::OWN);
        let room = const { Self::scratch(<L as Parameters<O::Within>>::ENTRIES) };
        let (room, scratch) = take(&mut cx.scratch).split_at_mut(room);
        let output_mask = take(&mut cx.output_mask);
        let mut within = cx.within(cx.random, saved, scratch);
        within.output_mask = output_mask;
        let (sigma, u) = own.split_at_mut(1);
        u.copy_from_slice(&self.vector_u);
        sigma[0] = 1.0;
        if !cx.training {
            self.layer.forward(&mut within, x, y);
            return;
        }
        let (place, v) = room.split_at_mut(floats_of::<L>());
        visit_kernel::<L, O::Within>(&self.layer, |kernel| {
            sigma[0] = power::iterate(kernel, u, v, O::VALUE.power_iterations);
        });
        divided::<L, O::Within>(&self.layer, sigma[0], place).forward(&mut within, x, y);
    }

    fn update_state(&mut self, cx: &mut State<'_>) {
        let (own, saved) = take(&mut cx.saved).split_at_mut(Self::OWN);
        self.layer.update_state(&mut State::new(cx.samples, saved));
        if cx.samples == 0 {
            return;
        }
        let (sigma, u) = own.split_at_mut(1);
        self.vector_u.copy_from_slice(u);
        divide_kernel::<L, O::Within>(&mut self.layer, sigma[0]);
    }

    fn penalty_within(&self, samples: usize, keep: bool, saved: &[f32]) -> f64 {
        self.layer.penalty_within(samples, keep, &saved[Self::OWN..])
    }
}

#[cfg(feature = "training")]
impl<In, O, L, const UNITS: usize> TrainLayer<In, O> for SpectralNormalization<L, UNITS>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: TrainLayer<In, O::Within>,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let (own, saved) = take(&mut cx.saved).split_at_mut(Self::OWN);
        let room = const { Self::scratch(<L as Parameters<O::Within>>::ENTRIES) };
        let (room, scratch) = take(&mut cx.scratch).split_at_mut(room);
        let normalizes = cx.training;
        let mut within = cx.within(|this| &mut this.layer, cx.random, saved, scratch);
        let place = &mut room[..floats_of::<L>()];
        let divided = normalizes.then(|| divided::<L, O::Within>(&self.layer, own[0], place));
        divided.as_deref().unwrap_or(&self.layer).backward(&mut within, x, y, dy, dx);
    }
}

/// Shows the kernel.
fn visit_kernel<L: Parameters<O>, O: OptionsOf<L>>(layer: &L, mut visit: impl FnMut(&[f32])) {
    let name = kernel(L::ENTRIES).map_or("", |(name, _)| name);
    walk_ref_with::<L, O>(layer, &mut |parameter, numbers| {
        if parameter.is_own(name) {
            visit(numbers);
        }
    });
}

/// A layer of the same weights, but its kernel divided by σ, in this memory.
fn divided<'a, L: Parameters<O>, O: OptionsOf<L>>(layer: &L, sigma: f32, memory: &'a mut [f32]) -> &'a mut L {
    let copy = zeroed_in::<L>(memory);
    copy_plain(layer, copy);
    divide_kernel::<L, O>(copy, sigma);
    copy
}

fn divide_kernel<L: Parameters<O>, O: OptionsOf<L>>(layer: &mut L, sigma: f32) {
    let name = kernel(L::ENTRIES).map_or("", |(name, _)| name);
    walk_with::<L, O, 1>([layer], &mut |parameter, [numbers]| {
        if parameter.is_own(name) {
            numbers.iter_mut().for_each(|number| *number /= sigma);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{initialized, says};
    use crate::layers::{BatchNormalization, Dense};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options};

    type Layer4 = SpectralNormalization<Dense<3, 4>, 4>;

    struct Often;
    impl<L: Configured, const UNITS: usize> OptionsOf<SpectralNormalization<L, UNITS>> for Often {
        const VALUE: SpectralNormalizationOptions = SpectralNormalizationOptions::DEFAULT.power_iterations(40);
    }
    impl OptionsWithin for Often {
        type Within = Defaults;
    }
    struct Never;
    impl<L: Configured, const UNITS: usize> OptionsOf<SpectralNormalization<L, UNITS>> for Never {
        const VALUE: SpectralNormalizationOptions = SpectralNormalizationOptions::DEFAULT.power_iterations(0);
    }
    impl OptionsWithin for Never {
        type Within = Defaults;
    }

    #[test]
    fn what_does_not_fit_is_said() {
        assert_eq!(<Layer4 as Layer<[[f32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[2, 4]));
        assert_eq!(says::<Layer4, Often, [f32; 3]>(), None);
        assert_eq!(says::<Layer4, Defaults, [f32; 2]>().unwrap(), "takes 3 features");
        let other = says::<SpectralNormalization<Dense<3, 4>, 3>, Defaults, [f32; 3]>().unwrap();
        assert_eq!(other, "normalizes the `kernel` of `Dense`, which is [3, 4], so that its second argument is 4");
        let none = says::<SpectralNormalization<BatchNormalization<3>, 3>, Defaults, [f32; 3]>().unwrap();
        assert!(none.ends_with("and `BatchNormalization` has neither as a weight of its own"), "{none}");
        assert_eq!(says::<Layer4, Never, [f32; 3]>().unwrap(), "there must be at least one iteration");
    }

    /// Trains one step, so many times, on a gradient of zeros.
    fn steps<O: OptionsOf<Layer4> + OptionsWithin<Within = Defaults>>(layer: &mut Layer4, times: usize) -> [f32; 4] {
        let needs = <Layer4 as Layer<[f32; 3], O>>::NEEDS;
        let (mut saved, mut scratch) = (vec![f32::NAN; needs.saved.of(1)], vec![f32::NAN; needs.scratch.of(1)]);
        let mut y = [[f32::NAN; 4]];
        for _ in 0..times {
            let mut cx = Forward::new(&mut saved, &mut scratch).training(crate::Random::new(0));
            Layer::<[f32; 3], O>::forward(layer, &mut cx, &[[1.0, -0.5, 2.0]], &mut y);
            Layer::<[f32; 3], O>::update_state(layer, &mut State::new(1, &mut saved));
        }
        y[0]
    }

    #[test]
    fn the_kernel_gets_the_spectral_norm_1() {
        let mut layer = initialized::<Layer4>();
        let before = layer.layer.kernel;
        let y = steps::<Often>(&mut layer, 1);
        // What went forward is what the kernel is now.
        for (o, y) in y.iter().enumerate() {
            let x = [1.0, -0.5, 2.0];
            let sum: f32 = (0..3).map(|i| x[i] * layer.layer.kernel[i][o]).sum();
            assert!((y - sum - layer.layer.bias[o]).abs() < 1e-6);
        }
        let ratio = before[0][0] / layer.layer.kernel[0][0];
        assert!(
            before
                .as_flattened()
                .iter()
                .zip(layer.layer.kernel.as_flattened())
                .all(|(a, b)| (a / b - ratio).abs() < 1e-5)
        );
        // The largest singular value: no vector becomes longer, and that of the iterations stays as long.
        let product: Vec<f32> =
            layer.layer.kernel.iter().map(|row| row.iter().zip(&layer.vector_u).map(|(k, u)| k * u).sum()).collect();
        let length = product.iter().map(|x| x * x).sum::<f32>();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
        assert!((layer.vector_u.iter().map(|u| u * u).sum::<f32>() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_kernel_of_zeros_stays() {
        let mut layer = initialized::<Layer4>();
        layer.layer.kernel = [[0.0; 4]; 3];
        let u = layer.vector_u;
        assert_eq!(steps::<Defaults>(&mut layer, 2), layer.layer.bias);
        assert_eq!((layer.vector_u, layer.layer.kernel), (u, [[0.0; 4]; 3]));
    }
}

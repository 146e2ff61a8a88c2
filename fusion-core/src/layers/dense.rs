//! The fully connected layer.

mod prepared;

use core::marker::PhantomData;

#[cfg(feature = "training")]
use super::activation_gradient;
use super::folding::{fold, linear};
use super::{Optional, UseBias, activate, unless_features, unless_of_one};
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::activations::{Activation, Linear};
use crate::kernels::{self, Sizes};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{
    Floats, Folding, Forward, InputError, Kind, Layer, Masking, Mistake, Needs, Output, PreparedBytes, PreparedWeights,
    VisitArrays, WeightKind,
};
use crate::shape::{Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf, Regularizer};

/// y = A(x · kernel + bias) on the last axis of any shape, `[…, IN]` → `[…, OUT]`: Keras's
/// `layers.Dense`.
///
/// The kernel begins Glorot-uniform and the bias at 0. In `model!` the activation is also an option, and whether there is
/// a bias is one: `Dense<_, 4>(activation = Relu, use_bias = false)` is `Dense<8, 4, Relu, NoBias>`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::activations::Relu;
/// use fusion::layers::Dense;
/// use fusion::{Layer, Parameters, Shape};
/// assert_eq!(<Dense<8, 4> as Layer<[f32; 8]>>::OUTPUT.shape, Shape::new(&[4]));
/// assert_eq!(<Dense<8, 4> as Layer<[[f32; 8]; 3]>>::OUTPUT.shape, Shape::new(&[3, 4]));
/// assert_eq!(<Dense<8, 4, Relu> as Parameters>::COUNT, 36);
///
/// let layer: Dense<2, 1> = Dense::new([[0.5], [-1.0]], [2.0]);
/// assert_eq!(layer.kernel[1][0], -1.0);
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = DenseOptions, example = "Dense<_, 32>", arguments(activation = 2, use_bias = 3))]
pub struct Dense<const IN: usize, const OUT: usize, A = Linear, B: Optional = UseBias> {
    /// `kernel[i][o]` is how much input i counts in output o.
    #[parameter(given = options.kernel)]
    pub kernel: [[f32; OUT]; IN],
    /// What each output begins with.
    #[parameter(shape = [OUT], initializer = Initializer::Zeros, when = B::USED, given = options.bias)]
    pub bias: B::Values<OUT>,
    activation: PhantomData<A>,
}

/// The options of [`Dense`]: `Dense<_, 64, Relu>(kernel_initializer = HeNormal, kernel_regularizer = L2(0.01))`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct DenseOptions {
    /// `GlorotUniform` if not given.
    #[option(array)]
    kernel: ArrayOptions,
    /// `Zeros` if not given.
    #[option(array)]
    bias: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

/// Up to so many weights, one sample alone goes through a product compiled for its sizes.
const LARGEST_PRODUCT_OF_ONE: usize = 4096;

impl<const IN: usize, const OUT: usize, A: Activation, B: Optional> Dense<IN, OUT, A, B> {
    /// How many numbers the kernel has; as many as a `usize` can say where there are more.
    const KERNEL: usize = IN.saturating_mul(OUT);
    const DETAILS: &'static Text = &Text::new(A::NAME).and(if B::USED { "" } else { ", no bias" });

    /// A layer of these weights.
    #[must_use]
    pub const fn new(kernel: [[f32; OUT]; IN], bias: B::Values<OUT>) -> Self {
        Self { kernel, bias, activation: PhantomData }
    }

    const fn sizes(rows: usize) -> Sizes {
        Sizes { rows, inputs: IN, outputs: OUT }
    }

    /// x · kernel + bias, with max(0, …) where that is the activation.
    #[inline]
    fn product(&self, x: &[f32], y: &mut [f32], rows: usize) {
        self.product_with(B::values(&self.bias), x, y, rows);
    }

    /// The same with this bias.
    #[inline]
    fn product_with(&self, bias: Option<&[f32; OUT]>, x: &[f32], y: &mut [f32], rows: usize) {
        if const { Self::KERNEL <= LARGEST_PRODUCT_OF_ONE }
            && let (Ok(x), Ok(y)) = (x.try_into(), <&mut [f32; OUT]>::try_from(&mut *y))
        {
            kernels::dense_one::<IN, OUT>(x, &self.kernel, bias, y, A::RECTIFIES);
            return;
        }
        let bias = bias.map(|bias| &bias[..]);
        kernels::dense(x, self.kernel.as_flattened(), bias, y, Self::sizes(rows), A::RECTIFIES);
    }
}

impl<In, O, const IN: usize, const OUT: usize, A: Activation, B: Optional> Layer<In, O> for Dense<IN, OUT, A, B>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
    const OUTPUT: Output = Output::new(In::SHAPE.with_last(OUT))
        .or(Mistake::unless_numbers::<In>())
        .or(unless_features::<In>(IN, 0))
        .or(unless_of_one::<A>(&In::SHAPE.with_last(OUT)));
    /// Kept: what the activation is applied to, if its slope needs it. Scratch: sums of the kernel's
    /// gradient, then the transposed kernel.
    const NEEDS: Needs = Needs::NONE
        .saved(Floats::per_sample(if A::NEEDS_INPUT { In::SHAPE.positions().saturating_mul(OUT) } else { 0 }))
        .saved_in_inference(Floats::NONE)
        .backward_scratch(Floats::once(Self::sizes(0).gradient_scratch()))
        .multiplications(In::SHAPE.positions().saturating_mul(Self::KERNEL))
        .logits(A::LOGITS)
        .masking(Masking::PassesOn)
        .activity(O::VALUE.activity_regularizer);
    const DETAILS: &'static str = Self::DETAILS.as_str();

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let y = Out::numbers_mut(y);
        self.product(In::numbers(x), y, x.len() * const { In::SHAPE.positions() });
        activate::<A>(cx, y, OUT);
    }

    const PREPARED: PreparedBytes = Self::PREPARED_BYTES;
    fn prepare<K: WeightKind>(&self, strip_columns: usize, memory: &mut [f32]) {
        self.write_prepared::<K>(strip_columns, memory);
    }
    const FOLDING: Folding = linear::<A>();
    fn fold(&mut self, scale: &[f32], offset: &mut [f32]) {
        let bias = B::values::<OUT>(&self.bias).map(|bias| &bias[..]);
        fold(self.kernel.as_flattened_mut(), 1, bias, scale, offset);
    }
    fn prepared_arrays(kind: Kind, visit: &mut VisitArrays<'_>) {
        Self::show_prepared::<O>(kind, visit);
    }
    fn check_prepared<K: WeightKind>(_: PreparedWeights<'_>, _: &mut Forward<'_>, _: &[In]) -> Result<(), InputError> {
        Ok(())
    }
    fn forward_prepared<K: WeightKind, Out: Tensor>(
        weights: PreparedWeights<'_>,
        cx: &mut Forward<'_>,
        x: &[In],
        y: &mut [Out],
    ) {
        let y = Out::numbers_mut(y);
        Self::prepared_product::<K>(weights, In::numbers(x), y, x.len() * const { In::SHAPE.positions() });
        activate::<A>(cx, y, OUT);
    }
}

#[cfg(feature = "training")]
impl<In, O, const IN: usize, const OUT: usize, A: TrainActivation, B: Optional> TrainLayer<In, O>
    for Dense<IN, OUT, A, B>
where
    In: Tensor,
    O: OptionsOf<Self>,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let sizes = Self::sizes(x.len() * const { In::SHAPE.positions() });
        let dy = Out::numbers_mut(dy);
        activation_gradient::<A, _>(cx, Out::numbers(y), dy, OUT);
        if let Some(gradient) = &mut cx.gradient {
            let kernel = gradient.kernel.as_flattened_mut();
            kernels::add_kernel_gradient(In::numbers(x), dy, kernel, cx.scratch, sizes);
            if let Some(bias) = B::values_mut::<OUT>(&mut gradient.bias) {
                kernels::add_rows(dy, bias);
            }
        }
        if let Some(dx) = dx {
            let transposed = &mut cx.scratch[..Self::KERNEL];
            kernels::transpose(IN, OUT, self.kernel.as_flattened(), transposed);
            kernels::input_gradient(dy, transposed, In::numbers_mut(dx), sizes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::{Gelu, Relu, Sigmoid, Silu, Softmax, Tanh, reference};
    use crate::layers::NoBias;
    use crate::layers::testing::{Run, differences, initialized, run, says};
    use crate::shape::Shape;
    use crate::weights::{Defaults, Parameters};

    #[test]
    fn the_features_must_be_those_of_the_type() {
        assert_eq!(<Dense<6, 4> as Layer<[[f32; 6]; 5]>>::OUTPUT.shape, Shape::new(&[5, 4]));
        assert_eq!(says::<Dense<6, 4>, Defaults, [[f32; 6]; 5]>(), None);
        assert_eq!(says::<Dense<6, 4>, Defaults, [f32; 8]>().unwrap(), "takes 6 features");
        assert_eq!(<Dense<6, 4> as Layer<[f32; 8]>>::OUTPUT.shape, Shape::new(&[4]));
        assert!(says::<Dense<6, 4>, Defaults, [u32; 6]>().unwrap().starts_with("takes numbers"));
    }

    #[test]
    fn what_is_counted() {
        assert_eq!((<Dense<6, 4> as Parameters>::COUNT, <Dense<6, 4, Relu, NoBias> as Parameters>::COUNT), (28, 24));
        assert_eq!(<Dense<6, 4> as Layer<[[f32; 6]; 5]>>::NEEDS.multiplications, 120);
        assert_eq!(<Dense<6, 4> as Layer<[[f32; 6]; 5]>>::NEEDS.saved.of(3), 0);
        assert_eq!(<Dense<6, 4, Gelu> as Layer<[[f32; 6]; 5]>>::NEEDS.saved.of(3), 60);
        assert_eq!(<Dense<6, 4, Gelu> as Layer<[f32; 6]>>::DETAILS, "gelu");
        assert_eq!(<Dense<6, 4, Relu, NoBias> as Layer<[f32; 6]>>::DETAILS, "relu, no bias");
        assert_eq!(align_of::<Dense<1, 1>>(), 64);
    }

    #[test]
    fn sizes_that_no_memory_holds_have_a_message_and_no_overflow() {
        type Wide = Dense<8, { 1 << 40 }, Gelu>;
        type Rows = [[f32; 8]; 1 << 24];
        assert_eq!(<Wide as Layer<Rows>>::OUTPUT.shape.checked_length(), None);
        assert_eq!(<Wide as Layer<Rows>>::NEEDS.multiplications, usize::MAX);
        assert_eq!(<Wide as Layer<Rows>>::NEEDS.saved.per_sample, usize::MAX);
    }

    #[test]
    fn one_sample_and_many_agree() {
        let layer = initialized::<Dense<7, 5, Relu>>();
        let rows: Vec<[f32; 7]> = (0..9).map(|i| core::array::from_fn(|j| (i * 7 + j) as f32 / 20.0 - 1.0)).collect();
        let Run { y, .. } = run::<_, Defaults, _, [f32; 5]>(&*layer, &rows);
        for (row, y) in rows.iter().zip(&y) {
            let one = run::<_, Defaults, _, [f32; 5]>(&*layer, &[*row]);
            assert!(one.y[0].iter().zip(y).all(|(a, b)| (a - b).abs() < 1e-6));
        }
    }

    /// Checks a layer of 3 inputs and 4 outputs, at two positions of two samples.
    #[track_caller]
    fn check<A: TrainActivation, B: Optional>(activation: impl Fn([f64; 4]) -> [f64; 4]) {
        let rows = [[[0.5, -1.0, 2.0], [0.1, 0.7, -0.4]], [[-0.6, 0.3, 0.9], [1.5, -0.2, 0.8]]];
        let formula = |weights: &[f64], x: &[f64]| -> Vec<f64> {
            let (kernel, bias) = weights.split_at(12);
            let output = |x: &[f64], o: usize| -> f64 {
                let sum: f64 = (0..3).map(|i| x[i] * kernel[4 * i + o]).sum();
                sum + bias.get(o).unwrap_or(&0.0)
            };
            x.chunks(3).flat_map(|x| activation(core::array::from_fn(|o| output(x, o)))).collect()
        };
        let layer = initialized::<Dense<3, 4, A, B>>();
        differences::<_, Defaults, [[f32; 3]; 2], [[f32; 4]; 2]>(&*layer, &rows, formula);
    }

    #[test]
    fn gradients_are_those_of_differences() {
        check::<Linear, UseBias>(|x| x);
        check::<Linear, NoBias>(|x| x);
        check::<Relu, UseBias>(|x| x.map(|x| x.max(0.0)));
        check::<Relu, NoBias>(|x| x.map(|x| x.max(0.0)));
        check::<Tanh, UseBias>(|x| x.map(libm::tanh));
        check::<Sigmoid, NoBias>(|x| x.map(reference::sigmoid));
        check::<Silu, UseBias>(|x| x.map(reference::silu));
        check::<Gelu, UseBias>(|x| x.map(|x| 0.5 * x * libm::erfc(-x / core::f64::consts::SQRT_2)));
        check::<Softmax, UseBias>(|x| {
            let sum: f64 = x.map(libm::exp).iter().sum();
            x.map(|x| libm::exp(x) / sum)
        });
    }

    #[test]
    fn weight_gradients_add_up() {
        let layer = initialized::<Dense<3, 4>>();
        let (x, dy) = ([[1.0, 2.0, 3.0]], [[1.0, 0.0, -1.0, 0.5]]);
        let mut gradient = layer.clone();
        let mut scratch = [0.0; 12];
        let cx = &mut Backward::new(Some(&mut *gradient), &mut [], &mut scratch);
        TrainLayer::<[f32; 3]>::backward(&*layer, cx, &x, &[[0.0; 4]], &mut dy.clone(), None);
        for (i, x) in x[0].iter().enumerate() {
            for (o, dy) in dy[0].iter().enumerate() {
                assert_eq!(gradient.kernel[i][o], layer.kernel[i][o] + x * dy);
            }
        }
        assert_eq!(gradient.bias[3], layer.bias[3] + 0.5);
    }
}

//! The product of a sample and a kernel along any dimensions.

use core::marker::PhantomData;

use super::activate;
#[cfg(feature = "training")]
use super::activation_gradient;
use super::axes::each_sample;
use super::rearranging::stretched;
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::activations::{Activation, Linear};
use crate::kernels::{self, Moves, Sizes};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Layer, Mistake, Needs, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf, Regularizer};
use equation::{Equation, Products};

mod equation;

/// y = A(einsum(equation, x, kernel) + bias): Keras's `layers.EinsumDense`.
///
/// The equation names each dimension by a letter, the batch too, `[input],[kernel]->[output]`: what stands in input and
/// kernel but not in the output is added up. `abc,cd->abd` is [`Dense`](super::Dense) at each step; `...` before or behind
/// the letters of input and output stands for any dimensions, `...x,xy->...y`. The first argument is the shape of the
/// kernel, which gives the output all sizes that the input does not; the second that of the bias, along `bias_axes` of the
/// output, with 1 along those between them; without it there is none.
///
/// In `model!` that is `EinsumDense<[[f32; 5]; 3], [f32; 5]>(equation = "abc,cd->abd", bias_axes = "d", activation = Relu)`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{EinsumDense, EinsumDenseOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Layer, Parameters, Shape};
/// type Heads = EinsumDense<[[[f32; 4]; 2]; 8]>; // 2 heads of 4 numbers, of 8 features
/// struct OfEachStep;
/// impl OptionsOf<Heads> for OfEachStep {
///     const VALUE: EinsumDenseOptions = EinsumDenseOptions::DEFAULT.equation("abc,cde->abde");
/// }
/// assert_eq!(<Heads as Layer<[[f32; 8]; 5], OfEachStep>>::OUTPUT.shape, Shape::new(&[5, 2, 4]));
/// assert_eq!(<Heads as Parameters>::COUNT, 64);
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(
    options = EinsumDenseOptions,
    example = "EinsumDense<[[f32; 5]; 3]>(equation = \"abc,cd->abd\")",
    arguments(activation = 2)
)]
pub struct EinsumDense<Kernel: Tensor<Element = f32>, Bias: Tensor<Element = f32> = [f32; 0], A = Linear> {
    /// How much each number of the input counts.
    #[parameter(initializer = Initializer::GlorotUniform, given = options.kernel)]
    pub kernel: Kernel,
    /// What outputs begin with.
    #[parameter(initializer = Initializer::Zeros, when = Bias::SHAPE.length() > 0, given = options.bias)]
    pub bias: Bias,
    activation: PhantomData<A>,
}

/// The options of [`EinsumDense`].
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct EinsumDenseOptions {
    /// Which dimensions are which: `"abc,cd->abd"`.
    equation: Option<&'static str>,
    /// The letters of the output along which the bias lies; it has none if not given.
    bias_axes: Option<&'static str>,
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

impl EinsumDenseOptions {
    const fn of(&self, input: &Shape, kernel: &Shape) -> Equation {
        Equation::or_none(self.equation, input, kernel)
    }

    const fn mistake(&self, input: &Shape, kernel: &Shape, bias: &Shape) -> Option<Mistake> {
        let Some(equation) = self.equation else {
            let advice =
                Text::new("write `equation = \"abc,cd->abd\"` with a letter for each dimension, the batch too");
            return Some(Mistake::missing(Text::new("needs an equation")).advice(advice));
        };
        let equation = match Equation::of(equation, input, kernel) {
            Ok(equation) => equation,
            Err(words) => return Some(equation::mistake(words)),
        };
        let output = equation.output(input, kernel);
        let Some(axes) = self.bias_axes else {
            if bias.length() == 0 {
                return None;
            }
            let text = Text::new("has a bias of ").shape(bias).and(", its second argument, and no axes for it");
            return Some(Mistake::missing(text).advice(Text::new("write `bias_axes = …` with letters of the output")));
        };
        let Some(wanted) = equation.bias(axes, &output) else {
            return Some(Mistake::option("bias_axes", Text::new("the bias lies along letters of the output")));
        };
        if wanted.equals(bias) || (wanted.rank() == 0 && bias.length() == 0) {
            return None;
        }
        let text = Text::new("along these axes the bias is ").shape(&wanted);
        Some(Mistake::option("bias_axes", text.and(", which is the second argument of the layer")))
    }
}

/// What the layer is to a sample.
struct Plan {
    products: Products,
    input: Shape,
    output: Shape,
}

impl Plan {
    const fn of(options: &EinsumDenseOptions, input: &Shape, kernel: &Shape) -> Self {
        let equation = options.of(input, kernel);
        Self { products: equation.products(input, kernel), input: *input, output: equation.output(input, kernel) }
    }

    /// The products of so many samples, where they are one.
    const fn sizes(&self, samples: usize) -> Sizes {
        let Products { shared, rows, inputs, outputs, .. } = self.products;
        let samples = if shared == 1 { samples } else { 1 };
        Sizes { rows: samples * rows, inputs, outputs }
    }

    const fn kernel(&self) -> usize {
        let Products { shared, inputs, outputs, .. } = self.products;
        shared.saturating_mul(inputs).saturating_mul(outputs)
    }

    /// What is moved: of each sample that goes in, the kernel, and of each sample that comes out.
    const fn moved(&self) -> [Floats; 3] {
        let Products { input, kernel, output, .. } = &self.products;
        [
            if input.is_some() { Floats::per_sample(self.input.length()) } else { Floats::NONE },
            if kernel.is_some() { Floats::once(self.kernel()) } else { Floats::NONE },
            if output.is_some() { Floats::per_sample(self.output.length()) } else { Floats::NONE },
        ]
    }

    const fn scratch(&self) -> Floats {
        let [input, kernel, output] = self.moved();
        input.and(kernel).and(output)
    }

    /// The same, and the input's gradient, that of the kernel, a transposed kernel, and sums.
    const fn backward_scratch(&self, bias: usize) -> Floats {
        let [input, kernel, _] = self.moved();
        let sums = self.sizes(0).gradient_scratch();
        let once = self.kernel().saturating_add(sums).saturating_add(bias);
        self.scratch().and(input).and(kernel).and(Floats::once(once))
    }

    /// Calls back with where the numbers of each product lie: of x, the kernel and y.
    fn each_product(&self, samples: usize, mut call: impl FnMut(Sizes, [core::ops::Range<usize>; 3])) {
        let Products { shared, rows, inputs, outputs, .. } = self.products;
        let sizes = self.sizes(samples);
        let range = |index: usize, length: usize| index * length..(index + 1) * length;
        if shared == 1 {
            let (x, y) = (range(0, samples * rows * inputs), range(0, samples * rows * outputs));
            return call(sizes, [x, range(0, inputs * outputs), y]);
        }
        for index in 0..samples * shared {
            let kernel = range(index % shared, inputs * outputs);
            call(sizes, [range(index, rows * inputs), kernel, range(index, rows * outputs)]);
        }
    }
}

/// What lies in the order of the products: the numbers as they are, or moved to the beginning of `scratch`.
fn ordered<'a>(
    moves: Option<&Moves>,
    length: usize,
    numbers: &'a [f32],
    scratch: &'a mut [f32],
) -> (&'a [f32], &'a mut [f32]) {
    let Some(moves) = moves else { return (numbers, scratch) };
    let (to, rest) = scratch.split_at_mut(numbers.len());
    each_sample(moves, length, numbers, to);
    (to, rest)
}

impl<Kernel: Tensor<Element = f32>, Bias: Tensor<Element = f32>, A> EinsumDense<Kernel, Bias, A> {
    fn kernel(&self) -> &[f32] {
        Kernel::numbers(core::slice::from_ref(&self.kernel))
    }
}

impl<In, O, Kernel, Bias, A> Layer<In, O> for EinsumDense<Kernel, Bias, A>
where
    In: Tensor,
    O: OptionsOf<Self>,
    Kernel: Tensor<Element = f32>,
    Bias: Tensor<Element = f32>,
    A: Activation,
{
    const OUTPUT: Output = Output::new(O::VALUE.of(&In::SHAPE, &Kernel::SHAPE).output(&In::SHAPE, &Kernel::SHAPE))
        .or(Mistake::unless_numbers::<In>())
        .or(O::VALUE.mistake(&In::SHAPE, &Kernel::SHAPE, &Bias::SHAPE));
    const NEEDS: Needs = {
        let plan = Plan::of(&O::VALUE, &In::SHAPE, &Kernel::SHAPE);
        Needs::NONE
            .saved(Floats::per_sample(if A::NEEDS_INPUT { plan.output.length() } else { 0 }))
            .saved_in_inference(Floats::NONE)
            .scratch(plan.scratch())
            .backward_scratch(plan.backward_scratch(Bias::SHAPE.length()))
            .multiplications(plan.products.rows.saturating_mul(plan.kernel()))
            .logits(A::LOGITS)
            .activity(O::VALUE.activity_regularizer)
    };
    const DETAILS: &'static str = A::NAME;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let plan = const { &Plan::of(&O::VALUE, &In::SHAPE, &Kernel::SHAPE) };
        let (samples, y) = (x.len(), Out::numbers_mut(y));
        let Products { input, kernel, output, .. } = &plan.products;
        let (x, scratch) = ordered(input.as_ref(), plan.input.length(), In::numbers(x), cx.scratch);
        let (kernel, scratch) = ordered(kernel.as_ref(), plan.kernel(), self.kernel(), scratch);
        let products = |y: &mut [f32]| {
            plan.each_product(samples, |sizes, [of_x, of_kernel, of_y]| {
                kernels::dense(&x[of_x], &kernel[of_kernel], None, &mut y[of_y], sizes, false);
            });
        };
        match output {
            None => products(y),
            Some(moves) => {
                let ordered = &mut scratch[..y.len()];
                products(ordered);
                each_sample(&moves.back(), plan.output.length(), ordered, y);
            }
        }
        if const { Bias::SHAPE.length() > 0 } {
            let bias = Bias::numbers(core::slice::from_ref(&self.bias));
            stretched(&Bias::SHAPE, &plan.output, samples, 0).join(bias, y, (), |y, bias, ()| y + bias);
        }
        if A::RECTIFIES {
            A::forward(y, plan.output.last());
        }
        activate::<A>(cx, y, plan.output.last());
    }
}

#[cfg(feature = "training")]
impl<In, O, Kernel, Bias, A> TrainLayer<In, O> for EinsumDense<Kernel, Bias, A>
where
    In: Tensor,
    O: OptionsOf<Self>,
    Kernel: Tensor<Element = f32>,
    Bias: Tensor<Element = f32>,
    A: TrainActivation,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let plan = const { &Plan::of(&O::VALUE, &In::SHAPE, &Kernel::SHAPE) };
        let (samples, dy) = (x.len(), Out::numbers_mut(dy));
        activation_gradient::<A, _>(cx, Out::numbers(y), dy, plan.output.last());
        let scratch = core::mem::take(&mut cx.scratch);
        let Products { input, kernel: of_kernel, output, .. } = &plan.products;
        let (x, scratch) = ordered(input.as_ref(), plan.input.length(), In::numbers(x), scratch);
        if let Some(gradient) = &mut cx.gradient {
            add_bias_gradient(plan, dy, &mut gradient.bias, scratch);
        }
        let (dy, scratch) = ordered(output.as_ref(), plan.output.length(), dy, scratch);
        if let Some(gradient) = &mut cx.gradient {
            let gradient = Kernel::numbers_mut(core::slice::from_mut(&mut gradient.kernel));
            plan.add_kernel_gradient([x, dy], samples, gradient, scratch);
        }
        let Some(dx) = dx.map(In::numbers_mut) else { return };
        let (kernel, scratch) = ordered(of_kernel.as_ref(), plan.kernel(), self.kernel(), scratch);
        match input {
            None => plan.input_gradient(dy, kernel, samples, dx, scratch),
            Some(moves) => {
                let (ordered, scratch) = scratch.split_at_mut(dx.len());
                plan.input_gradient(dy, kernel, samples, ordered, scratch);
                each_sample(&moves.back(), plan.input.length(), ordered, dx);
            }
        }
    }
}

#[cfg(feature = "training")]
fn add_bias_gradient<Bias: Tensor<Element = f32>>(plan: &Plan, dy: &[f32], bias: &mut Bias, scratch: &mut [f32]) {
    if Bias::SHAPE.length() == 0 {
        return;
    }
    let (sums, moves) = (&mut scratch[..Bias::SHAPE.length()], stretched(&Bias::SHAPE, &plan.output, 1, 0).back());
    for dy in dy.chunks_exact(plan.output.length().max(1)) {
        moves.apply(dy, sums);
        let bias = Bias::numbers_mut(core::slice::from_mut(bias));
        bias.iter_mut().zip(&*sums).for_each(|(bias, sum)| *bias += sum);
    }
}

#[cfg(feature = "training")]
impl Plan {
    /// Adds the gradient of the kernel to what is there.
    fn add_kernel_gradient(&self, [x, dy]: [&[f32]; 2], samples: usize, gradient: &mut [f32], scratch: &mut [f32]) {
        let add = |gradient: &mut [f32], scratch: &mut [f32]| {
            self.each_product(samples, |sizes, [of_x, of_kernel, of_y]| {
                kernels::add_kernel_gradient(&x[of_x], &dy[of_y], &mut gradient[of_kernel], scratch, sizes);
            });
        };
        let Some(moves) = &self.products.kernel else { return add(gradient, scratch) };
        let (ordered, scratch) = scratch.split_at_mut(self.kernel());
        ordered.fill(0.0);
        add(ordered, scratch);
        moves.back().join(ordered, gradient, (), |sum, more, ()| sum + more);
    }

    /// dx = dy · kernelᵀ.
    fn input_gradient(&self, dy: &[f32], kernel: &[f32], samples: usize, dx: &mut [f32], scratch: &mut [f32]) {
        self.each_product(samples, |sizes, [of_x, of_kernel, of_y]| {
            let transposed = &mut scratch[..sizes.inputs * sizes.outputs];
            kernels::transpose(sizes.inputs, sizes.outputs, &kernel[of_kernel], transposed);
            kernels::input_gradient(&dy[of_y], transposed, &mut dx[of_x], sizes);
        });
    }
}

//! What `model!` writes: a model's inputs, outputs and its way forward and back.

use core::ops::Range;

use crate::inputs::IntoInputs;
use crate::kernels::{vectorize, zero};
use crate::layer::{Backward, Forward, InputError};
use crate::memory::{ALIGNMENT, largest, round_up, sum};
use crate::operands::Operand;
use crate::site::Part;
use crate::tensor::Element;
use crate::{Configured, Graph, Memory, Parameters, Plain, Random, Shape, Tensor};

/// What one pass through a model is about.
pub struct Pass<'a> {
    /// How many samples go through at once.
    pub samples: usize,
    /// Whether the model trains.
    pub training: bool,
    /// Whether the model's weights are trained, not frozen within another model.
    pub trainable: bool,
    /// Whether a way back follows.
    pub keep: bool,
    /// Random numbers of this step, from the tile's first sample on.
    pub random: Random,
    /// What losses look at beyond the outputs.
    pub logits: Logits<'a>,
    /// Free to use within one layer.
    pub scratch: &'a mut [f32],
}

/// The numbers from before the sigmoid or softmax of outputs, for losses that look through it. They lie in memory as
/// the outputs do among the wires; `outputs` says whose there are.
pub enum Logits<'a> {
    /// None are asked for.
    None,
    /// Where the way forward leaves them.
    Wanted {
        /// Of which outputs.
        outputs: &'a [bool],
        /// The memory.
        numbers: &'a mut [f32],
    },
    /// The gradients with respect to them, for the way back.
    Gradients {
        /// Of which outputs.
        outputs: &'a [bool],
        /// The memory.
        numbers: &'a [f32],
    },
}

/// Which output a step gives, and the shapes of all outputs.
pub type OutputPlace<'a> = (usize, &'a [Shape]);

/// Where the numbers of an output stand among those of all outputs.
fn range_of((output, shapes): OutputPlace<'_>, samples: usize) -> Range<usize> {
    let start = shapes[..output].iter().map(|shape| round_up(shape.length() * samples)).sum();
    start..start + shapes[output].length() * samples
}

impl Pass<'_> {
    /// What the layer of step `index` is given on the way forward; `output` is where the output stands that the step
    /// gives, if it gives one.
    #[inline]
    pub fn forward<'s>(
        &'s mut self,
        output: Option<OutputPlace<'_>>,
        index: u64,
        trainable: bool,
        saved: &'s mut [f32],
    ) -> Forward<'s> {
        let Self { samples, training, keep, random, logits, scratch, .. } = self;
        let trainable = trainable && self.trainable;
        // In inference nothing is drawn, and the key need not be made.
        let random = if *training { random.in_layer(index) } else { *random };
        let logits = match (output, logits) {
            (Some(place), Logits::Wanted { outputs, numbers }) if outputs[place.0] => {
                Some(&mut numbers[range_of(place, *samples)])
            }
            _ => None,
        };
        Forward { training: *training, trainable, keep: *keep, random, logits, saved, scratch }
    }

    /// What the layer of step `index` is given on the way back.
    pub fn backward<'s>(
        &'s mut self,
        output: Option<OutputPlace<'_>>,
        index: u64,
        trainable: bool,
        saved: &'s mut [f32],
    ) -> Backward<'s> {
        let Self { samples, training, random, logits, scratch, .. } = self;
        let trainable = trainable && self.trainable;
        let random = random.in_layer(index);
        let logits_gradient = match (output, logits) {
            (Some(place), Logits::Gradients { outputs, numbers }) if outputs[place.0] => {
                Some(&numbers[range_of(place, *samples)])
            }
            _ => None,
        };
        Backward { training: *training, trainable, random, logits_gradient, saved, scratch }
    }
}

/// Numbers that a pass needs: so many for each sample, so many once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Floats {
    /// For each sample.
    pub per_sample: usize,
    /// Once, whatever the number of samples.
    pub fixed: usize,
}

impl Floats {
    /// How many there are for so many samples.
    #[must_use]
    pub const fn of(&self, samples: usize) -> usize {
        self.per_sample * samples + self.fixed
    }
}

/// What the wires of a model and what its layers save take, with or without a way back.
#[must_use]
pub const fn wires(lengths: &[usize], memory: &[Memory], keep: bool) -> Floats {
    let (mut per_sample, mut fixed) = (sum(lengths), ALIGNMENT * (lengths.len() + memory.len()));
    let mut i = 0;
    while i < memory.len() {
        let (of_sample, once) = memory[i].saved_floats(keep);
        per_sample += of_sample;
        fixed += once;
        i += 1;
    }
    Floats { per_sample, fixed }
}

/// What [`wires`] comes to for one sample in inference, with each piece on lines of its own.
#[must_use]
pub const fn wires_of_one(lengths: &[usize], memory: &[Memory]) -> usize {
    let (mut floats, mut i) = (0, 0);
    while i < lengths.len() {
        floats += round_up(lengths[i]);
        i += 1;
    }
    i = 0;
    while i < memory.len() {
        floats += round_up(memory[i].saved_if(false, 1));
        i += 1;
    }
    floats
}

/// What the layer with the largest scratch takes on the way forward.
#[must_use]
pub const fn scratch(memory: &[Memory]) -> Floats {
    most(memory, false)
}

/// What the layer with the largest scratch takes on the way back.
#[must_use]
pub const fn backward_scratch(memory: &[Memory]) -> Floats {
    most(memory, true)
}

/// The largest scratch of one of the two ways.
const fn most(memory: &[Memory], back: bool) -> Floats {
    let (mut per_sample, mut fixed, mut i) = (0, 0, 0);
    while i < memory.len() {
        let (of_sample, once) = if back {
            (memory[i].backward_scratch_per_sample, memory[i].backward_scratch)
        } else {
            (memory[i].scratch_per_sample, memory[i].scratch)
        };
        per_sample = largest(&[per_sample, of_sample]);
        fixed = largest(&[fixed, once]);
        i += 1;
    }
    Floats { per_sample, fixed }
}

/// What the gradients of the wires take, and those of one step's operands more, for what is added up.
#[must_use]
pub const fn gradients(lengths: &[usize], operands: &[usize]) -> Floats {
    let spare = largest(operands);
    Floats { per_sample: sum(lengths) + spare, fixed: ALIGNMENT * (lengths.len() + operands.len() + 1) }
}

/// A batch of spare memory, and the rest.
pub fn spare<T: Tensor>(memory: &mut [f32], samples: usize) -> (&mut [T], &mut [f32]) {
    let (numbers, rest) = memory.split_at_mut(samples * T::SHAPE.length());
    (T::rows_mut(T::Element::of_numbers_mut(numbers)), rest)
}

/// A gradient's numbers as a batch.
#[must_use]
pub fn gradient_rows<T: Tensor>(numbers: &mut [f32]) -> &mut [T] {
    T::rows_mut(T::Element::of_numbers_mut(numbers))
}

/// The numbers of a gradient, if it is asked for.
#[must_use]
pub fn gradient_numbers<T: Tensor>(rows: Option<&mut [T]>) -> Option<&mut [f32]> {
    rows.map(T::numbers_mut)
}

/// The gradient of an input that nothing uses, where it is asked for.
pub fn no_gradient<T: Tensor>(rows: Option<&mut [T]>) {
    if let Some(rows) = rows {
        zero(T::numbers_mut(rows));
    }
}

/// Adds a gradient to that of a wire, if that is asked for.
pub fn accumulate<T: Tensor>(sum: Option<&mut [T]>, extra: Option<&[T]>) {
    if let (Some(sum), Some(extra)) = (sum, extra) {
        let (sum, extra) = (T::numbers_mut(sum), T::numbers(extra));
        vectorize(
            #[inline(always)]
            || sum.iter_mut().zip(extra).for_each(|(sum, extra)| *sum += extra),
        );
    }
}

/// A model as `model!` writes it. Its users call the methods of `Model`.
pub trait Network: Parameters + Configured {
    /// One sample, by name: `FusionInput { a: &a, b: &b }`.
    type Input<'a>: Copy;
    /// Many samples, by name: `FusionInputs { a: &a_rows, b: &b_rows }`.
    type Inputs<'a>: Copy + IntoInputs<'a, Self>;
    /// Where the gradients with respect to the inputs go, for a model within a model.
    type InputGradients<'a>: Default;
    /// One sample's output: the tensor, or a struct with the outputs' names.
    type Output: Plain + Copy;
    /// The outputs' tensors as a tuple.
    type Outputs: Outputs;

    /// The layers and how they are wired.
    const GRAPH: &'static Graph;
    /// The inputs' names, in order.
    const INPUT_NAMES: &'static [&'static str];
    /// The inputs' names, shapes and elements, in order.
    const INPUT_PARTS: &'static [Part];
    /// The outputs' names, in order.
    const OUTPUT_NAMES: &'static [&'static str];
    /// For each output that is a sigmoid or softmax of logits ([`Layer::PROBABILITIES`](crate::Layer::PROBABILITIES)),
    /// the output whose logits are left for it: itself, or the first that is the same wire.
    const PROBABILITIES: &'static [Option<usize>];
    /// What is kept of a pass: the value of every wire, and what layers save.
    const WIRES: Floats;
    /// The same where no way back follows.
    const INFERENCE_WIRES: Floats;
    /// The same for one sample, to the float: what `predict` takes from the stack.
    const WIRES_OF_ONE: usize;
    /// What layers need within a step forward.
    const SCRATCH: Floats;
    /// The gradients of every wire.
    const GRADIENTS: Floats;
    /// What layers need within a step back.
    const BACKWARD_SCRATCH: Floats;
    /// Multiplications with a weight for one sample.
    const MULTIPLICATIONS: usize;
    /// Whether training cannot cut a batch into tiles.
    const COUPLES_SAMPLES: bool;
    /// An output of zeros.
    const ZERO_OUTPUT: Self::Output;

    /// The inputs from the wires of a model around this one, asked for by index.
    fn inputs<'a>(operand: &mut dyn FnMut(usize) -> Operand<'a>) -> Self::Inputs<'a>;
    /// Where their gradients go, asked for by index.
    fn input_gradients<'a>(gradient: &mut dyn FnMut(usize) -> Option<&'a mut [f32]>) -> Self::InputGradients<'a>;
    /// One sample as a batch of one.
    fn one(input: Self::Input<'_>) -> Self::Inputs<'_>;
    /// How many samples each input has, in order of [`Network::INPUT_NAMES`].
    fn counts(inputs: &Self::Inputs<'_>, count: &mut dyn FnMut(usize));
    /// Shows all numbers of each input, in order; nothing for an input of ids.
    fn numbers<'a>(inputs: &Self::Inputs<'a>, visit: &mut dyn FnMut(&'a [f32]));
    /// Some of the samples.
    fn slice(inputs: Self::Inputs<'_>, samples: Range<usize>) -> Self::Inputs<'_>;
    /// Checks what no shape can: ids that are out of range. Gives the input's name too.
    ///
    /// # Errors
    /// Names the first id that is out of range.
    fn check(inputs: Self::Inputs<'_>) -> Result<(), (&'static str, InputError)>;
    /// Copies some samples of a batch into buffers, in another order, for shuffled training.
    fn gather(inputs: Self::Inputs<'_>, order: &[usize], buffers: &mut Self::Buffers);
    /// Buffers that own a batch of inputs.
    type Buffers: Default + Send;
    /// The buffers as inputs.
    fn gathered(buffers: &Self::Buffers) -> Self::Inputs<'_>;

    /// Computes every wire.
    fn forward(&self, pass: &mut Pass<'_>, inputs: Self::Inputs<'_>, wires: &mut [f32]);
    /// From the gradients of the outputs, which stand in `gradients`, computes those of every
    /// wire and adds up those of the weights. `squares` is given where [`Parameters::SPARSE`].
    #[expect(clippy::too_many_arguments, reason = "generated code calls it")]
    fn backward(
        &self,
        pass: &mut Pass<'_>,
        inputs: Self::Inputs<'_>,
        wires: &mut [f32],
        gradients: &mut [f32],
        input_gradients: Self::InputGradients<'_>,
        gradient: &mut Self,
        squares: Option<&mut Self>,
    );
    /// Moves the state that training keeps.
    fn update_state(&mut self, samples: usize, wires: &mut [f32]);
    /// The outputs among the wires.
    fn outputs(wires: &[f32], samples: usize) -> <Self::Outputs as Outputs>::Slices<'_>;
    /// The outputs among the gradients, to write.
    fn output_gradients(gradients: &mut [f32], samples: usize) -> <Self::Outputs as Outputs>::SlicesMut<'_>;
    /// Copies the outputs out of the wires, a sample each.
    fn read_outputs(wires: &[f32], outputs: &mut [Self::Output]);
    /// Calls back with memory for one sample, on the stack where it is small.
    fn with_memory_of_one<R>(call: impl FnOnce(&mut [f32]) -> R) -> R;
}

/// The most outputs that a model may have.
pub const MOST_OUTPUTS: usize = 6;

/// How many numbers all outputs of so many samples take, laid out as they are among the wires.
#[must_use]
pub fn output_floats<O: Outputs>(samples: usize) -> usize {
    round_up(output_range::<O>(O::COUNT - 1, samples).end)
}

/// Where those of one output stand.
#[must_use]
pub fn output_range<O: Outputs>(output: usize, samples: usize) -> Range<usize> {
    range_of((output, O::SHAPES), samples)
}

/// A tuple of output tensors, `([f32; 1], [f32; 4])`.
pub trait Outputs: 'static {
    /// The batch of each: `(&[[f32; 1]], &[[f32; 4]])`.
    type Slices<'a>: Copy;
    /// The same to write.
    type SlicesMut<'a>;
    /// How many outputs there are.
    const COUNT: usize;
    /// Their shapes.
    const SHAPES: &'static [Shape];
    /// The numbers of the first.
    fn first<'a>(slices: Self::Slices<'a>) -> &'a [f32];
    /// The numbers of the first, to write.
    fn first_mut<'a>(slices: Self::SlicesMut<'a>) -> &'a mut [f32];
}

macro_rules! outputs {
    ($count:literal: $first:ident $($output:ident)*) => {
        impl<$first: Tensor<Element = f32>, $($output: Tensor<Element = f32>),*> Outputs for ($first, $($output,)*) {
            type Slices<'a> = (&'a [$first], $(&'a [$output],)*);
            type SlicesMut<'a> = (&'a mut [$first], $(&'a mut [$output],)*);
            const COUNT: usize = $count;
            const SHAPES: &'static [Shape] = &[$first::SHAPE, $($output::SHAPE),*];
            fn first<'a>(slices: Self::Slices<'a>) -> &'a [f32] {
                $first::flat(slices.0)
            }
            fn first_mut<'a>(slices: Self::SlicesMut<'a>) -> &'a mut [f32] {
                $first::flat_mut(slices.0)
            }
        }
    };
}
outputs!(1: A);
outputs!(2: A B);
outputs!(3: A B C);
outputs!(4: A B C D);
outputs!(5: A B C D E);
outputs!(6: A B C D E F);

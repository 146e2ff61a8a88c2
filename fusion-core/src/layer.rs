//! The contract of a layer.

use core::fmt::Debug;

use crate::fit::Fit;
use crate::graph::Node;
use crate::parameters::Visit;
use crate::{Graph, Parameter, Parameters, Path, Random, Tensor};

/// A layer's options: what is written in parentheses after its type in `model!`, as constants.
///
/// `#[derive(Parameters)]` implements it for a layer without options.
pub trait Configured {
    /// A plain value with a `const` builder method for each option; the method `positional` takes
    /// a value written without a name.
    type Options: Copy + Debug + Send + Sync + 'static;
    /// The options when none is given.
    const DEFAULT: Self::Options;
    /// The name that the summary shows: Keras's class name.
    const CLASS: &'static str;
    /// The layers of a model that is used as a layer.
    #[doc(hidden)]
    const NESTED: Option<&'static Graph> = None;
}

/// The options of a layer without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOptions;

/// The options of one step of a model: a constant carried by a type, so that shapes can depend on it.
pub trait OptionsOf<L: Configured> {
    /// The layer's defaults, changed by what the user wrote.
    const VALUE: L::Options;
}

/// The options of a step that gives none.
pub struct Defaults;
impl<L: Configured> OptionsOf<L> for Defaults {
    const VALUE: L::Options = L::DEFAULT;
}

/// The memory that a layer works with beside its parameters, counted in `f32`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Memory {
    /// Kept from `forward` to `backward`, for each sample.
    pub saved_per_sample: usize,
    /// Kept from `forward` to `backward`, once.
    pub saved: usize,
    /// How much of that `forward` needs, for each sample and once, where no `backward` follows; all of it if `None`.
    pub saved_in_inference: Option<(usize, usize)>,
    /// Free to use within one call of `forward`, for each sample.
    pub scratch_per_sample: usize,
    /// Free to use within one call of `forward`, once.
    pub scratch: usize,
    /// Free to use within one call of `backward`, for each sample.
    pub backward_scratch_per_sample: usize,
    /// Free to use within one call of `backward`, once.
    pub backward_scratch: usize,
}

impl Memory {
    /// None at all.
    pub const NONE: Self = Self {
        saved_per_sample: 0,
        saved: 0,
        saved_in_inference: None,
        scratch_per_sample: 0,
        scratch: 0,
        backward_scratch_per_sample: 0,
        backward_scratch: 0,
    };

    /// How many numbers `forward` keeps of `samples` samples.
    #[must_use]
    pub const fn saved(&self, samples: usize) -> usize {
        self.saved_if(true, samples)
    }

    /// How many numbers of [`Forward::saved`] there are for `samples` samples.
    #[must_use]
    pub const fn saved_if(&self, keep: bool, samples: usize) -> usize {
        let (per_sample, once) = self.saved_floats(keep);
        once + per_sample * samples
    }

    /// The same for each sample and once.
    pub(crate) const fn saved_floats(&self, keep: bool) -> (usize, usize) {
        match self.saved_in_inference {
            Some(floats) if !keep => floats,
            _ => (self.saved_per_sample, self.saved),
        }
    }

    /// How many numbers of scratch `forward` has for `samples` samples.
    #[must_use]
    pub const fn scratch(&self, samples: usize) -> usize {
        self.scratch + self.scratch_per_sample * samples
    }

    /// How many numbers of scratch `backward` has for `samples` samples.
    #[must_use]
    pub const fn backward_scratch(&self, samples: usize) -> usize {
        self.backward_scratch + self.backward_scratch_per_sample * samples
    }
}

/// What `forward` is given beside the batch.
pub struct Forward<'a> {
    /// Whether the model trains: dropout drops, batch normalization takes the batch's statistics.
    pub training: bool,
    /// Whether the layer's weights are trained; a frozen batch normalization works as in inference.
    pub trainable: bool,
    /// Whether `backward` follows; if not, nothing need be kept in `saved`.
    pub keep: bool,
    /// Random numbers of this step and layer while training; draw with [`Random::of_sample`]. In inference, where
    /// nothing is random, they are not of the layer.
    pub random: Random,
    /// Where a loss asks for the numbers from before a sigmoid or softmax: see [`Layer::PROBABILITIES`].
    pub logits: Option<&'a mut [f32]>,
    /// What `backward` will see again: [`Memory::saved_if`] numbers, of any value.
    pub saved: &'a mut [f32],
    /// Free to use: [`Memory::scratch`] numbers, of any value.
    pub scratch: &'a mut [f32],
}

/// What `backward` is given beside the batch.
pub struct Backward<'a> {
    /// As it was in `forward`.
    pub training: bool,
    /// As it was in `forward`.
    pub trainable: bool,
    /// The same random numbers as in `forward`.
    pub random: Random,
    /// The gradient with respect to the logits that `forward` was asked for, to be added to that which comes
    /// through the activation.
    pub logits_gradient: Option<&'a [f32]>,
    /// What `forward` kept.
    pub saved: &'a mut [f32],
    /// Free to use: [`Memory::backward_scratch`] numbers, of any value.
    pub scratch: &'a mut [f32],
}

impl Forward<'_> {
    /// Writes down the numbers from before a sigmoid or softmax, where a loss asks for them.
    #[inline]
    pub fn keep_logits(&mut self, numbers: &[f32]) {
        if let Some(logits) = &mut self.logits {
            logits.copy_from_slice(numbers);
        }
    }
}

impl Backward<'_> {
    /// Adds the gradient with respect to the logits, where there is one, to that of what the activation was applied
    /// to.
    #[inline]
    pub fn add_logits_gradient(&self, gradient: &mut [f32]) {
        if let Some(logits_gradient) = self.logits_gradient {
            gradient.iter_mut().zip(logits_gradient).for_each(|(sum, extra)| *sum += extra);
        }
    }
}

/// Why a batch cannot go through a model: a value that no shape can rule out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InputError {
    /// The sample of the batch, from 0.
    pub sample: usize,
    /// The position within the sample, from 0.
    pub position: usize,
    /// The id found there.
    pub id: u32,
    /// Ids must be below this.
    pub bound: usize,
}

impl core::fmt::Display for InputError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { sample, position, id, bound } = self;
        write!(f, "the id {id} at position {position} of sample {sample} is out of range: ids are below {bound}")
    }
}
impl core::error::Error for InputError {}

/// One step of a model: maps a batch of `In` to a batch of the shape that [`Layer::FIT`] names.
///
/// A layer is implemented for *every* input tensor and says in `FIT` what is wrong with those that
/// do not fit: that is what the compiler prints. `forward` and `backward` are only called where
/// the shapes fit, and `Out` then has the shape `FIT.output`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "this type is no layer",
    note = "layers are `Dense`, `Dropout`, `Flatten`, ...; your own type becomes one by `impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O>`"
)]
pub trait Layer<In: Tensor, O: OptionsOf<Self> = Defaults>: Parameters + Configured + Sized {
    /// The output's shape, and what is wrong if the input does not fit.
    const FIT: Fit;
    /// What it needs beside its parameters.
    const MEMORY: Memory = Memory::NONE;
    /// Multiplications with a weight for one sample.
    const MULTIPLICATIONS: usize = 0;
    /// What else tells this layer from others of the same shapes, such as its activation.
    const DETAILS: &'static str = "";
    /// Whether a sample's output depends on the other samples of the batch while training, as in
    /// batch normalization; the batch is then not cut into tiles.
    const COUPLES_SAMPLES: bool = false;

    /// Whether the output is a sigmoid or softmax of logits, and a crossentropy is to look through it.
    ///
    /// Keras trains on the logits then (`_keras_logits` in `keras.activations`): where a probability is 0 or 1 to the
    /// last digit, it has no slope left, but the logit has. Such a layer calls [`Forward::keep_logits`] with what the
    /// activation is applied to, and [`Backward::add_logits_gradient`] with the gradient of it.
    const PROBABILITIES: bool = false;

    /// Checks what no shape can: ids that are out of range.
    ///
    /// # Errors
    /// Names the first value that the layer cannot take.
    fn check(_x: &[In]) -> Result<(), InputError> {
        Ok(())
    }

    /// Writes the whole of `y` from `x`.
    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]);

    /// Given the gradient `dy` of the loss with respect to `y`, writes the whole of `dx`, where it
    /// is asked for, and **adds** to `gradient`. `dy` may be overwritten.
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        gradient: &mut Self,
    );

    /// For a parameter whose gradient comes in rows ([`Parameter::sparse`]): adds the squares of
    /// the rows to `squares`.
    ///
    /// Keras on TensorFlow keeps the gradient of an embedding as one row for each use of an id, and
    /// squares them before they are added up (`tf.IndexedSlices` in `keras.ops.square`). The
    /// optimizers' second moments are made of these.
    fn add_squares<Out: Tensor>(_x: &[In], _dy: &[Out], _squares: &mut Self) {}

    /// Moves the state that training keeps, such as moving averages, after `forward` in training.
    fn update_state(&mut self, _samples: usize, _saved: &mut [f32]) {}

    // What follows repeats `Parameters` and `Configured`, so that generated code asks for all of a
    // step through one trait: a type that is no layer is then one error.

    /// [`Parameters::COUNT`].
    #[doc(hidden)]
    const WEIGHTS: usize = Self::COUNT;
    /// [`Parameters::NON_TRAINABLE`].
    #[doc(hidden)]
    const STATE: usize = Self::NON_TRAINABLE;
    /// [`Parameters::SPARSE`].
    #[doc(hidden)]
    const ROWS: bool = Self::SPARSE;
    /// What the summary and the digest know of it.
    #[doc(hidden)]
    const NODE: Node = Node::layer::<Self>(|text| write!(text, "{} {:?}", Self::DETAILS, O::VALUE));
    /// A step back, with the squares where they are kept apart.
    #[doc(hidden)]
    #[expect(clippy::too_many_arguments, reason = "generated code calls it")]
    fn step_back<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        gradient: &mut Self,
        squares: Option<&mut Self>,
    ) {
        if let Some(squares) = squares {
            Self::add_squares(x, dy, squares);
        }
        self.backward(cx, x, y, dy, dx, gradient);
    }
    /// [`Parameters::walk`].
    #[doc(hidden)]
    fn walk_weights<const K: usize>(these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        Self::walk(these, path, visit);
    }
    /// [`Parameters::walk_ref`].
    #[doc(hidden)]
    fn walk_weights_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.walk_ref(path, visit);
    }
}

//! The contract of a layer.

use core::fmt::Debug;

use crate::graph::Node;
use crate::parameters::Visit;
use crate::{Graph, Parameter, Parameters, Path, Random, Shape, Tensor, Text};

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

/// What a layer makes of its input's shape.
#[derive(Clone, Copy)]
pub struct Fit {
    /// The output's shape. Where there is a mistake, the shape that the layer declares, so that
    /// later mistakes are found in the same compilation.
    pub output: Shape,
    /// What is wrong with the input or the options, if anything.
    pub mistake: Option<Mistake>,
}

impl Fit {
    /// The input fits.
    #[must_use]
    pub const fn new(output: Shape) -> Self {
        Self { output, mistake: None }
    }

    /// The input does not fit.
    #[must_use]
    pub const fn wrong(output: Shape, mistake: Mistake) -> Self {
        Self { output, mistake: Some(mistake) }
    }

    /// The same output, with this mistake unless there is one already.
    #[must_use]
    pub const fn or(mut self, mistake: Option<Mistake>) -> Self {
        if self.mistake.is_none() {
            self.mistake = mistake;
        }
        self
    }
}

/// What is wrong, in a layer's own words; the compiler's message puts them together with the
/// user's: "`Dense<10, 4>` takes *10 features*, but `x` gives it 8; *write `Dense<8, 4>` or …*".
#[derive(Clone, Copy)]
pub struct Mistake {
    pub(crate) takes: Text,
    pub(crate) gives: Gives,
    pub(crate) mend: Mend,
    pub(crate) option: Option<&'static str>,
}

/// What of its input a layer finds wrong.
#[derive(Clone, Copy)]
pub(crate) enum Gives {
    Features,
    Shape,
    Ids,
    Numbers,
    Nothing,
    /// The layer is wrong whatever its input.
    Irrelevant,
}

/// How to mend it.
#[derive(Clone, Copy)]
#[expect(clippy::large_enum_variant, reason = "constants have no heap to box a text in")]
pub(crate) enum Mend {
    Argument { index: usize, value: usize },
    Advice(Text),
    Nothing,
}

impl Mistake {
    /// The layer takes another number of features, which its generic argument `index` (from 0) says.
    #[must_use]
    pub const fn features(takes: usize, index: usize, found: usize) -> Self {
        let takes = Text::new("takes ").number(takes).and(if takes == 1 { " feature" } else { " features" });
        Self { takes, gives: Gives::Features, mend: Mend::Argument { index, value: found }, option: None }
    }

    /// The layer takes another shape: `takes` says which ("takes an image [height, width, channels]").
    #[must_use]
    pub const fn shape(takes: Text) -> Self {
        Self { takes, gives: Gives::Shape, mend: Mend::Nothing, option: None }
    }

    /// The layer takes numbers, but ids reach it.
    #[must_use]
    pub const fn element(takes: Text) -> Self {
        Self { takes, gives: Gives::Ids, mend: Mend::Nothing, option: None }
    }

    /// Another mistake: `words` go on after the layer's name ("has 2 outputs; …").
    #[must_use]
    pub const fn sentence(words: Text) -> Self {
        Self { takes: words, gives: Gives::Nothing, mend: Mend::Nothing, option: None }
    }

    /// The option of this name has a value that it cannot have; the message is a whole sentence.
    #[must_use]
    pub const fn option(name: &'static str, message: Text) -> Self {
        Self { takes: message, gives: Gives::Nothing, mend: Mend::Nothing, option: Some(name) }
    }

    /// The layer lacks something, whatever reaches it: `lacks` says what ("needs a rate").
    #[must_use]
    pub const fn missing(lacks: Text) -> Self {
        Self { takes: lacks, gives: Gives::Irrelevant, mend: Mend::Nothing, option: None }
    }

    /// Adds what to do about it, as the end of a sentence: "put `Flatten` before it".
    #[must_use]
    pub const fn advice(mut self, advice: Text) -> Self {
        self.mend = Mend::Advice(advice);
        self
    }

    /// The mistake of a layer of ids that is given numbers, if that is so.
    #[must_use]
    pub const fn unless_ids<In: Tensor>() -> Option<Self> {
        if !<In::Element as crate::tensor::Element>::IS_NUMBER {
            return None;
        }
        let mut advice = Text::new("declare the input as `[u32");
        let mut i = 0;
        while i < In::SHAPE.rank {
            advice = advice.and(if i == 0 { "; " } else { ", " }).number(In::SHAPE.dims[i]);
            i += 1;
        }
        let takes = Text::new("takes ids (`u32`)");
        let mistake = Self { takes, gives: Gives::Numbers, mend: Mend::Nothing, option: None };
        Some(mistake.advice(advice.and("]`")))
    }

    /// The mistake of a layer of numbers that is given ids, if that is so.
    #[must_use]
    pub const fn unless_numbers<In: Tensor>() -> Option<Self> {
        if <In::Element as crate::tensor::Element>::IS_NUMBER {
            return None;
        }
        let advice = Text::new("put `Embedding<IDS, FEATURES>` before it, or declare the input as `f32`");
        Some(Self::element(Text::new("takes numbers (`f32`)")).advice(advice))
    }
}

/// The memory that a layer works with beside its parameters, counted in `f32`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Memory {
    /// Kept from `forward` to `backward`, for each sample.
    pub saved_per_sample: usize,
    /// Kept from `forward` to `backward`, once.
    pub saved: usize,
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
        scratch_per_sample: 0,
        scratch: 0,
        backward_scratch_per_sample: 0,
        backward_scratch: 0,
    };

    /// How many numbers `forward` keeps of `samples` samples.
    #[must_use]
    pub const fn saved(&self, samples: usize) -> usize {
        self.saved + self.saved_per_sample * samples
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
    /// Random numbers of this step and layer; draw with [`Random::of_sample`].
    pub random: Random,
    /// What `backward` will see again: [`Memory::saved`] numbers, of any value.
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
    /// What `forward` kept.
    pub saved: &'a mut [f32],
    /// Free to use: [`Memory::backward_scratch`] numbers, of any value.
    pub scratch: &'a mut [f32],
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

//! The options of a layer that reads a sequence as they say, and of one that reads it the other way.

use core::marker::PhantomData;

use crate::weights::{OptionsOf, OptionsWithin, Parameters};

/// A layer that can read a sequence from its end too, so that two of it can be a [`Bidirectional`](super::Bidirectional).
///
/// It has what it gives as numbers alone: within a `Bidirectional` the type `Out` of its `forward` and `backward` is `f32`,
/// a number a row, whatever [`OUTPUT`](crate::Layer::OUTPUT) is. `Out::numbers_mut(y)` is as it always is.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::GoBackwards;
/// use fusion::weights::OptionsOf;
/// use fusion_macros::{Options, Parameters}; // `fusion::{Options, Parameters}` in a program
///
/// /// What `Total(return_sequences = true, go_backwards = true)` is written with.
/// #[derive(Clone, Copy, Debug, PartialEq, Options)]
/// struct TotalOptions {
///     #[option(default = false)]
///     return_sequences: bool,
///     #[option(default = false)]
///     go_backwards: bool,
/// }
///
/// /// The sum of all steps so far.
/// #[derive(Clone, Debug, PartialEq, Default, Parameters)]
/// #[parameters(options = TotalOptions)]
/// struct Total;
///
/// impl<O: OptionsOf<Self>> GoBackwards<O> for Total {
///     const FORWARDS: TotalOptions = O::VALUE;
///     const BACKWARDS: TotalOptions = O::VALUE.go_backwards(!O::VALUE.go_backwards);
///     const RETURN_SEQUENCES: bool = O::VALUE.return_sequences;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot read a sequence from its end",
    label = "`Bidirectional` takes a recurrent layer",
    note = "recurrent layers are `Lstm`, `Gru`, `SimpleRnn` and the convolutional `ConvLstm1d`, `ConvLstm2d` and `ConvLstm3d`; your own becomes one by `impl<O: OptionsOf<Self>> GoBackwards<O>`"
)]
pub trait GoBackwards<O: OptionsOf<Self>>: Parameters<O> {
    /// The options of the layer that reads as the given ones say.
    const FORWARDS: Self::Options;
    /// The options of the layer that reads the other way.
    const BACKWARDS: Self::Options;
    /// Whether the output has every step, in the order in which they are read, as its first dimension.
    const RETURN_SEQUENCES: bool;
    /// The names of the wires that its states before the first step may be given by, beside `sequence`; none where they
    /// cannot be given.
    const STATES: &'static [&'static str] = &[];
}

/// The options `O` of a layer that reads as they say.
pub struct Forwards<O>(PhantomData<O>);

impl<L: GoBackwards<O>, O: OptionsOf<L>> OptionsOf<L> for Forwards<O> {
    const VALUE: L::Options = L::FORWARDS;
}

impl<O: OptionsWithin> OptionsWithin for Forwards<O> {
    type Within = O::Within;
}

/// The options `O` of a layer that reads the other way.
pub struct Backwards<O>(PhantomData<O>);

impl<L: GoBackwards<O>, O: OptionsOf<L>> OptionsOf<L> for Backwards<O> {
    const VALUE: L::Options = L::BACKWARDS;
}

impl<O: OptionsWithin> OptionsWithin for Backwards<O> {
    type Within = O::Within;
}

//! What may be written in parentheses after an activation that is a layer too, where it is one.

/// The options of [`Relu`](super::Relu) as a layer, such as `Relu(max_value = 6.0)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct ReluOptions {
    /// What larger numbers become, at least 0; they stay as they are if not given.
    pub(crate) max_value: Option<f32>,
    /// The slope up to the threshold, at least 0; 0 if not given.
    #[option(default = 0.0)]
    pub(crate) negative_slope: f32,
    /// Up to which number this is, at least 0; 0 if not given.
    #[option(default = 0.0)]
    pub(crate) threshold: f32,
}

/// The options of [`LeakyRelu`](super::LeakyRelu) as a layer: `LeakyRelu(0.1)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct LeakyReluOptions {
    /// The slope up to 0, at least 0; 0.3 if not given, where the activation has 0.2, as in Keras.
    #[option(positional, default = 0.3)]
    pub(crate) negative_slope: f32,
}

/// The options of [`Elu`](super::Elu) as a layer: `Elu(0.5)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct EluOptions {
    /// What large negative numbers come near to, with its sign changed; 1 if not given.
    #[option(positional, default = 1.0)]
    pub(crate) alpha: f32,
}

/// The options of [`Softmax`](super::Softmax) as a layer: `Softmax(axis = 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct SoftmaxOptions {
    /// The axis whose numbers add up to 1; -1 if not given. As in Keras the batch is axis 0, and negative axes count
    /// from the end.
    #[option(default = -1)]
    pub(crate) axis: isize,
}

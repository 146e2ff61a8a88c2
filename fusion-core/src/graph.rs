//! What the summary, the digest of a weight file and the docs know of a model.

use core::fmt;

pub use crate::Shape;
use crate::merges::Merge;
use crate::tensor::Element;
use crate::{Configured, Parameters, Tensor};

/// A model's layers and how they are wired.
pub struct Graph {
    /// The model's name in Rust.
    pub name: &'static str,
    /// Inputs, layers and merges, in the order of their declaration.
    pub nodes: &'static [Node],
    /// Where the outputs come from, in their order.
    pub outputs: &'static [Source],
    /// Whether it was written in the short form, Keras's `Sequential`.
    pub sequential: bool,
}

/// An input, a layer or a merge.
pub struct Node {
    /// The layer's name, `dense_1`.
    pub name: &'static str,
    /// Keras's class name, `Dense`.
    pub class: &'static str,
    /// One entry for each use; a shared layer has several.
    pub calls: &'static [Call],
    /// How many weights it has.
    pub parameters: usize,
    /// How many of them no optimizer moves.
    pub non_trainable: usize,
    /// Writes what else tells it from others of the same class and shapes: activation and options.
    pub config: fn(&mut dyn fmt::Write) -> fmt::Result,
    /// The nested model's own graph.
    pub nested: Option<&'static Graph>,
}

impl Node {
    /// An input.
    #[must_use]
    pub const fn input<T: Tensor>(name: &'static str, calls: &'static [Call]) -> Self {
        let config = |text: &mut dyn fmt::Write| text.write_str(T::Element::NAME);
        Self { name, class: "InputLayer", calls, parameters: 0, non_trainable: 0, config, nested: None }
    }

    /// A layer, still without name and calls; `config` as in the field.
    #[must_use]
    pub const fn layer<L: Configured + Parameters>(config: fn(&mut dyn fmt::Write) -> fmt::Result) -> Self {
        Self {
            name: "",
            class: L::CLASS,
            calls: &[],
            parameters: L::COUNT,
            non_trainable: L::NON_TRAINABLE,
            config,
            nested: L::NESTED,
        }
    }

    /// A merge.
    #[must_use]
    pub const fn merge<M: Merge>(
        name: &'static str,
        calls: &'static [Call],
        config: fn(&mut dyn fmt::Write) -> fmt::Result,
    ) -> Self {
        Self { name, class: M::CLASS, calls, parameters: 0, non_trainable: 0, config, nested: None }
    }

    /// The same node under a name, with its uses; what is frozen is not trainable.
    #[must_use]
    pub const fn named(self, name: &'static str, calls: &'static [Call], frozen: bool) -> Self {
        let non_trainable = if frozen { self.parameters } else { self.non_trainable };
        Self { name, calls, non_trainable, ..self }
    }
}

/// One use of a node.
pub struct Call {
    /// Where its inputs come from, in order.
    pub inputs: &'static [Source],
    /// What it gives.
    pub output: Shape,
}

/// The output of a node's call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// Index of the node.
    pub node: usize,
    /// Which of its calls.
    pub call: usize,
}

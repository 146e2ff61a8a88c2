//! What is known of a model as a whole: the one table that the passes, the summary and a weight file's digest read.

use core::fmt;

use super::{Folding, Inputs, Layer, Needs, Output, PreparedBytes, Wire};
use crate::weights::{Entry, OptionsOf, Show};

/// A model's layers and how they are wired.
pub struct Graph {
    /// The model's name in Rust.
    pub name: &'static str,
    /// Whether it was written in the short form, Keras's `Sequential`.
    pub sequential: bool,
    /// The inputs, in order of declaration.
    pub inputs: &'static [Wire],
    /// The layers, in the order of their first use.
    pub layers: &'static [LayerNode],
    /// What is computed, each step after those it takes its input from.
    pub steps: &'static [StepNode],
    /// The outputs' names and the steps that give them, in order of declaration.
    pub outputs: &'static [(&'static str, usize)],
}

/// A layer, whatever it is used for.
pub struct LayerNode {
    /// Its name, `dense_1`.
    pub name: &'static str,
    /// Whether the user gave it this name: it then means the same layer wherever it stands, other than a number.
    pub chosen: bool,
    /// Keras's class name, `Dense`.
    pub class: &'static str,
    /// What its type says beside its sizes, [`Layer::DETAILS`].
    pub details: &'static str,
    /// Its weights.
    pub entries: &'static [Entry],
    /// Whether it is not trained here.
    pub frozen: bool,
    /// Shows its options, [`Options::show`](crate::weights::Options::show), and then those of a layer within it.
    pub options: fn(&mut Show<'_>) -> fmt::Result,
    /// The nested model's own graph.
    pub nested: Option<&'static Graph>,
    /// What its weights take in a prepared model.
    pub prepared: PreparedBytes,
}

impl LayerNode {
    /// A layer with these options, still without a name.
    #[must_use]
    pub const fn new<L: Layer<I, O>, I: Inputs, O: OptionsOf<L>>() -> Self {
        Self {
            class: L::CLASS,
            details: L::DETAILS,
            entries: L::ENTRIES,
            options: O::show,
            nested: L::NESTED,
            prepared: L::PREPARED,
            ..Self::NONE
        }
    }

    /// What stands for a type that is no layer.
    pub const NONE: Self = Self {
        name: "",
        chosen: false,
        class: "",
        details: "",
        entries: &[],
        frozen: false,
        options: |_| Ok(()),
        nested: None,
        prepared: PreparedBytes::NONE,
    };

    /// The same layer under a name, trained or not.
    #[must_use]
    pub const fn named(mut self, name: &'static str, frozen: bool) -> Self {
        (self.name, self.frozen) = (name, frozen);
        self
    }

    /// Writes what tells it from others of the same class and shapes: its details and the options that are not the
    /// defaults.
    ///
    /// # Errors
    /// Those of `text`.
    pub fn write_config(&self, text: &mut dyn fmt::Write) -> fmt::Result {
        text.write_str(self.details)?;
        text.write_str(" ")?;
        (self.options)(&mut |option| option.write_change(text))
    }

    /// The same, its name being one that the user gave.
    #[must_use]
    pub const fn chosen(mut self) -> Self {
        self.chosen = true;
        self
    }
}

/// One use of a layer.
#[derive(Clone, Copy)]
pub struct StepNode {
    /// Its layer's place in [`Graph::layers`]; none for an output that only names another wire, and for a part of one.
    pub layer: Option<usize>,
    /// Which of several outputs it takes out of the wire that it names; none where it takes the whole.
    pub part: Option<usize>,
    /// Where its inputs come from, in the order in which they were written.
    pub operands: &'static [Source],
    /// By which names they were given, `(query = x, value = y)`; nothing where the order counts, as in a merge.
    pub names: &'static [Wire],
    /// What it gives.
    pub output: Output,
    /// What it needs.
    pub needs: Needs,
    /// Whether its layer may become one with another one.
    #[doc(hidden)]
    pub folding: Folding,
}

/// Where a step's input comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// The wire.
    pub from: From,
    /// Whether another use of this wire comes after this one, whose gradient is there first.
    pub again: bool,
}

/// An input of the model or a step's output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From {
    /// The input of this index.
    Input(usize),
    /// The step of this index.
    Step(usize),
}

impl StepNode {
    /// A step with this output and these needs, still without its layer.
    #[must_use]
    pub const fn new(output: Output, needs: Needs) -> Self {
        let folding = Folding::Nothing;
        Self { layer: None, part: None, operands: &[], names: &[], output, needs, folding }
    }

    /// The same, its layer being that.
    #[must_use]
    pub const fn folding(mut self, folding: Folding) -> Self {
        self.folding = folding;
        self
    }

    /// The same as a use of the layer of this index.
    #[must_use]
    pub const fn of(mut self, layer: usize, operands: &'static [Source]) -> Self {
        (self.layer, self.operands) = (Some(layer), operands);
        self
    }

    /// The same, the inputs given by name.
    #[must_use]
    pub const fn by_name<I: Inputs>(mut self) -> Self {
        self.names = I::WIRES;
        self
    }

    /// The same as one of several outputs, of this index, of the wire that it names.
    #[must_use]
    pub const fn part(mut self, index: usize) -> Self {
        self.part = Some(index);
        self
    }

    /// The same as an output that only names a wire.
    #[must_use]
    pub const fn alias(mut self, operands: &'static [Source]) -> Self {
        self.operands = operands;
        self
    }
}

impl Source {
    /// An input of the model.
    #[must_use]
    pub const fn input(index: usize) -> Self {
        Self { from: From::Input(index), again: false }
    }

    /// A step's output.
    #[must_use]
    pub const fn step(index: usize) -> Self {
        Self { from: From::Step(index), again: false }
    }

    /// The same, used once more by a later step or operand.
    #[must_use]
    pub const fn again(mut self) -> Self {
        self.again = true;
        self
    }
}

impl Graph {
    /// The step whose layer gives what this step gives: itself, or what an output that names another wire names.
    ///
    /// None where that is an input of the model, or one of several outputs.
    #[must_use]
    pub const fn source(&self, step: usize) -> Option<usize> {
        let mut step = step;
        while self.steps[step].layer.is_none() {
            match self.steps[step].operands[0].from {
                From::Step(named) if self.steps[step].part.is_none() => step = named,
                From::Step(_) | From::Input(_) => return None,
            }
        }
        Some(step)
    }

    /// For an output that is a sigmoid or softmax of logits: the output whose logits are kept for it, itself or the
    /// first that is the same wire.
    #[must_use]
    pub const fn logits_of(&self, output: usize) -> Option<usize> {
        let Some(step) = self.source(self.outputs[output].1) else { return None };
        if !self.steps[step].needs.logits {
            return None;
        }
        let mut first = 0;
        while first < output {
            if let Some(other) = self.source(self.outputs[first].1)
                && other == step
            {
                return Some(first);
            }
            first += 1;
        }
        Some(output)
    }
}

//! Steps with several inputs: layers, and models within a model, that take them by name.

use crate::fit::Fit;
use crate::graph::Node;
use crate::layer::{Backward, Defaults, Forward, InputError, Memory, OptionsOf};
use crate::parameters::Visit;
use crate::site::Part;
use crate::tensor::Element;
use crate::{Configured, Parameter, Parameters, Path, Shape, Tensor};

/// The batch on one of several wires.
#[derive(Clone, Copy)]
pub struct Operand<'a> {
    /// Its numbers, flat; none for ids.
    pub numbers: &'a [f32],
    /// Its ids, flat; none for numbers.
    pub ids: &'a [u32],
    /// The shape of a sample.
    pub shape: Shape,
}

impl<'a> Operand<'a> {
    /// The batch on a wire.
    #[must_use]
    pub fn of<T: Tensor>(rows: &'a [T]) -> Self {
        Self { numbers: T::numbers(rows), ids: T::ids(rows), shape: T::SHAPE }
    }

    /// The batch as samples of a type that has its shape.
    #[must_use]
    pub fn rows<T: Tensor>(&self) -> &'a [T] {
        T::rows(T::Element::choose(self.numbers, self.ids))
    }
}

/// The inputs that a step is given by name, `(query = x, value = y)`, carried by a type.
pub trait Operands {
    /// Name, shape and element of each, as the user wrote them.
    const PARTS: &'static [Part];
}

/// Where the input of this name stands among those that were given.
#[must_use]
pub const fn position(parts: &[Part], name: &str) -> Option<usize> {
    let mut i = 0;
    while i < parts.len() {
        if crate::site::same(parts[i].name, name) {
            return Some(i);
        }
        i += 1;
    }
    None
}

/// A layer that takes several inputs by name: `(query = x, value = y) => Attention<…>`.
///
/// As with [`Layer`](crate::Layer), `FIT` says what is wrong with inputs that do not fit, and
/// `forward` and `backward` are only called where they do. [`position`] finds an input by name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take several inputs",
    label = "this layer takes one input",
    note = "join the wires first, with `concatenate(x, y)` or another merge; models with several inputs take them by name, `(a = x, b = y) => Inner`"
)]
pub trait MultiInputLayer<I: Operands, O: OptionsOf<Self> = Defaults>: Parameters + Configured + Sized {
    /// The output's shape, and what is wrong if the inputs do not fit.
    const FIT: Fit;
    /// What it needs beside its parameters.
    const MEMORY: Memory = Memory::NONE;
    /// Multiplications with a weight for one sample.
    const MULTIPLICATIONS: usize = 0;
    /// Whether a sample's output depends on the other samples of the batch while training.
    const COUPLES_SAMPLES: bool = false;
    /// As [`Layer::PROBABILITIES`](crate::Layer::PROBABILITIES).
    const PROBABILITIES: bool = false;

    /// Checks what no shape can: ids that are out of range. An operand may be empty, where it cannot be ids.
    ///
    /// # Errors
    /// Names the first value that the layer cannot take, and the operand that it is in.
    fn check(_x: &[Operand<'_>]) -> Result<(), (usize, InputError)> {
        Ok(())
    }

    /// Writes the whole of `y` from the inputs, which come in the order of `I::PARTS`.
    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[Operand<'_>], y: &mut [Out]);

    /// Given the gradient `dy` of the loss with respect to `y`, writes the whole of each of `dx`
    /// that is asked for, and **adds** to `gradient`. `dy` may be overwritten.
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[Operand<'_>],
        y: &[Out],
        dy: &mut [Out],
        dx: &mut [Option<&mut [f32]>],
        gradient: &mut Self,
    );

    /// Moves the state that training keeps, after `forward` in training.
    fn update_state(&mut self, _samples: usize, _saved: &mut [f32]) {}

    // As in `Layer`: all that generated code asks of a step, through one trait.

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
    const NODE: Node = Node::layer::<Self>(|text| write!(text, " {:?}", O::VALUE));
    /// A step back, with the squares where they are kept apart.
    #[doc(hidden)]
    #[expect(clippy::too_many_arguments, reason = "generated code calls it")]
    fn step_back<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[Operand<'_>],
        y: &[Out],
        dy: &mut [Out],
        dx: &mut [Option<&mut [f32]>],
        gradient: &mut Self,
        _squares: Option<&mut Self>,
    ) {
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

//! What a step takes: one tensor, or several wires by name.

use core::marker::PhantomData;
use core::ops::Range;

use crate::shape::{Element, ElementType, Shape, Tensor};

/// A wire that leads to a step, or an input of a model.
#[derive(Clone, Copy, Debug)]
pub struct Wire {
    /// The name that the step knows it by; nothing where it takes one wire only.
    pub name: &'static str,
    /// The shape of a sample.
    pub shape: Shape,
    /// Numbers or ids.
    pub element: ElementType,
}

impl Wire {
    /// A wire of this name and type.
    #[must_use]
    pub const fn of<T: Tensor>(name: &'static str) -> Self {
        Self { name, shape: T::SHAPE, element: T::Element::TYPE }
    }

    /// Whether both carry the same, whatever their names.
    #[must_use]
    pub const fn carries(&self, other: &Self) -> bool {
        self.shape.equals(&other.shape) && self.element.is_number() == other.element.is_number()
    }
}

/// The batch on one wire.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'a> {
    /// Its numbers, flat; none for ids.
    pub numbers: &'a [f32],
    /// Its ids, flat; none for numbers.
    pub ids: &'a [u32],
    /// The shape of a sample.
    pub shape: &'static Shape,
    /// How many samples there are.
    pub samples: usize,
    /// Which steps count, where the wire has a mask: as [`Forward::mask`](super::Forward#structfield.mask).
    pub mask: Option<&'a [f32]>,
}

impl<'a> Operand<'a> {
    /// The batch on a wire.
    #[must_use]
    #[inline]
    pub fn of<T: Tensor>(rows: &'a [T]) -> Self {
        Self { numbers: T::numbers(rows), ids: T::ids(rows), shape: &T::SHAPE, samples: rows.len(), mask: None }
    }

    /// No samples of a single number.
    pub const EMPTY: Self = Self { numbers: &[], ids: &[], shape: &Shape::SCALAR, samples: 0, mask: None };

    /// A batch that lies in the memory of a pass.
    #[inline]
    pub(crate) fn of_memory(memory: &'a [f32], shape: &'static Shape, element: ElementType, samples: usize) -> Self {
        match element {
            ElementType::F32 => Self { numbers: memory, ids: &[], shape, samples, mask: None },
            ElementType::U32 => Self { numbers: &[], ids: u32::from_memory(memory), shape, samples, mask: None },
        }
    }

    /// The same with this mask.
    #[must_use]
    #[inline]
    pub const fn with_mask(mut self, mask: Option<&'a [f32]>) -> Self {
        self.mask = mask;
        self
    }

    /// The batch as samples of a type that has its shape.
    #[must_use]
    #[inline]
    pub fn rows<T: Tensor>(&self) -> &'a [T] {
        if T::Element::IS_NUMBER { T::of_memory(self.numbers) } else { T::of_memory(u32::as_memory(self.ids)) }
    }

    /// Some of the samples.
    #[must_use]
    #[inline]
    pub fn slice(&self, samples: Range<usize>) -> Self {
        let length = self.shape.length();
        let range = samples.start * length..samples.end * length;
        let numbers = if self.numbers.is_empty() { self.numbers } else { &self.numbers[range.clone()] };
        let ids = if self.ids.is_empty() { self.ids } else { &self.ids[range] };
        let mask = self.mask.map(|mask| {
            let steps = mask.len().checked_div(self.samples).unwrap_or(0);
            &mask[samples.start * steps..samples.end * steps]
        });
        Self { numbers, ids, shape: self.shape, samples: samples.len(), mask }
    }
}

/// What a layer takes: every [`Tensor`] is one input, [`Several`] are wires by name.
///
/// A layer is implemented for every tensor, or for several wires, or for both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a layer takes",
    label = "no tensor and no wires by name"
)]
pub trait Inputs: 'static {
    /// The wires, in the order in which they were written.
    const WIRES: &'static [Wire];
    /// The batch: `&[T]` of one tensor, `&[Operand]` of several wires.
    type Batch<'a>: Copy;
    /// Where the gradients with respect to the inputs go, each where it is asked for: `Option<&mut [T]>` of one
    /// tensor, `&mut [Option<&mut [f32]>]` of several wires, flat.
    type Gradients<'a>;

    /// How many samples a batch has.
    fn samples(x: Self::Batch<'_>) -> usize;
    /// The batch on the wire of this index.
    fn operand<'a>(x: Self::Batch<'a>, wire: usize) -> Operand<'a>;
    /// Calls back with a batch of these operands.
    #[doc(hidden)]
    fn with_batch<'a, R>(operand: impl Fn(usize) -> Operand<'a>, call: impl FnOnce(Self::Batch<'_>) -> R) -> R;
    /// Calls back with the parts of this memory where the gradient of each wire goes, which do not overlap.
    #[doc(hidden)]
    fn with_gradients<R>(
        memory: &mut [f32],
        range: impl Fn(usize) -> Option<Range<usize>>,
        call: impl FnOnce(Self::Gradients<'_>) -> R,
    ) -> R;
    /// Hands out the place for each wire's gradient.
    #[doc(hidden)]
    fn each_gradient<'a>(dx: Self::Gradients<'a>, each: &mut dyn FnMut(usize, Option<&'a mut [f32]>));
}

impl<T: Tensor> Inputs for T {
    const WIRES: &'static [Wire] = &[Wire::of::<T>("")];
    type Batch<'a> = &'a [T];
    type Gradients<'a> = Option<&'a mut [T]>;

    #[inline]
    fn samples(x: &[T]) -> usize {
        x.len()
    }
    #[inline]
    fn operand<'a>(x: Self::Batch<'a>, _wire: usize) -> Operand<'a> {
        Operand::of(x)
    }
    #[inline(always)]
    fn with_batch<'a, R>(operand: impl Fn(usize) -> Operand<'a>, call: impl FnOnce(Self::Batch<'_>) -> R) -> R {
        call(operand(0).rows())
    }
    #[inline]
    fn with_gradients<R>(
        memory: &mut [f32],
        range: impl Fn(usize) -> Option<Range<usize>>,
        call: impl FnOnce(Self::Gradients<'_>) -> R,
    ) -> R {
        call(range(0).map(|range| T::of_memory_mut(&mut memory[range])))
    }
    #[inline]
    fn each_gradient<'a>(dx: Option<&'a mut [T]>, each: &mut dyn FnMut(usize, Option<&'a mut [f32]>)) {
        each(0, dx.map(T::numbers_mut));
    }
}

/// `K` wires by name, carried by a type: `(query = x, value = y)`, or the operands of a merge.
pub struct Several<W, const K: usize>(PhantomData<W>);

/// The wires of [`Several`].
pub trait Wires: 'static {
    /// Name, shape and element of each, as the user wrote them.
    const WIRES: &'static [Wire];
}

impl<W: Wires, const K: usize> Inputs for Several<W, K> {
    const WIRES: &'static [Wire] = W::WIRES;
    type Batch<'a> = &'a [Operand<'a>];
    type Gradients<'a> = &'a mut [Option<&'a mut [f32]>];

    #[inline]
    fn samples(x: &[Operand<'_>]) -> usize {
        x.first().map_or(0, |operand| operand.samples)
    }
    #[inline]
    fn operand<'a>(x: Self::Batch<'a>, wire: usize) -> Operand<'a> {
        x[wire]
    }
    #[inline(always)]
    fn with_batch<'a, R>(operand: impl Fn(usize) -> Operand<'a>, call: impl FnOnce(Self::Batch<'_>) -> R) -> R {
        let mut operands = [Operand::EMPTY; K];
        operands.iter_mut().enumerate().for_each(|(wire, place)| *place = operand(wire));
        call(&operands)
    }
    #[inline]
    fn with_gradients<R>(
        memory: &mut [f32],
        range: impl Fn(usize) -> Option<Range<usize>>,
        call: impl FnOnce(Self::Gradients<'_>) -> R,
    ) -> R {
        let ranges = core::array::from_fn::<_, K, _>(|wire| range(wire).unwrap_or(0..0));
        let parts = memory.get_disjoint_mut(ranges).expect("parts of a pass's memory that do not overlap");
        let mut wire = 0..;
        call(&mut parts.map(|part| wire.next().and_then(&range).map(|_| part)))
    }
    #[inline]
    fn each_gradient<'a>(dx: &'a mut [Option<&'a mut [f32]>], each: &mut dyn FnMut(usize, Option<&'a mut [f32]>)) {
        dx.iter_mut().enumerate().for_each(|(wire, place)| each(wire, place.take()));
    }
}

/// Where the wire of this name stands among those that were given.
#[must_use]
pub const fn position(wires: &[Wire], name: &str) -> Option<usize> {
    let mut i = 0;
    while i < wires.len() {
        if super::messages::same(wires[i].name, name) {
            return Some(i);
        }
        i += 1;
    }
    None
}

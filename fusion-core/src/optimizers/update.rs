//! One array of weights with all that belongs to it, and the loop over it.

use core::array::from_fn;

use super::Rule;
use crate::kernels::memory::piece;
use crate::kernels::{is_shared, share_out, vectorize};
use crate::shape::Shape;
use crate::weights::Parameter;

/// One array of weights, with what its rule moves it by.
#[non_exhaustive]
pub struct Update<'a, R> {
    /// The weights, after the weight decay.
    pub weights: &'a mut [f32],
    /// Their gradient, clipped. Whatever it is afterwards, it is zero in the next step.
    pub gradient: &'a mut [f32],
    /// The squares of the gradient, where they are not those of [`Update::gradient`]: where it comes in rows
    /// ([`Array::sparse`](crate::weights::Array#structfield.sparse)), each row was squared before they were added up.
    pub squares: Option<&'a [f32]>,
    /// The array's shape.
    pub shape: Shape,
    /// What else there is to know of the array, its path among it.
    pub parameter: &'a Parameter<'a>,
    /// Room of [`Rule::scratch`] numbers to compute in. What stands there is of no meaning.
    pub scratch: &'a mut [f32],
    pub(super) rule: &'a R,
    /// All of the array's slots.
    pub(super) memory: &'a mut [f32],
    /// Whether the gradient is zero.
    pub(super) cleared: bool,
}

impl<R: Rule> Update<'_, R> {
    /// The weights, their gradient and the slots, in the order of [`Rule::SLOTS`], for a rule that is not a formula for
    /// each weight. A slot that is not kept is empty.
    pub fn parts<const K: usize>(&mut self) -> (&mut [f32], &mut [f32], [&mut [f32]; K]) {
        const { assert!(K == R::SLOTS.len(), "as many slots as the rule has") };
        let mut rest = &mut *self.memory;
        let mut slots = [(); K].map(|()| <&mut [f32]>::default());
        let numbers = self.weights.len();
        for (memory, slot) in slots.iter_mut().zip(R::SLOTS) {
            (*memory, rest) = piece(rest, slot.length_of(self.rule, self.parameter, numbers));
        }
        (self.weights, self.gradient, slots)
    }

    /// Applies a formula to every weight: it is given the weight, its gradient, the square of its gradient, and the
    /// weight's number in each slot. A slot that is not kept shows 0.
    ///
    /// The formula has to be inlined to become vector instructions: write `#[inline(always)]` in front of the closure.
    ///
    /// # Panics
    /// If a slot has another length than the weights.
    #[inline(always)]
    pub fn each<const K: usize>(&mut self, formula: impl Fn(&mut f32, f32, f32, [&mut f32; K]) + Sync) {
        let squares = self.squares;
        self.cleared = true;
        let (weights, gradient, slots) = self.parts();
        let length = weights.len();
        let fits = |numbers: &[f32]| numbers.is_empty() || numbers.len() == length;
        assert!(gradient.len() == length && slots.iter().all(|slot| fits(slot)), "a slot is no number for each weight");
        let all = Part { weights, gradient, slots, squares };
        if is_shared(COST * length) {
            let each = |_, part: Part<'_, K>| part.each(&formula);
            return share_out(all, Part::split_at, (length, LANES, COST * length), &each);
        }
        all.each(formula);
    }
}

/// Some weights of an array, next to each other, with what belongs to them.
struct Part<'a, const K: usize> {
    weights: &'a mut [f32],
    gradient: &'a mut [f32],
    slots: [&'a mut [f32]; K],
    squares: Option<&'a [f32]>,
}

impl<const K: usize> Part<'_, K> {
    #[inline(always)]
    fn each(self, formula: impl Fn(&mut f32, f32, f32, [&mut f32; K])) {
        let Self { weights, gradient, slots, squares } = self;
        vectorize(
            #[inline(always)]
            || match squares {
                None => each(weights, gradient, slots, None, formula),
                Some(squares) => each(weights, gradient, slots, Some(squares), formula),
            },
        );
    }

    /// The first so many weights, and the others.
    fn split_at(self, length: usize) -> (Self, Self) {
        let (weights, other_weights) = self.weights.split_at_mut(length);
        let (gradient, other_gradient) = self.gradient.split_at_mut(length);
        let (mut others, mut index) = ([(); K].map(|()| Default::default()), 0);
        let slots = self.slots.map(|slot| {
            let (slot, after) = slot.split_at_mut(length.min(slot.len()));
            others[index] = after;
            index += 1;
            slot
        });
        let (squares, other_squares) = self.squares.map(|squares| squares.split_at(length)).unzip();
        let first = Self { weights, gradient, slots, squares };
        (first, Self { weights: other_weights, gradient: other_gradient, slots: others, squares: other_squares })
    }
}

/// A weight's step takes about as long as so many multiplications in a product, as it is read from memory and written.
const COST: usize = 64;

/// So many weights are done together: what is read from memory is kept apart from what is written, so that a compiler
/// need not ask whether they overlap.
const LANES: usize = 16;
type Block = [f32; LANES];

/// Applies a formula to arrays of one length, block by block, and leaves the gradient zero.
#[inline(always)]
fn each<const K: usize>(
    weights: &mut [f32],
    gradient: &mut [f32],
    slots: [&mut [f32]; K],
    squares: Option<&[f32]>,
    formula: impl Fn(&mut f32, f32, f32, [&mut f32; K]),
) {
    let (weights, last_weights) = weights.as_chunks_mut::<LANES>();
    let (gradient, last_gradient) = gradient.as_chunks_mut::<LANES>();
    let squares = squares.map(|squares| squares.as_chunks::<LANES>());
    let mut slots = slots.map(|slot| slot.as_chunks_mut::<LANES>());
    for (index, (weights, gradient)) in weights.iter_mut().zip(gradient).enumerate() {
        let (mut w, g): (Block, Block) = (*weights, *gradient);
        let squares = squares.map_or_else(|| g.map(|g| g * g), |(blocks, _)| blocks[index]);
        let mut s: [Block; K] = from_fn(|k| slots[k].0.get(index).copied().unwrap_or_default());
        for lane in 0..LANES {
            let mut numbers = from_fn(|k| s[k][lane]);
            formula(&mut w[lane], g[lane], squares[lane], numbers.each_mut());
            numbers.into_iter().zip(&mut s).for_each(|(number, s)| s[lane] = number);
        }
        (*weights, *gradient) = (w, [0.0; LANES]);
        for (slot, s) in slots.iter_mut().zip(s) {
            if let Some(block) = slot.0.get_mut(index) {
                *block = s;
            }
        }
    }
    for (index, (w, g)) in last_weights.iter_mut().zip(last_gradient).enumerate() {
        let g = core::mem::take(g);
        let square = squares.map_or(g * g, |(_, last)| last[index]);
        let mut s: [f32; K] = from_fn(|k| slots[k].1.get(index).copied().unwrap_or_default());
        formula(w, g, square, s.each_mut());
        for (slot, s) in slots.iter_mut().zip(s) {
            if let Some(number) = slot.1.get_mut(index) {
                *number = s;
            }
        }
    }
}

//! A sequence and the states before it, by name: Keras's `initial_state`.

use core::marker::PhantomData;

#[cfg(feature = "training")]
use super::Backward;
use super::directions::{Backwards, Forwards};
use super::within::Within;
use super::{Bidirectional, GoBackwards};
#[cfg(feature = "training")]
use crate::layer::TrainLayer;
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Operand, Output, Several, Wire, Wires, position};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{OptionsOf, OptionsWithin};

/// The sequence and at most so many states of one layer.
const MOST: usize = 4;

/// The wires of the one layer, or with `BACKWARDS` of the other: the sequence, and those of its states under the names that
/// the layer knows them by.
pub struct Half<W, const BACKWARDS: bool>(PhantomData<W>);

impl<W: Wires, const BACKWARDS: bool> Half<W, BACKWARDS> {
    const ALL: &'static ([Wire; MOST], [usize; MOST], usize) = &half(W::WIRES, prefix(BACKWARDS));

    /// Which of the wires it has.
    const fn places() -> &'static [usize] {
        Self::ALL.1.split_at(Self::ALL.2).0
    }

    /// What is on them.
    fn operands<'a>(x: &[Operand<'a>]) -> [Operand<'a>; MOST] {
        let mut operands = [Operand::EMPTY; MOST];
        operands.iter_mut().zip(Self::places()).for_each(|(operand, place)| *operand = x[*place]);
        operands
    }
}

impl<W: Wires, const BACKWARDS: bool> Wires for Half<W, BACKWARDS> {
    const WIRES: &'static [Wire] = Self::ALL.0.split_at(Self::ALL.2).0;
}

const fn prefix(backwards: bool) -> &'static str {
    if backwards { "backward_" } else { "forward_" }
}

/// What follows this in a name, if that begins so.
const fn without<'n>(name: &'n str, prefix: &str) -> Option<&'n str> {
    let (bytes, prefix) = (name.as_bytes(), prefix.as_bytes());
    let mut i = 0;
    while i < prefix.len() {
        if i >= bytes.len() || bytes[i] != prefix[i] {
            return None;
        }
        i += 1;
    }
    Some(name.split_at(i).1)
}

/// The wires with this prefix behind the sequence, where they stand among all, and how many there are.
const fn half(wires: &[Wire], prefix: &str) -> ([Wire; MOST], [usize; MOST], usize) {
    let sequence = match position(wires, "sequence") {
        Some(place) => place,
        None => 0,
    };
    let (mut found, mut places, mut count, mut i) = ([wires[sequence]; MOST], [sequence; MOST], 1, 0);
    while i < wires.len() && count < MOST {
        if let Some(name) = without(wires[i].name, prefix) {
            found[count] = Wire { name, ..wires[i] };
            places[count] = i;
            count += 1;
        }
        i += 1;
    }
    (found, places, count)
}

/// What is wrong with the wires of layers with these states, of so many units; what is wrong with the sequence the layer
/// within says.
const fn mistake(wires: &[Wire], states: &[&str], units: usize) -> Option<Mistake> {
    let mut advice = Text::new("write `(sequence = …");
    let (mut missing, mut direction) = (position(wires, "sequence").is_none(), 0);
    while direction < 2 {
        let mut i = 0;
        while i < states.len() {
            let name = Text::new(prefix(direction == 1)).and(states[i]);
            missing = missing || position(wires, name.as_str()).is_none();
            advice = advice.and(", ").and(name.as_str()).and(" = …");
            i += 1;
        }
        direction += 1;
    }
    if missing || wires.len() != 1 + 2 * states.len() {
        let text = Text::new("takes a `sequence` and the states of both layers before it");
        return Some(Mistake::sentence(text).advice(advice.and(")`")));
    }
    let mut i = 0;
    while i < wires.len() {
        let Wire { name, shape, element } = &wires[i];
        let is_state = without(name, prefix(false)).is_some() || without(name, prefix(true)).is_some();
        let text = Text::new("takes states [").number(units).and("], but `").and(name);
        if is_state && !element.is_number() {
            return Some(Mistake::sentence(text.and("` carries `u32` ids")));
        }
        if is_state && !shape.equals(&Shape::new(&[units])) {
            return Some(Mistake::sentence(text.and("` is ").shape(shape)));
        }
        i += 1;
    }
    None
}

impl<W, O, L, const K: usize> Layer<Several<W, K>, O> for Bidirectional<L>
where
    W: Wires,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: GoBackwards<O::Within>
        + Layer<Several<Half<W, false>, K>, Forwards<O::Within>>
        + Layer<Several<Half<W, true>, K>, Backwards<O::Within>>,
{
    const OUTPUT: Output = {
        let output = Within::<L, Several<Half<W, false>, K>, O>::OUTPUT;
        let units =
            super::within::one_of(&<L as Layer<Several<Half<W, false>, K>, Forwards<O::Within>>>::OUTPUT).last();
        match mistake(W::WIRES, L::STATES, units) {
            Some(mistake) => Output { mistake: None, ..output }.or(Some(mistake)),
            None => output.or(<L as Layer<Several<Half<W, true>, K>, Backwards<O::Within>>>::OUTPUT.mistake),
        }
    };
    const NEEDS: Needs = {
        let sequence = Half::<W, false>::places()[0];
        let masking = match Within::<L, Several<Half<W, false>, K>, O>::INNER_NEEDS.masking {
            Masking::PassesOn | Masking::PassesOnOf(_) => Masking::PassesOnOf(sequence),
            other => other,
        };
        Within::<L, Several<Half<W, false>, K>, O>::needs(&W::WIRES[sequence].shape, masking)
    };
    const DETAILS: &'static str = Within::<L, Several<Half<W, false>, K>, O>::DETAILS;

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[Operand<'_>], y: &mut [Out]) {
        let (one, other) = (Half::<W, false>::operands(x), Half::<W, true>::operands(x));
        let (one, other) = (&one[..Half::<W, false>::WIRES.len()], &other[..Half::<W, true>::WIRES.len()]);
        Within::<L, Several<Half<W, false>, K>, O>::both(one[0].samples).forward(
            cx,
            Out::numbers_mut(y),
            |cx, y| Layer::<Several<Half<W, false>, K>, Forwards<O::Within>>::forward(&self.forward, cx, one, y),
            |cx, y| Layer::<Several<Half<W, true>, K>, Backwards<O::Within>>::forward(&self.backward, cx, other, y),
        );
    }
}

#[cfg(feature = "training")]
impl<W, O, L, const K: usize> TrainLayer<Several<W, K>, O> for Bidirectional<L>
where
    W: Wires,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: GoBackwards<O::Within>
        + TrainLayer<Several<Half<W, false>, K>, Forwards<O::Within>>
        + TrainLayer<Several<Half<W, true>, K>, Backwards<O::Within>>,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[Operand<'_>],
        _y: &[Out],
        dy: &mut [Out],
        dx: &mut [Option<&mut [f32]>],
    ) {
        let (one, other) = (Half::<W, false>::operands(x), Half::<W, true>::operands(x));
        let (one, other) = (&one[..Half::<W, false>::WIRES.len()], &other[..Half::<W, true>::WIRES.len()]);
        let (sequence, both) =
            (Half::<W, false>::places()[0], Within::<L, Several<Half<W, false>, K>, O>::both(one[0].samples));
        let (mut of_one, mut of_other) = ([const { None }; MOST], [const { None }; MOST]);
        for (wire, dx) in dx.iter_mut().enumerate() {
            let place = |places: &[usize]| places.iter().position(|place| *place == wire);
            if let Some(place) = place(Half::<W, false>::places()) {
                of_one[place] = dx.as_deref_mut();
            } else if let Some(place) = place(Half::<W, true>::places()) {
                of_other[place] = dx.as_deref_mut();
            }
        }
        let asked = of_one[0].is_some();
        let other_dx = both.backward(
            cx,
            Out::numbers(dy),
            one[0].shape.length(),
            |cx, y, dy| {
                let dx = &mut of_one[..one.len()];
                TrainLayer::<Several<Half<W, false>, K>, Forwards<O::Within>>::backward(
                    &self.forward,
                    cx,
                    one,
                    y,
                    dy,
                    dx,
                );
            },
            |cx, y, dy, dx| {
                let [_, states @ ..] = &mut of_other;
                let [h, c, last] = states.each_mut().map(|dx| dx.as_deref_mut());
                let dx = &mut [asked.then_some(dx), h, c, last][..other.len()];
                TrainLayer::<Several<Half<W, true>, K>, Backwards<O::Within>>::backward(
                    &self.backward,
                    cx,
                    other,
                    y,
                    dy,
                    dx,
                );
            },
        );
        if let Some(dx) = &mut dx[sequence] {
            dx.iter_mut().zip(&*other_dx).for_each(|(sum, dx)| *sum += dx);
        }
    }
}

//! A sequence and the states before it, by name: Keras's `initial_state`.

use super::{Cell, Given, Recurrent};
use crate::layer::{Inputs, Mistake, Operand, Wire, position};
use crate::shape::Text;

/// Where the sequence and the states are among the wires; one wire is the sequence.
pub struct Places {
    pub(super) sequence: usize,
    h: Option<usize>,
    c: Option<usize>,
}

impl Places {
    pub(in super::super) const fn of(wires: &[Wire]) -> Self {
        let sequence = match position(wires, "sequence") {
            Some(place) => place,
            None => 0,
        };
        Self { sequence, h: position(wires, "h"), c: position(wires, "c") }
    }

    /// The gradients of the sequence and of the states, in order.
    #[cfg(feature = "training")]
    pub(in super::super) fn each<'a>(&self, dx: &'a mut [Option<&mut [f32]>]) -> [Option<&'a mut [f32]>; 3] {
        let mut found = [None, None, None];
        for (wire, dx) in dx.iter_mut().enumerate() {
            let place = [Some(self.sequence), self.h, self.c].iter().position(|place| *place == Some(wire));
            if let Some(place) = place {
                found[place] = dx.as_deref_mut();
            }
        }
        found
    }
}

/// How many steps the sequence has.
pub(super) const fn steps<I: Inputs>() -> usize {
    if I::WIRES.is_empty() { 0 } else { I::WIRES[Places::of(I::WIRES).sequence].shape.dim(0) }
}

impl<'a> Given<'a> {
    pub(in super::super) fn of_wires(x: &[Operand<'a>], wires: &[Wire]) -> Self {
        let Places { sequence, h, c } = Places::of(wires);
        let Operand { numbers, shape, samples, mask, .. } = x[sequence];
        let state = |place: Option<usize>| place.map_or(&[][..], |place| x[place].numbers);
        let steps = shape.dim(0);
        let mask = mask.filter(|mask| mask.len() == samples * steps);
        Self { samples, steps, x: numbers, mask, initial: Some([state(h), state(c)]) }
    }
}

/// What is wrong with the wires, if anything.
pub(super) const fn mistake<L: Recurrent<O>, O>(wires: &[Wire]) -> Option<Mistake> {
    let Places { sequence, h, c } = Places::of(wires);
    let has_cell = L::Cell::STATES > 1;
    let all = if has_cell { c.is_some() && wires.len() == 3 } else { wires.len() == 2 };
    if position(wires, "sequence").is_none() || h.is_none() || !all {
        let text = Text::new("takes a `sequence` and ");
        let text = text.and(if has_cell { "the states `h` and `c`" } else { "the state `h`" });
        let advice = Text::new("write `(sequence = …, h = …").and(if has_cell { ", c = …)`" } else { ")`" });
        return Some(Mistake::sentence(text.and(" before it")).advice(advice));
    }
    let mut i = 0;
    while i < wires.len() {
        let Wire { name, shape, element } = &wires[i];
        let text = Text::new("takes ");
        if !element.is_number() {
            let text = text.and("numbers (`f32`), but `").and(name).and("` carries `u32` ids");
            return Some(Mistake::sentence(text).advice(Text::new("put `Embedding` before it")));
        }
        let fits = if i == sequence {
            shape.rank() == 2 && shape.last() == L::FEATURES
        } else {
            shape.rank() == 1 && shape.last() == L::UNITS
        };
        if !fits {
            let text = if i == sequence {
                text.and("a sequence [steps, ").number(L::FEATURES).and("]")
            } else {
                text.and("states [").number(L::UNITS).and("]")
            };
            return Some(Mistake::sentence(text.and(", but `").and(name).and("` is ").shape(shape)));
        }
        i += 1;
    }
    None
}

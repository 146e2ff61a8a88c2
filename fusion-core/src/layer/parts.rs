//! Steps with several outputs, which share one wire.

use super::Output;
use super::messages::same;
use crate::shape::Shape;

/// One of several outputs of a step. Each sample of the step's wire is its parts, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The name that it is bound by; none where the order says which it is.
    pub name: Option<&'static str>,
    /// What it is called in messages.
    pub what: &'static str,
    /// Its shape.
    pub shape: Shape,
}

impl Part {
    /// A part that is bound by its name, as the outputs of a model are.
    #[must_use]
    pub const fn by_name(name: &'static str, shape: Shape) -> Self {
        Self { name: Some(name), what: name, shape }
    }

    /// A part that is bound by its place among the others, as the states of an `Lstm` are.
    #[must_use]
    pub const fn in_order(what: &'static str, shape: Shape) -> Self {
        Self { name: None, what, shape }
    }
}

/// Where a part stands in what its step gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartPlace {
    /// Its index among the parts.
    pub index: usize,
    /// How many numbers of the sample come before it.
    pub offset: usize,
    /// Its shape.
    pub shape: Shape,
}

impl Output {
    /// Numbers of several outputs: one wire with the parts of each sample one after the other.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::layer::{Output, Part};
    /// use fusion::Shape;
    /// const PARTS: &[Part] =
    ///     &[Part::in_order("output", Shape::new(&[5, 2])), Part::in_order("state", Shape::new(&[2]))];
    /// const OUTPUT: Output = Output::of_parts(PARTS);
    /// assert_eq!(OUTPUT.shape, Shape::new(&[12]));
    /// assert_eq!((OUTPUT.part(1).offset, OUTPUT.part(1).shape), (10, Shape::new(&[2])));
    /// ```
    #[must_use]
    pub const fn of_parts(parts: &'static [Part]) -> Self {
        let (mut length, mut i) = (0_usize, 0);
        while i < parts.len() {
            length = match parts[i].shape.checked_length() {
                Some(part) => length.saturating_add(part),
                None => usize::MAX,
            };
            i += 1;
        }
        Self { parts, ..Self::new(Shape::new(&[length])) }
    }

    /// The shape, all parts together.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The shape of the one output; of several, which are told to be bound by names, one without numbers, of which
    /// nothing more is said.
    #[must_use]
    pub const fn one_shape(&self) -> Shape {
        if self.parts.is_empty() { self.shape } else { Shape::new(&[0]) }
    }

    /// Where the part of this index stands; without numbers where there is no such part, which is told where it is
    /// bound.
    #[must_use]
    pub const fn part(&self, index: usize) -> PartPlace {
        if index >= self.parts.len() {
            return PartPlace { index, offset: 0, shape: Shape::new(&[0]) };
        }
        let (mut offset, mut i) = (0, 0);
        while i < index {
            offset += self.parts[i].shape.length();
            i += 1;
        }
        PartPlace { index, offset, shape: self.parts[index].shape }
    }

    /// The index of the part of this name, or `by_order` where parts go by their order; past the last where no part has
    /// the name.
    #[must_use]
    pub const fn part_named(&self, name: &str, by_order: usize) -> usize {
        let mut i = 0;
        while i < self.parts.len() {
            match self.parts[i].name {
                Some(part) if same(part, name) => return i,
                Some(_) => i += 1,
                None => return by_order,
            }
        }
        i
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: Output = Output::of_parts(&[
        Part::in_order("output", Shape::new(&[3, 2])),
        Part::in_order("state_h", Shape::new(&[2])),
        Part::in_order("state_c", Shape::new(&[2])),
    ]);
    const NAMED: Output = Output::of_parts(&[Part::by_name("a", Shape::SCALAR), Part::by_name("b", Shape::new(&[4]))]);

    #[test]
    fn parts_stand_one_after_the_other() {
        assert_eq!((STATES.shape, NAMED.shape), (Shape::new(&[10]), Shape::new(&[5])));
        let places = [0, 1, 2].map(|index| STATES.part(index));
        assert_eq!(places.map(|place| place.offset), [0, 6, 8]);
        assert_eq!(places[0].shape, Shape::new(&[3, 2]));
        assert_eq!(NAMED.part(1), PartPlace { index: 1, offset: 1, shape: Shape::new(&[4]) });
        assert_eq!(NAMED.part(2).shape.length(), 0);
    }

    #[test]
    fn a_name_or_the_order_says_which() {
        assert_eq!((NAMED.part_named("b", 0), NAMED.part_named("a", 1), NAMED.part_named("c", 0)), (1, 0, 2));
        assert_eq!((STATES.part_named("state_h", 0), STATES.part_named("h", 2)), (0, 2));
        assert_eq!(Output::new(Shape::SCALAR).part_named("a", 1), 0);
    }

    #[test]
    fn more_numbers_than_memory_holds_have_no_length() {
        const HUGE: Output = Output::of_parts(&[
            Part::in_order("a", Shape::new(&[usize::MAX, 3])),
            Part::in_order("b", Shape::new(&[2])),
        ]);
        assert_eq!(HUGE.shape.checked_length(), None);
    }
}

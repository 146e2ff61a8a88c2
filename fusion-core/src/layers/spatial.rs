//! What the layers of sequences, images and volumes share: places along one, two or three sides, and channels.

use core::fmt;

use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};

/// An option of a number for each side, and the name under which it was written.
#[derive(Clone, Copy, Eq)]
pub struct Extent<const RANK: usize = 2> {
    pub(super) sides: [usize; RANK],
    pub(super) option: &'static str,
}

// How it was written does not count.
impl<const RANK: usize> PartialEq for Extent<RANK> {
    fn eq(&self, other: &Self) -> bool {
        self.sides == other.sides
    }
}

impl<const RANK: usize> fmt::Debug for Extent<RANK> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sides.iter().enumerate().try_for_each(|(index, side)| {
            f.write_str(if index == 0 { "" } else { "x" })?;
            write!(f, "{side}")
        })
    }
}

impl<const RANK: usize> Extent<RANK> {
    /// The same number along all sides.
    pub(super) const fn square(side: usize, option: &'static str) -> Self {
        Self { sides: [side; RANK], option }
    }

    /// A number along each side.
    pub(super) const fn of_each(sides: [usize; RANK], option: &'static str) -> Self {
        Self { sides, option }
    }

    /// The mistake of an option that is 0, if it is.
    pub(super) const fn unless_positive(&self) -> Option<Mistake> {
        let mut i = 0;
        while i < RANK && self.sides[i] > 0 {
            i += 1;
        }
        if i == RANK {
            return None;
        }
        Some(Mistake::option(self.option, Text::new("`").and(self.option).and("` must be at least 1")))
    }
}

/// Writes the two ways to give an option of images that is an [`Extent`]: as one number, or height and width apart.
macro_rules! extents {
    ($options:ty: $($(#[$docs:meta])* $name:ident, $(#[$pair_docs:meta])* $pair:ident;)+) => {
        impl $options {
            $(
                $(#[$docs])*
                #[must_use]
                pub const fn $name(mut self, $name: usize) -> Self {
                    self.$name = $crate::layers::spatial::Extent::square($name, stringify!($name));
                    self
                }

                $(#[$pair_docs])*
                #[must_use]
                pub const fn $pair(mut self, $name: (usize, usize)) -> Self {
                    self.$name = $crate::layers::spatial::Extent::of_each([$name.0, $name.1], stringify!($pair));
                    self
                }
            )+
        }
    };
}
pub(super) use extents;

/// Writes the ways to give an option of images and of volumes along each side, where the options of all ranks are one
/// type: `strides_hw` and `strides_dhw`.
macro_rules! along_each_side {
    ($options:ident: $($name:ident, $pair:ident, $triple:ident => $with:ident;)+) => {
        impl $options<2> {
            $(
                #[doc = concat!("`", stringify!($name), "` along height and width: Keras's `", stringify!($name), "=(2, 1)`.")]
                #[must_use]
                pub const fn $pair(self, $name: (usize, usize)) -> Self {
                    self.$with($crate::layers::spatial::Extent::of_each([$name.0, $name.1], stringify!($pair)))
                }
            )+
        }
        impl $options<3> {
            $(
                #[doc = concat!(
                    "`", stringify!($name), "` along depth, height and width: Keras's `", stringify!($name), "=(1, 2, 2)`."
                )]
                #[must_use]
                pub const fn $triple(self, $name: (usize, usize, usize)) -> Self {
                    let sides = [$name.0, $name.1, $name.2];
                    self.$with($crate::layers::spatial::Extent::of_each(sides, stringify!($triple)))
                }
            )+
        }
    };
}
pub(super) use along_each_side;

/// "3 × 3".
pub(super) const fn by(mut text: Text, sides: &[usize]) -> Text {
    let mut i = 0;
    while i < sides.len() {
        text = text.and(if i == 0 { "" } else { " × " }).number(sides[i]);
        i += 1;
    }
    text
}

/// "takes an image of at least 3 × 3".
pub(super) const fn of_at_least(sides: &[usize]) -> Text {
    match sides {
        [1] => Text::new("takes a sequence of at least 1 step"),
        [steps] => Text::new("takes a sequence of at least ").number(*steps).and(" steps"),
        [_, _] => by(Text::new("takes an image of at least "), sides),
        _ => by(Text::new("takes a volume of at least "), sides),
    }
}

/// An input as the places along its sides, and its channels. Where it is none of this rank, the one that is meant: the
/// mistakes of later layers are then found too, and no others.
pub(super) const fn sides<In: Tensor, const RANK: usize>() -> ([usize; RANK], usize) {
    let (shape, mut sides) = (In::SHAPE, [1; RANK]);
    let root = shape.length().isqrt();
    if RANK == 2 && shape.rank() == 1 && root * root == shape.length() {
        return ([root; RANK], 1);
    }
    if shape.rank() != RANK && shape.rank() != RANK + 1 {
        return (sides, shape.last());
    }
    let mut i = 0;
    while i < RANK {
        sides[i] = shape.dim(i);
        i += 1;
    }
    (sides, shape.dim(RANK))
}

/// A shape of these places and channels.
pub(super) const fn shape<const RANK: usize>(sides: [usize; RANK], channels: usize) -> Shape {
    match Shape::new(&sides).append(channels) {
        Some(shape) => shape,
        None => Shape::new(&sides),
    }
}

/// So many places and channels of numbers as the output of a layer that takes an input of this rank.
pub(super) const fn output<In: Tensor, const RANK: usize>(sides: [usize; RANK], channels: usize) -> Output {
    of_sides::<In, RANK>(Output::new(shape(sides, channels)).or(Mistake::unless_numbers::<In>()))
}

/// The output of a layer that takes an input of this rank.
pub(super) const fn of_sides<In: Tensor, const RANK: usize>(output: Output) -> Output {
    output.or(unless_sides::<In, RANK>())
}

/// The mistake of a layer that is given an input of another rank, if that is so.
const fn unless_sides<In: Tensor, const RANK: usize>() -> Option<Mistake> {
    let shape = In::SHAPE;
    if shape.rank() == RANK + 1 {
        return None;
    }
    let takes = Text::new(match RANK {
        1 => "takes a sequence [steps, features]",
        2 => "takes an image [height, width, channels]",
        _ => "takes a volume [depth, height, width, channels]",
    });
    let advice = match (RANK, shape.rank()) {
        (1, 0 | 1) => {
            Text::new("declare the input as `[f32; steps, features]`, or put `Reshape([steps, features])` before it")
        }
        (1, 3) => Text::new("the layer for images has `2d` in its name, or put `Reshape([steps, features])` before it"),
        (1, _) => Text::new("put `Reshape([steps, features])` before it"),
        (2, 2) => {
            let text = Text::new("an image without colours has one channel, `[f32; ");
            text.number(shape.dim(0)).and(", ").number(shape.dim(1)).and(", 1]`")
        }
        (2, _) => Text::new("put `Reshape` before it, or declare the input as an image, `[f32; 28, 28, 1]`"),
        (_, 3) => {
            let text = Text::new("a volume without colours has one channel, `[f32; ").number(shape.dim(0));
            text.and(", ").number(shape.dim(1)).and(", ").number(shape.dim(2)).and(", 1]`")
        }
        _ => Text::new("put `Reshape` before it, or declare the input as a volume, `[f32; 16, 28, 28, 1]`"),
    };
    Some(Mistake::shape(takes).advice(advice))
}

/// The mistake of an input without places, if it is one.
pub(super) const fn unless_places<const RANK: usize>(sides: [usize; RANK]) -> Option<Mistake> {
    let mut i = 0;
    while i < RANK && sides[i] > 0 {
        i += 1;
    }
    if i == RANK { None } else { Some(Mistake::shape(of_at_least(&[1; RANK]))) }
}

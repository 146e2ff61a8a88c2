//! What is added to, or taken off, both ends of each side.

use core::fmt;

use super::spatial;
use crate::kernels::Moves;
use crate::layer::{Mistake, Output};
use crate::layers::rearranging::into_larger;
use crate::shape::{Shape, Tensor};

/// How many places before the first and behind the last along each side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ends<const RANK: usize> {
    of_each: [(usize, usize); RANK],
}

impl<const RANK: usize> fmt::Debug for Ends<RANK> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of_each.fmt(f)
    }
}

impl<const RANK: usize> Ends<RANK> {
    /// As many at all ends.
    pub(super) const fn square(places: usize) -> Self {
        Self { of_each: [(places, places); RANK] }
    }

    /// So many at both ends of each side.
    pub(super) const fn both(sides: [usize; RANK]) -> Self {
        let (mut ends, mut i) = (Self::square(0), 0);
        while i < RANK {
            ends.of_each[i] = (sides[i], sides[i]);
            i += 1;
        }
        ends
    }

    /// So many before and behind each side.
    pub(super) const fn of_each(of_each: [(usize, usize); RANK]) -> Self {
        Self { of_each }
    }

    const fn before(&self) -> [usize; RANK] {
        let (mut before, mut i) = ([0; RANK], 0);
        while i < RANK {
            before[i] = self.of_each[i].0;
            i += 1;
        }
        before
    }

    /// So many more places along each side.
    const fn added_to(&self, mut sides: [usize; RANK]) -> [usize; RANK] {
        let mut i = 0;
        while i < RANK {
            sides[i] = sides[i].saturating_add(self.of_each[i].0).saturating_add(self.of_each[i].1);
            i += 1;
        }
        sides
    }

    /// So many fewer, but at least one.
    const fn taken_off(&self, mut sides: [usize; RANK]) -> [usize; RANK] {
        let (off, mut i) = (self.added_to([0; RANK]), 0);
        while i < RANK {
            sides[i] = if sides[i] > off[i] { sides[i] - off[i] } else { 1 };
            i += 1;
        }
        sides
    }

    pub(super) const fn padded<In: Tensor>(&self) -> Output {
        let (sides, channels) = spatial::sides::<In, RANK>();
        spatial::of_sides::<In, RANK>(Output::same_as::<In>(spatial::shape(self.added_to(sides), channels)))
    }

    pub(super) const fn cropped<In: Tensor>(&self) -> Output {
        let (sides, channels) = spatial::sides::<In, RANK>();
        let output = Output::same_as::<In>(spatial::shape(self.taken_off(sides), channels));
        spatial::of_sides::<In, RANK>(output).or(self.unless_left(sides))
    }

    const fn unless_left(&self, sides: [usize; RANK]) -> Option<Mistake> {
        let (least, mut i) = (self.added_to([1; RANK]), 0);
        while i < RANK && least[i] <= sides[i] {
            i += 1;
        }
        if i == RANK { None } else { Some(Mistake::shape(spatial::of_at_least(&least))) }
    }

    /// The places that are left, within those that there are.
    pub(super) const fn padding(&self, input: &Shape) -> Moves {
        let (mut large, sides) = (*input, self.added_to([0; RANK]));
        let mut i = 0;
        while i < RANK && i < input.rank() {
            large = large.with_dim(i, input.dim(i).saturating_add(sides[i]));
            i += 1;
        }
        into_larger(input, &large, &self.before())
    }

    pub(super) const fn cropping(&self, input: &Shape) -> Moves {
        let (mut small, sides) = (*input, self.added_to([0; RANK]));
        let mut i = 0;
        while i < RANK && i < input.rank() {
            small = small.with_dim(i, input.dim(i).saturating_sub(sides[i]));
            i += 1;
        }
        into_larger(&small, input, &self.before()).back()
    }
}

/// Writes options of which one is [`Ends`], and the ways in which it is given.
macro_rules! ends {
    ($(#[$docs:meta])* $options:ident, $name:ident = $default:expr, $pair:ident, $triple:ident, $ends:ident,
        $places:literal, $output:ident) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
        pub struct $options<const RANK: usize> {
            #[option(by_hand, default = $crate::layers::borders::Ends::square($default))]
            $name: $crate::layers::borders::Ends<RANK>,
        }

        impl<const RANK: usize> $options<RANK> {
            #[doc = concat!("How many places are ", $places, " all ends, written without its name.")]
            #[must_use]
            pub const fn positional(self, $name: usize) -> Self {
                self.$name($name)
            }

            #[doc = concat!("How many places are ", $places, " all ends.")]
            #[must_use]
            pub const fn $name(mut self, $name: usize) -> Self {
                self.$name = $crate::layers::borders::Ends::square($name);
                self
            }

            pub(super) const fn output<In: $crate::shape::Tensor>(&self) -> $crate::layer::Output {
                self.$name.$output::<In>()
            }

            pub(super) const fn moves(&self, input: &$crate::shape::Shape) -> $crate::kernels::Moves {
                self.$name.$name(input)
            }
        }

        impl $options<1> {
            #[doc = concat!(
                "How many are ", $places, " the first and the last step: Keras's `", stringify!($name), "=(1, 2)`."
            )]
            #[must_use]
            pub const fn $ends(mut self, $name: (usize, usize)) -> Self {
                self.$name = $crate::layers::borders::Ends::of_each([$name]);
                self
            }
        }

        impl $options<2> {
            #[doc = concat!(
                "How many are ", $places, " both ends of height and width: Keras's `", stringify!($name), "=(1, 2)`."
            )]
            #[must_use]
            pub const fn $pair(mut self, $name: (usize, usize)) -> Self {
                self.$name = $crate::layers::borders::Ends::both([$name.0, $name.1]);
                self
            }

            #[doc = concat!(
                "How many are ", $places, " each end, ((top, bottom), (left, right)): Keras's `", stringify!($name),
                "=((1, 2), (0, 1))`."
            )]
            #[must_use]
            pub const fn $ends(mut self, $name: ((usize, usize), (usize, usize))) -> Self {
                self.$name = $crate::layers::borders::Ends::of_each([$name.0, $name.1]);
                self
            }
        }

        impl $options<3> {
            #[doc = concat!(
                "How many are ", $places, " both ends of depth, height and width: Keras's `", stringify!($name),
                "=(1, 2, 3)`."
            )]
            #[must_use]
            pub const fn $triple(mut self, $name: (usize, usize, usize)) -> Self {
                self.$name = $crate::layers::borders::Ends::both([$name.0, $name.1, $name.2]);
                self
            }

            #[doc = concat!(
                "How many are ", $places, " each end of depth, height and width: Keras's `", stringify!($name),
                "=((1, 2), (0, 1), (0, 0))`."
            )]
            #[must_use]
            pub const fn $ends(mut self, $name: ((usize, usize), (usize, usize), (usize, usize))) -> Self {
                self.$name = $crate::layers::borders::Ends::of_each([$name.0, $name.1, $name.2]);
                self
            }
        }
    };
}

ends! {
    /// The options of the zero paddings, such as `ZeroPadding2d(1)`.
    ZeroPaddingOptions, padding = 1, padding_hw, padding_dhw, padding_ends, "added at", padded
}

ends! {
    /// The options of the croppings, such as `Cropping2d(1)`.
    CroppingOptions, cropping = if RANK == 2 { 0 } else { 1 }, cropping_hw, cropping_dhw, cropping_ends, "taken off",
    cropped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::says;
    use crate::layers::window::testing::changes;
    use crate::layers::{Cropping1d, Cropping2d, ZeroPadding1d};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Cut;
    impl OptionsOf<Cropping2d> for Cut {
        const VALUE: CroppingOptions<2> = CroppingOptions::<2>::DEFAULT.cropping_ends(((1, 2), (0, 3)));
    }

    #[test]
    fn what_is_taken_off_must_leave_something() {
        type Image<const H: usize, const W: usize> = [[[f32; 1]; W]; H];
        assert_eq!(<Cropping2d as Layer<Image<4, 5>, Cut>>::OUTPUT.shape, Shape::new(&[1, 2, 1]));
        assert_eq!(says::<Cropping2d, Cut, Image<4, 4>>(), None);
        assert_eq!(says::<Cropping2d, Cut, Image<3, 9>>().unwrap(), "takes an image of at least 4 × 4");
        assert_eq!(says::<Cropping1d, Defaults, [[f32; 1]; 2]>().unwrap(), "takes a sequence of at least 3 steps");
        assert_eq!(says::<Cropping2d, Defaults, [f32; 3]>().unwrap(), "takes an image [height, width, channels]");
        assert_eq!(says::<ZeroPadding1d, Defaults, [f32; 3]>().unwrap(), "takes a sequence [steps, features]");
    }

    #[test]
    fn options_that_mean_the_same_are_written_alike() {
        const PADDING: ZeroPaddingOptions<2> = ZeroPaddingOptions::DEFAULT;
        assert_eq!(
            (changes(PADDING.padding_hw((1, 1))), changes(CroppingOptions::<2>::DEFAULT.cropping(0))),
            ("".into(), "".into())
        );
        assert_eq!(changes(PADDING.padding_hw((1, 2))), changes(PADDING.padding_ends(((1, 1), (2, 2)))));
        assert_eq!(changes(CroppingOptions::<1>::DEFAULT.cropping_ends((0, 2))), "cropping=[(0, 2)] ");
    }
}

//! What the layers of images share: their shapes and the windows that go over them.

use core::fmt;

use super::Optional;
use crate::activations::Activation;
use crate::kernels::Axis;
use crate::layer::{Mistake, Output};
use crate::shape::{Shape, Tensor, Text};

/// What happens where a window reaches over the border of an image: Keras's `padding`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Conv2d, Conv2dOptions, Padding};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Same; // `Conv2d<1, 8, 3>(padding = Padding::Same)` in `model!`
/// impl OptionsOf<Conv2d<1, 8, 3>> for Same {
///     const VALUE: Conv2dOptions = Conv2dOptions::DEFAULT.padding(Padding::Same);
/// }
/// type Image = [[[f32; 1]; 28]; 28];
/// assert_eq!(<Conv2d<1, 8, 3> as Layer<Image>>::OUTPUT.shape, Shape::new(&[26, 26, 8]));
/// assert_eq!(<Conv2d<1, 8, 3> as Layer<Image, Same>>::OUTPUT.shape, Shape::new(&[28, 28, 8]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Padding {
    /// Only windows that lie in the image: (input − span) / stride + 1 of them, rounded down, where
    /// span = (window − 1) · dilation + 1. The default.
    #[default]
    Valid,
    /// As many windows as the stride leaves places, input / stride rounded up. What is missing is
    /// added on both sides, the odd place at the end.
    Same,
}

/// An option of two numbers, height and width, and the name under which it was written.
#[derive(Clone, Copy, Eq)]
pub(super) struct Extent {
    pub height: usize,
    pub width: usize,
    pub option: &'static str,
}

// How it was written does not count.
impl PartialEq for Extent {
    fn eq(&self, other: &Self) -> bool {
        (self.height, self.width) == (other.height, other.width)
    }
}

impl fmt::Debug for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.height, self.width)
    }
}

impl Extent {
    pub const fn square(side: usize, option: &'static str) -> Self {
        Self { height: side, width: side, option }
    }

    pub const fn pair((height, width): (usize, usize), option: &'static str) -> Self {
        Self { height, width, option }
    }

    /// The mistake of an option that is 0, if it is.
    pub const fn unless_positive(&self) -> Option<Mistake> {
        if self.height > 0 && self.width > 0 {
            return None;
        }
        Some(Mistake::option(self.option, Text::new("`").and(self.option).and("` must be at least 1")))
    }
}

/// Writes the two ways to give an option that is an [`Extent`]: as one number, or height and width apart.
macro_rules! extents {
    ($options:ty: $($(#[$docs:meta])* $name:ident, $(#[$pair_docs:meta])* $pair:ident;)+) => {
        impl $options {
            $(
                $(#[$docs])*
                #[must_use]
                pub const fn $name(mut self, $name: usize) -> Self {
                    self.$name = $crate::layers::window::Extent::square($name, stringify!($name));
                    self
                }

                $(#[$pair_docs])*
                #[must_use]
                pub const fn $pair(mut self, $name: (usize, usize)) -> Self {
                    self.$name = $crate::layers::window::Extent::pair($name, stringify!($pair));
                    self
                }
            )+
        }
    };
}
pub(super) use extents;

/// What the type of a convolution says beside its sizes: "kernel 3 × 3, relu, no bias".
pub(super) const fn kernel_details<A: Activation, B: Optional>(height: usize, width: usize) -> Text {
    let text = by(Text::new("kernel "), height, width).and(", ").and(A::NAME);
    text.and(if B::USED { "" } else { ", no bias" })
}

/// "3 × 3".
pub(super) const fn by(text: Text, height: usize, width: usize) -> Text {
    text.number(height).and(" × ").number(width)
}

/// An input as an image, (height, width, channels). Where it is none, the image that is meant: the
/// mistakes of later layers are then found too, and no others.
pub(super) const fn image<In: Tensor>() -> (usize, usize, usize) {
    let shape = In::SHAPE;
    let side = shape.length().isqrt();
    match shape.rank() {
        3 => (shape.dim(0), shape.dim(1), shape.dim(2)),
        2 => (shape.dim(0), shape.dim(1), 1),
        1 if side * side == shape.length() => (side, side, 1),
        _ => (1, 1, shape.last()),
    }
}

/// An image of this size as the output of a layer that takes images of numbers.
pub(super) const fn image_output<In: Tensor>(height: usize, width: usize, channels: usize) -> Output {
    of_image::<In>(Shape::new(&[height, width, channels]))
}

/// The output of a layer that takes images of numbers.
pub(super) const fn of_image<In: Tensor>(shape: Shape) -> Output {
    Output::new(shape).or(Mistake::unless_numbers::<In>()).or(unless_image::<In>())
}

/// The mistake of a kernel without places, if it is one.
pub(super) const fn unless_window(height: usize, width: usize) -> Option<Mistake> {
    if height > 0 && width > 0 {
        return None;
    }
    Some(Mistake::sentence(by(Text::new("has a kernel of "), height, width).and("; it must be at least 1 × 1")))
}

/// The mistake of a layer that takes so many channels for each of its groups, as its first generic
/// argument says, and is given another number of them, if that is so.
pub(super) const fn unless_channels<In: Tensor>(channels: usize, groups: usize) -> Option<Mistake> {
    let (found, takes) = (In::SHAPE.last(), channels.saturating_mul(groups));
    if found == takes {
        return None;
    }
    let words = Text::new("takes ").number(takes).and(if takes == 1 { " channel" } else { " channels" });
    if groups == 1 {
        return Some(Mistake { takes: words, ..Mistake::features(takes, 0, found) });
    }
    let words = words.and(" (").number(groups).and(" groups of ").number(channels).and(")");
    let mistake = Mistake { takes: words, ..Mistake::features(takes, 0, found) };
    let advice = Text::new("the first argument is the channels of one group");
    if !found.is_multiple_of(groups) {
        return Some(mistake.advice(advice.and(", and the groups must divide the channels")));
    }
    Some(mistake.advice(advice.and(": write ").number(found / groups)))
}

/// The mistake of a layer of images that is given something else, if that is so.
pub(super) const fn unless_image<In: Tensor>() -> Option<Mistake> {
    let shape = In::SHAPE;
    let mistake = Mistake::shape(Text::new("takes an image [height, width, channels]"));
    let advice = match shape.rank() {
        3 => return None,
        2 => {
            let text = Text::new("an image without colours has one channel, `[f32; ");
            text.number(shape.dim(0)).and(", ").number(shape.dim(1)).and(", 1]`")
        }
        _ => Text::new("put `Reshape` before it, or declare the input as an image, `[f32; 28, 28, 1]`"),
    };
    Some(mistake.advice(advice))
}

/// Windows along an axis. Options of 0 count as 1, and a window that is larger than the input as
/// one that fits once: both are mistakes, which the layer reports.
pub(super) const fn axis(input: usize, window: usize, stride: usize, dilation: usize, padding: Padding) -> Axis {
    let (stride, dilation) = (at_least_one(stride), at_least_one(dilation));
    let span = window.saturating_sub(1).saturating_mul(dilation).saturating_add(1);
    let (output, before) = match padding {
        Padding::Valid => (input.saturating_sub(span) / stride + 1, 0),
        Padding::Same => {
            let output = input.div_ceil(stride);
            let covered = output.saturating_sub(1).saturating_mul(stride).saturating_add(span);
            (output, covered.saturating_sub(input) / 2)
        }
    };
    Axis { input, output, window, stride, dilation, before }
}

/// The windows whose convolution's gradient makes `input` places into more: those of a transposed
/// convolution, which has them the other way round.
pub(super) const fn transposed_axis(input: usize, window: usize, stride: usize, padding: Padding) -> Axis {
    let stride = at_least_one(stride);
    let larger = match padding {
        Padding::Valid => {
            let beyond = window.saturating_sub(stride);
            input.saturating_mul(stride).saturating_add(beyond)
        }
        Padding::Same => input.saturating_mul(stride),
    };
    Axis { output: input, ..axis(larger, window, stride, 1, padding) }
}

/// The mistake of an image without places, if it is one.
pub(super) const fn unless_places(height: usize, width: usize) -> Option<Mistake> {
    if height > 0 && width > 0 {
        return None;
    }
    Some(Mistake::shape(Text::new("takes an image of at least 1 × 1")))
}

/// The mistake of windows that do not lie in the image, if that is so.
pub(super) const fn unless_inside(height: &Axis, width: &Axis, padding: Padding) -> Option<Mistake> {
    let (rows, columns) = (height.span(), width.span());
    if matches!(padding, Padding::Same) || (rows <= height.input && columns <= width.input) {
        return None;
    }
    let takes = by(Text::new("takes an image of at least "), rows, columns);
    Some(Mistake::shape(takes).advice(Text::new("write `padding = Padding::Same`, or use a smaller window")))
}

pub(super) const fn at_least_one(number: usize) -> usize {
    if number == 0 { 1 } else { number }
}

/// What the tests of the layers of images share.
#[cfg(test)]
pub(super) mod testing {
    use crate::shape::Tensor;
    use crate::weights::{Options, Random};

    pub type Image<const HEIGHT: usize, const WIDTH: usize, const CHANNELS: usize> = [[[f32; CHANNELS]; WIDTH]; HEIGHT];

    /// Height, width and channels.
    pub fn sides<T: Tensor>() -> [usize; 3] {
        [0, 1, 2].map(|index| T::SHAPE.dim(index))
    }

    /// What a weight file's digest covers of these options.
    pub fn changes(options: impl Options) -> String {
        let mut text = String::new();
        options.write_changes(&mut text).unwrap();
        text
    }

    /// Samples of random numbers.
    pub fn numbers<In: Tensor<Element = f32>>(samples: usize) -> Vec<In> {
        let mut rows = vec![In::ZERO; samples];
        let random = Random::new(9);
        In::numbers_mut(&mut rows).iter_mut().zip(0..).for_each(|(x, index)| *x = 2.0 * random.uniform(index) - 1.0);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_and_padding_are_those_of_keras() {
        let axis = |input, window, stride, dilation, padding| {
            let axis = axis(input, window, stride, dilation, padding);
            (axis.output, axis.before, axis.padded())
        };
        assert_eq!(axis(7, 3, 1, 1, Padding::Valid), (5, 0, 7));
        assert_eq!(axis(8, 3, 2, 1, Padding::Valid), (3, 0, 8));
        assert_eq!(axis(9, 3, 1, 2, Padding::Valid), (5, 0, 9));
        assert_eq!(axis(7, 3, 1, 1, Padding::Same), (7, 1, 9));
        assert_eq!(axis(7, 3, 2, 1, Padding::Same), (4, 1, 9));
        // The odd place is at the end.
        assert_eq!(axis(8, 3, 2, 1, Padding::Same), (4, 0, 9));
        assert_eq!(axis(8, 4, 1, 1, Padding::Same), (8, 1, 11));
        // Fewer than the image has.
        assert_eq!(axis(5, 1, 3, 1, Padding::Same), (2, 0, 5));
    }

    #[test]
    fn transposed_windows_are_those_of_keras() {
        let axis = |input, window, stride, padding| {
            let axis = transposed_axis(input, window, stride, padding);
            (axis.input, axis.output, axis.before)
        };
        assert_eq!(axis(5, 3, 1, Padding::Valid), (7, 5, 0));
        assert_eq!(axis(5, 2, 3, Padding::Valid), (15, 5, 0));
        assert_eq!(axis(5, 3, 2, Padding::Same), (10, 5, 0));
        assert_eq!(axis(5, 4, 2, Padding::Same), (10, 5, 1));
    }

    #[test]
    fn options_of_0_and_windows_that_do_not_fit_still_have_a_shape() {
        assert_eq!(axis(5, 3, 0, 0, Padding::Same).output, 5);
        assert_eq!(axis(5, 9, 2, 1, Padding::Valid).output, 1);
        assert_eq!(axis(0, 3, 1, 1, Padding::Valid).output, 1);
        assert_eq!(axis(5, 3, 1, usize::MAX, Padding::Same).before, (usize::MAX - 5) / 2);
    }
}

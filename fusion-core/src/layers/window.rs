//! What the layers of images share: their shapes and the windows that go over them.

use super::spatial;
use crate::kernels::Axis;
use crate::layer::Mistake;
use crate::shape::Text;

/// What happens where a window reaches over the border of an image: Keras's `padding`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Conv2d, ConvolutionOptions, Padding};
/// use fusion::weights::Options;
/// use fusion::{Layer, OptionsOf, Shape};
/// struct Same; // `Conv2d<1, 8, 3>(padding = Padding::Same)` in `model!`
/// impl OptionsOf<Conv2d<1, 8, 3>> for Same {
///     const VALUE: ConvolutionOptions<2> = ConvolutionOptions::DEFAULT.padding(Padding::Same);
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
    /// Of a sequence: what is missing is added before it, so that no window sees a later step than its own
    /// ([`Conv1d`](super::Conv1d) alone).
    Causal,
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
        Padding::Causal => (input.div_ceil(stride), span - 1),
    };
    Axis { input, output, window, stride, dilation, before }
}

/// The windows whose convolution's gradient makes `input` places into more: those of a transposed
/// convolution, which has them the other way round. `beyond` is Keras's `output_padding`.
pub(super) const fn transposed_axis(
    input: usize,
    window: usize,
    stride: usize,
    beyond: Option<usize>,
    padding: Padding,
) -> Axis {
    let stride = at_least_one(stride);
    let steps = input.saturating_sub(1).saturating_mul(stride);
    let larger = match (padding, beyond) {
        (Padding::Same, None) => input.saturating_mul(stride),
        (Padding::Same, Some(beyond)) => steps.saturating_add(window % 2).saturating_add(beyond),
        (_, None) => input.saturating_mul(stride).saturating_add(window.saturating_sub(stride)),
        (_, Some(beyond)) => steps.saturating_add(window).saturating_add(beyond),
    };
    Axis { output: input, ..axis(larger, window, stride, 1, padding) }
}

/// How many windows there are along each side.
pub(super) const fn outputs<const RANK: usize>(axes: [Axis; RANK]) -> [usize; RANK] {
    let (mut places, mut i) = ([0; RANK], 0);
    while i < RANK {
        places[i] = axes[i].output;
        i += 1;
    }
    places
}

/// How many places windows go over along each side.
pub(super) const fn inputs<const RANK: usize>(axes: [Axis; RANK]) -> [usize; RANK] {
    let (mut places, mut i) = ([0; RANK], 0);
    while i < RANK {
        places[i] = axes[i].input;
        i += 1;
    }
    places
}

/// The mistake of a padding that is for convolutions of sequences, if it is that.
pub(super) const fn unless_causal(padding: Padding) -> Option<Mistake> {
    if !matches!(padding, Padding::Causal) {
        return None;
    }
    let text = Text::new("`padding = Causal` is for `Conv1d`; here it can be `Valid` or `Same`");
    Some(Mistake::option("padding", text))
}

/// The mistake of windows that do not lie in the input, if that is so.
pub(super) const fn unless_inside(axes: &[Axis], padding: Padding) -> Option<Mistake> {
    let (mut spans, mut inside, mut i) = ([0; 3], true, 0);
    while i < axes.len() {
        spans[i] = axes[i].span();
        inside = inside && spans[i] <= axes[i].input;
        i += 1;
    }
    if inside || !matches!(padding, Padding::Valid) {
        return None;
    }
    let takes = spatial::of_at_least(spans.split_at(axes.len()).0);
    Some(Mistake::shape(takes).advice(Text::new("write `padding = Padding::Same`, or use a smaller window")))
}

pub(super) const fn at_least_one(number: usize) -> usize {
    if number == 0 { 1 } else { number }
}

/// The size that an option gives, for the shape of what comes out; 1 where it is missing or 0, which is a mistake.
pub(super) const fn given_size(option: Option<usize>) -> usize {
    match option {
        Some(size) => at_least_one(size),
        None => 1,
    }
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
            let axis = transposed_axis(input, window, stride, None, padding);
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

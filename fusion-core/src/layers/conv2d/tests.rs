//! `Conv2d` against its formula, and what it says to the compiler.

use super::*;
use crate::activations::{Activation, Relu, Silu, TrainActivation, reference};
use crate::layer::{Floats, Layer, Mistake, Needs, messages};
use crate::layers::testing::{differences, initialized, says};
use crate::layers::window::testing::{Image, changes, numbers, sides};
use crate::layers::{NoBias, Padding};
use crate::shape::{Shape, Tensor};
use crate::weights::{Defaults, Options, OptionsOf, Parameters};

/// Strides of (S, S + 1), or a dilation of (D, D), and groups.
struct With<const S: usize, const D: usize, const GROUPS: usize, const SAME: bool>;
impl<
    const C: usize,
    const F: usize,
    const H: usize,
    A,
    B,
    const W: usize,
    const S: usize,
    const D: usize,
    const G: usize,
    const SAME: bool,
> OptionsOf<Conv2d<C, F, H, A, B, W>> for With<S, D, G, SAME>
where
    A: Activation,
    B: Optional,
{
    const VALUE: ConvolutionOptions<2> = ConvolutionOptions::DEFAULT
        .strides_hw(if D > 1 { (1, 1) } else { (S, S + 1) })
        .dilation_rate(D)
        .groups(G)
        .padding(if SAME { Padding::Same } else { Padding::Valid });
}

/// Compares with the formula, on three images, where the output is `Out`.
#[track_caller]
fn check<O, In, Out, const C: usize, const F: usize, const H: usize, A: TrainActivation, B: Optional, const W: usize>(
    activation: fn(f64) -> f64,
) where
    O: OptionsOf<Conv2d<C, F, H, A, B, W>>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    let ConvolutionOptions { strides, padding, dilation_rate, groups, .. } = O::VALUE;
    let ([height, width, channels], [rows, columns, _]) = (sides::<In>(), sides::<Out>());
    let before = |input: usize, output: usize, window: usize, stride: usize, dilation: usize| {
        let covered = (output - 1) * stride + (window - 1) * dilation + 1;
        if padding == Padding::Same { covered.saturating_sub(input) / 2 } else { 0 }
    };
    let above = before(height, rows, H, strides.sides[0], dilation_rate.sides[0]);
    let left = before(width, columns, W, strides.sides[1], dilation_rate.sides[1]);
    let formula = |weights: &[f64], x: &[f64]| -> Vec<f64> {
        let (kernel, bias) = weights.split_at(H * W * C * F);
        let output = |at: usize| -> f64 {
            let (f, j, i) = (at % F, at / F % columns, at / F / columns);
            let mut sum = *bias.get(f).unwrap_or(&0.0);
            for (k, l, c) in (0..H * W * C).map(|tap| (tap / C / W, tap / C % W, tap % C)) {
                let row = (i * strides.sides[0] + k * dilation_rate.sides[0]).checked_sub(above);
                let column = (j * strides.sides[1] + l * dilation_rate.sides[1]).checked_sub(left);
                let inside = |at: Option<usize>, limit| at.filter(|at| *at < limit);
                if let (Some(row), Some(column)) = (inside(row, height), inside(column, width)) {
                    let channel = f / (F / groups) * C + c;
                    sum += x[(row * width + column) * channels + channel] * kernel[((k * W + l) * C + c) * F + f];
                }
            }
            activation(sum)
        };
        (0..rows * columns * F).map(output).collect()
    };
    let layer = initialized::<Conv2d<C, F, H, A, B, W>>();
    differences::<_, O, In, Out>(&*layer, &numbers::<In>(3), formula);
}

#[test]
fn outputs_and_gradients_are_those_of_the_formula() {
    check::<Defaults, Image<1, 1, 1>, Image<1, 1, 1>, 1, 1, 1, Linear, UseBias, 1>(|x| x);
    check::<With<1, 1, 1, true>, Image<1, 1, 2>, Image<1, 1, 3>, 2, 3, 3, Linear, NoBias, 3>(|x| x);
    check::<Defaults, Image<4, 17, 5>, Image<2, 16, 3>, 5, 3, 3, Relu, UseBias, 2>(|x| x.max(0.0));
    check::<With<2, 1, 1, false>, Image<8, 17, 1>, Image<3, 5, 4>, 1, 4, 3, Silu, UseBias, 3>(reference::silu);
    check::<With<2, 1, 1, true>, Image<7, 8, 3>, Image<4, 3, 2>, 3, 2, 4, Silu, NoBias, 4>(reference::silu);
}

#[test]
fn strides_or_dilation_go_together_with_groups() {
    check::<With<1, 2, 1, true>, Image<6, 7, 2>, Image<6, 7, 2>, 2, 2, 3, Linear, UseBias, 3>(|x| x);
    check::<With<1, 2, 1, false>, Image<9, 9, 1>, Image<5, 7, 3>, 1, 3, 3, Linear, UseBias, 2>(|x| x);
    check::<With<1, 3, 1, true>, Image<5, 4, 2>, Image<5, 4, 1>, 2, 1, 3, Linear, UseBias, 3>(|x| x);
    check::<With<1, 2, 2, true>, Image<5, 4, 4>, Image<5, 4, 2>, 2, 2, 3, Linear, UseBias, 2>(|x| x);
    check::<With<2, 1, 3, true>, Image<5, 5, 6>, Image<3, 2, 6>, 2, 6, 3, Relu, UseBias, 3>(|x| x.max(0.0));
    check::<With<1, 1, 4, false>, Image<3, 4, 4>, Image<2, 2, 4>, 1, 4, 2, Linear, NoBias, 2>(|x| x);
    // Strides that leave places out.
    check::<With<3, 1, 1, false>, Image<5, 6, 2>, Image<2, 2, 3>, 2, 3, 1, Linear, UseBias, 1>(|x| x);
}

#[test]
fn wide_layers_are_those_of_the_formula() {
    check::<With<1, 1, 1, true>, Image<3, 4, 3>, Image<3, 2, 70>, 3, 70, 2, Linear, UseBias, 2>(|x| x);
    check::<Defaults, Image<4, 5, 35>, Image<3, 4, 1>, 35, 1, 2, Linear, UseBias, 2>(|x| x);
}

/// The compiler's message.
fn message<L: Layer<In, O>, O: OptionsOf<L>, In: Tensor>(arguments: &[&str]) -> String {
    let layer = format!("Conv2d<{}>", arguments.join(", "));
    let written = messages::written(&layer, "`x`");
    let panic = std::panic::catch_unwind(|| messages::check::<In>(&L::OUTPUT, &written, true)).unwrap_err();
    panic.downcast::<String>().map_or_else(|other| (*other.downcast::<&str>().unwrap()).to_owned(), |text| *text)
}

#[test]
fn the_channels_must_be_those_of_the_type() {
    type Of3 = Conv2d<3, 8, 3>;
    assert_eq!(says::<Of3, Defaults, Image<5, 5, 3>>(), None);
    assert_eq!(
        message::<Of3, Defaults, Image<5, 6, 1>>(&["3", "8", "3"]),
        "`Conv2d<3, 8, 3>` takes 3 channels, but `x` gives it 1 (the last of [5, 6, 1]); \
         write `Conv2d<1, 8, 3>` or `Conv2d<_, 8, 3>`"
    );
    assert_eq!(
        message::<Of3, With<1, 1, 2, false>, Image<5, 6, 8>>(&["3", "8", "3"]),
        "`Conv2d<3, 8, 3>` takes 6 channels (2 groups of 3), but `x` gives it 8 (the last of [5, 6, 8]); \
         the first argument is the channels of one group: write 4"
    );
    let text = message::<Of3, With<1, 1, 2, false>, Image<5, 6, 7>>(&["3", "8", "3"]);
    assert!(text.ends_with("and the groups must divide the channels"), "{text}");
}

#[test]
fn the_input_must_be_an_image() {
    type Of1 = Conv2d<1, 8, 3>;
    assert_eq!(
        message::<Of1, Defaults, [[f32; 28]; 28]>(&["1", "8", "3"]),
        "`Conv2d<1, 8, 3>` takes an image [height, width, channels], but `x` gives it [28, 28]; \
         an image without colours has one channel, `[f32; 28, 28, 1]`"
    );
    assert_eq!(
        message::<Of1, Defaults, [f32; 784]>(&["1", "8", "3"]),
        "`Conv2d<1, 8, 3>` takes an image [height, width, channels], but `x` gives it [784]; \
         put `Reshape` before it, or declare the input as an image, `[f32; 28, 28, 1]`"
    );
    assert_eq!(<Of1 as Layer<[f32; 784]>>::OUTPUT.shape, Shape::new(&[26, 26, 8]));
    assert_eq!(<Of1 as Layer<[[f32; 9]; 5]>>::OUTPUT.shape, Shape::new(&[3, 7, 8]));
    assert!(says::<Of1, Defaults, [[[u32; 1]; 5]; 5]>().unwrap().starts_with("takes numbers"));
}

#[test]
fn the_window_must_lie_in_the_image() {
    type Of1 = Conv2d<1, 8, 3>;
    assert_eq!(
        message::<Of1, With<1, 2, 1, false>, Image<5, 4, 1>>(&["1", "8", "3"]),
        "`Conv2d<1, 8, 3>` takes an image of at least 5 × 5, but `x` gives it [5, 4, 1]; \
         write `padding = Padding::Same`, or use a smaller window"
    );
    assert_eq!(<Of1 as Layer<Image<2, 4, 1>>>::OUTPUT.shape, Shape::new(&[1, 2, 8]));
    assert_eq!(says::<Of1, With<1, 1, 1, true>, Image<1, 1, 1>>(), None);
    let words = says::<Conv2d<1, 8, 0>, Defaults, Image<5, 5, 1>>().unwrap();
    assert_eq!(words, "has a kernel of 0 × 0; it must be at least 1 × 1");
}

struct Both;
impl OptionsOf<Conv2d<1, 8, 3>> for Both {
    const VALUE: ConvolutionOptions<2> = ConvolutionOptions::DEFAULT.strides_hw((1, 2)).dilation_rate(2);
}

#[test]
fn strides_and_dilation_do_not_go_together() {
    let mistake = <Conv2d<1, 8, 3> as Layer<Image<9, 9, 1>, Both>>::OUTPUT.mistake.unwrap();
    let sentence = "strides of 1 × 2 and a dilation of 2 × 2 do not go together, as in Keras: leave out one of the two";
    assert_eq!((mistake.option, mistake.takes.as_str()), (Some("dilation_rate"), sentence));
}

#[test]
fn options_that_cannot_be_are_mistakes() {
    type Of1 = Conv2d<1, 8, 3>;
    let says_of = |mistake: Mistake| (mistake.option.unwrap(), mistake.takes.as_str().to_owned());
    let output = <Of1 as Layer<Image<5, 5, 1>, With<0, 1, 1, true>>>::OUTPUT;
    assert_eq!(says_of(output.mistake.unwrap()), ("strides_hw", "`strides_hw` must be at least 1".to_owned()));
    let output = <Of1 as Layer<Image<5, 5, 1>, With<1, 0, 1, true>>>::OUTPUT;
    assert_eq!(says_of(output.mistake.unwrap()).0, "dilation_rate");
    let output = <Of1 as Layer<Image<5, 5, 1>, With<1, 1, 0, true>>>::OUTPUT;
    assert_eq!(says_of(output.mistake.unwrap()), ("groups", "`groups` must be at least 1".to_owned()));
    let output = <Of1 as Layer<Image<5, 5, 3>, With<1, 1, 3, true>>>::OUTPUT;
    assert_eq!(says_of(output.mistake.unwrap()).1, "8 filters cannot be divided among 3 groups");
    assert_eq!(<Of1 as Layer<Image<5, 5, 1>, With<0, 0, 0, true>>>::NEEDS, Needs::NONE);
}

#[test]
fn sizes_that_no_memory_holds_do_not_overflow() {
    const HUGE: usize = usize::MAX / 2;
    type Far = With<HUGE, HUGE, 1, true>;
    const NEEDS: Needs = <Conv2d<1, 8, 3> as Layer<Image<5, 5, 1>, Far>>::NEEDS;
    assert_eq!(NEEDS.scratch, Floats::once(usize::MAX));
    const MANY: Needs = <Conv2d<HUGE, 8, 3> as Layer<Image<5, 5, HUGE>>>::NEEDS;
    assert_eq!((MANY.multiplications, MANY.backward_scratch), (usize::MAX, Floats::once(usize::MAX)));
    assert!(<Conv2d<1, HUGE, 3> as Layer<Image<5, 5, 1>>>::OUTPUT.shape.checked_length().is_none());
}

#[test]
fn what_is_counted() {
    type Wide = Conv2d<3, 8, 2, Relu, NoBias, 5>;
    assert_eq!((<Conv2d<3, 8, 2> as Parameters>::COUNT, <Wide as Parameters>::COUNT), (104, 240));
    assert_eq!(<Wide as Layer<Image<5, 6, 3>>>::NEEDS.multiplications, 4 * 2 * 240);
    assert_eq!(<Wide as Layer<Image<5, 6, 3>>>::NEEDS.scratch.of(3), 0);
    assert_eq!(<Wide as Layer<[[[f32; 3]; 9]; 9]>>::DETAILS, "kernel 2 × 5, relu, no bias");
}

#[test]
fn options_that_mean_the_same_are_written_alike() {
    let square = changes(ConvolutionOptions::<2>::DEFAULT.strides(2));
    assert_eq!(square, changes(ConvolutionOptions::<2>::DEFAULT.strides_hw((2, 2))));
    assert_eq!(square, "strides=2x2 ");
    let options =
        ConvolutionOptions::DEFAULT.strides_hw((1, 1)).dilation_rate_hw((1, 1)).groups(1).padding(Padding::Valid);
    assert_eq!(changes(options), "");
}

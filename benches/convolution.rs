//! Convolutions of every rank, and depthwise ones, against the same by copying windows (im2col) and `matrixmultiply`.
//!
//! Pin it to one core: `taskset -c 0 cargo bench --bench convolution`; a word behind `--` picks cases.

#[path = "support/products.rs"]
mod products;
mod support;

use std::hint::black_box;

use fusion::kernels::memory::AlignedVec;
use fusion::layer::{Backward, Forward, Layer, TrainLayer};
use fusion::layers::{
    Conv1d, Conv2d, Conv3d, ConvolutionOptions, DepthwiseConv1d, DepthwiseConv2d, DepthwiseConvolutionOptions, Padding,
};
use fusion::shape::{Plain, Tensor, zeroed_box};
use fusion::weights::{Options, OptionsOf, Parameters, Random};
use products::{arrays, assert_near, layer, numbers, product};
use support::{report, side_by_side};

const SAMPLES: usize = 8;

type Line<const LENGTH: usize, const CHANNELS: usize> = [[f32; CHANNELS]; LENGTH];
type Image<const HEIGHT: usize, const WIDTH: usize, const CHANNELS: usize> = [[[f32; CHANNELS]; WIDTH]; HEIGHT];
type Volume<const DEPTH: usize, const HEIGHT: usize, const WIDTH: usize, const CHANNELS: usize> =
    [Image<HEIGHT, WIDTH, CHANNELS>; DEPTH];

/// Strides, and `padding="same"` or "valid".
struct With<const STRIDES: usize, const SAME: bool>;

macro_rules! with {
    ($layer:ident, $options:ident<$rank:literal>, $($sizes:ident),+) => {
        impl<const STRIDES: usize, const SAME: bool, $(const $sizes: usize),+> OptionsOf<$layer<$($sizes),+>>
            for With<STRIDES, SAME>
        {
            const VALUE: $options<$rank> =
                $options::DEFAULT.strides(STRIDES).padding(if SAME { Padding::Same } else { Padding::Valid });
        }
    };
}
with!(Conv1d, ConvolutionOptions<1>, C, F, K);
with!(Conv2d, ConvolutionOptions<2>, C, F, K);
with!(Conv3d, ConvolutionOptions<3>, C, F, K);
with!(DepthwiseConv1d, DepthwiseConvolutionOptions<1>, C, K);
with!(DepthwiseConv2d, DepthwiseConvolutionOptions<2>, C, K);

/// A convolution as one would write it by hand; what has fewer axes has leading ones of 1.
struct ByHand {
    image: [usize; 3],
    channels: usize,
    output: [usize; 3],
    filters: usize,
    kernel: [usize; 3],
    stride: usize,
    before: [usize; 3],
    /// Whether each channel has filters of its own.
    depthwise: bool,
    windows: Vec<f32>,
}

struct Product {
    /// Where its windows, its part of the kernel and its outputs begin.
    begins: [usize; 3],
    /// Terms and columns.
    sizes: (usize, usize),
    /// Of the windows.
    strides: [usize; 2],
}

impl ByHand {
    fn new<In: Tensor, Out: Tensor>(kernel: usize, stride: usize, depthwise: bool) -> Self {
        let rank = In::SHAPE.rank() - 1;
        let axes =
            |shape: &dyn Fn(usize) -> usize| std::array::from_fn(|axis| (axis + rank).checked_sub(3).map_or(1, shape));
        let (image, output): ([usize; 3], [usize; 3]) = (axes(&|i| In::SHAPE.dim(i)), axes(&|i| Out::SHAPE.dim(i)));
        let kernel: [usize; 3] = axes(&|_| kernel);
        // Of padding "same" half comes before; without padding this is 0.
        let before = |axis: usize| ((output[axis] - 1) * stride + kernel[axis]).saturating_sub(image[axis]) / 2;
        let (channels, filters) = (In::SHAPE.last(), Out::SHAPE.last());
        let windows = vec![0.0; output.iter().product::<usize>() * kernel.iter().product::<usize>() * channels];
        let before = [0, 1, 2].map(before);
        Self { image, channels, output, filters, kernel, stride, before, depthwise, windows }
    }

    /// Calls back for each run of numbers of a window: where it stands in the copy and in the image.
    fn for_each_run(&self, mut call: impl FnMut(usize, Option<usize>)) {
        let Self { image, output, kernel, .. } = *self;
        let place = |axis: usize, output: usize, k: usize| {
            (output * self.stride + k).checked_sub(self.before[axis]).filter(|at| *at < image[axis])
        };
        let mut at = 0;
        let positions =
            (0..output[0]).flat_map(|h| (0..output[1]).flat_map(move |i| (0..output[2]).map(move |j| (h, i, j))));
        for (h, i, j) in positions {
            for m in 0..kernel[0] {
                for k in 0..kernel[1] {
                    let row = place(0, h, m).zip(place(1, i, k)).map(|(plane, row)| plane * image[1] + row);
                    for l in 0..kernel[2] {
                        let column = place(2, j, l);
                        call(at, row.zip(column).map(|(row, column)| (row * image[2] + column) * self.channels));
                        at += self.channels;
                    }
                }
            }
        }
    }

    fn copy_windows(&mut self, x: &[f32]) {
        let mut windows = std::mem::take(&mut self.windows);
        let channels = self.channels;
        self.for_each_run(|to, from| match from {
            Some(from) => windows[to..][..channels].copy_from_slice(&x[from..][..channels]),
            None => windows[to..][..channels].fill(0.0),
        });
        self.windows = windows;
    }

    /// Whether the image is its own matrix of windows.
    fn copies(&self) -> bool {
        self.places() > 1 || self.stride > 1
    }

    fn places(&self) -> usize {
        self.kernel.iter().product()
    }

    fn sizes(&self) -> (usize, usize) {
        (self.image.iter().product::<usize>() * self.channels, self.output.iter().product())
    }

    fn products(&self) -> Vec<Product> {
        let (channels, row) = (self.channels, self.places() * self.channels);
        if !self.depthwise {
            return vec![Product { begins: [0; 3], sizes: (row, self.filters), strides: [row, 1] }];
        }
        let each = self.filters / channels;
        let of = |channel: usize| Product {
            begins: [channel, channel * each, channel * each],
            sizes: (self.places(), each),
            strides: [row, channels],
        };
        (0..channels).map(of).collect()
    }

    fn forward(&mut self, x: &[f32], kernel: &[f32], bias: &[f32], y: &mut [f32]) {
        let ((image, positions), filters) = (self.sizes(), self.filters);
        for (x, y) in x.chunks_exact(image).zip(y.chunks_exact_mut(positions * filters)) {
            if self.copies() {
                self.copy_windows(x);
            }
            y.chunks_exact_mut(filters).for_each(|y| y.copy_from_slice(bias));
            let windows = if self.copies() { &self.windows } else { x };
            for Product { begins: [from, of, to], sizes: (terms, columns), strides } in self.products() {
                let kernel = (&kernel[of..], [filters, 1]);
                let y = (&mut y[to..], [filters, 1]);
                product((positions, terms, columns), (&windows[from..], strides), kernel, 1.0, y);
            }
        }
    }

    fn backward(&mut self, x: &[f32], kernel: &[f32], dy: &[f32], gradient: [&mut [f32]; 2], dx: &mut [f32]) {
        let ((image, positions), filters) = (self.sizes(), self.filters);
        let (swapped, [kernel_gradient, bias_gradient]) = (|[a, b]: [usize; 2]| [b, a], gradient);
        dx.fill(0.0);
        let samples = x.chunks_exact(image).zip(dx.chunks_exact_mut(image));
        for ((x, dx), dy) in samples.zip(dy.chunks_exact(positions * filters)) {
            if self.copies() {
                self.copy_windows(x);
            }
            let windows = if self.copies() { &self.windows } else { x };
            for Product { begins: [from, of, to], sizes: (terms, columns), strides } in self.products() {
                let (x, dy) = ((&windows[from..], swapped(strides)), (&dy[to..], [filters, 1]));
                product((terms, positions, columns), x, dy, 1.0, (&mut kernel_gradient[of..], [filters, 1]));
            }
            for dy in dy.chunks_exact(filters) {
                bias_gradient.iter_mut().zip(dy).for_each(|(bias, dy)| *bias += dy);
            }
            let mut windows = if self.copies() { std::mem::take(&mut self.windows) } else { Vec::new() };
            let to = if self.copies() { &mut *windows } else { &mut *dx };
            for Product { begins: [from, of, at], sizes: (terms, columns), strides } in self.products() {
                let (dy, kernel) = ((&dy[at..], [filters, 1]), (&kernel[of..], [1, filters]));
                product((positions, columns, terms), dy, kernel, 0.0, (&mut to[from..], strides));
            }
            if self.copies() {
                self.add_windows(&windows, dx);
                self.windows = windows;
            }
        }
    }

    fn add_windows(&self, windows: &[f32], dx: &mut [f32]) {
        self.for_each_run(|from, to| {
            if let Some(to) = to {
                let windows = &windows[from..][..self.channels];
                dx[to..][..self.channels].iter_mut().zip(windows).for_each(|(dx, window)| *dx += window);
            }
        });
    }
}

fn case<L, O, In, Out>(what: &str, kernel: usize, stride: usize, depthwise: bool)
where
    L: TrainLayer<In, O> + Parameters + Plain,
    O: OptionsOf<L>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    if std::env::args().skip(1).any(|word| !word.starts_with('-') && !what.contains(&word)) {
        return;
    }
    let mut by_hand = ByHand::new::<In, Out>(kernel, stride, depthwise);
    let mut layer = layer::<L>();
    let [kernel, bias] = &arrays(&mut *layer)[..] else { panic!("a kernel and a bias") };
    let (x, dy, random) = (numbers::<In>(SAMPLES, 2), numbers::<Out>(SAMPLES, 3), Random::new(1));
    let needs = <L as Layer<In, O>>::NEEDS;
    let mut scratch = AlignedVec::zeroed(needs.scratch.or(needs.backward_scratch).of(SAMPLES));
    let (mut y, mut other_y) = (vec![Out::ZERO; SAMPLES], vec![Out::ZERO; SAMPLES]);

    let mut ours = || {
        let cx = &mut Forward::new(&mut [], scratch.as_mut_slice()).training(random);
        Layer::<In, O>::forward(&*layer, cx, black_box(&x), &mut y);
    };
    let mut other = || by_hand.forward(In::numbers(black_box(&x)), kernel, bias, Out::numbers_mut(&mut other_y));
    let [ours, other] = side_by_side([&mut ours, &mut other]);
    assert_near(Out::numbers(&y), Out::numbers(&other_y));
    report(&format!("{what}, forward"), SAMPLES as f64, ours, "im2col", other);

    let (mut dx, mut other_dx) = (vec![In::ZERO; SAMPLES], vec![In::ZERO; SAMPLES]);
    let (mut gradient, mut given) = (zeroed_box::<L>(), dy.clone());
    let [mut of_kernel, mut of_bias] = [kernel, bias].map(|array| vec![0.0; array.len()]);
    let mut ours = || {
        let cx = &mut Backward::new(Some(&mut *gradient), &mut [], scratch.as_mut_slice()).training(random);
        TrainLayer::<In, O>::backward(&*layer, cx, black_box(&x), &y, &mut given, Some(&mut dx));
    };
    let mut other = || {
        let (x, dy, dx) = (In::numbers(black_box(&x)), Out::numbers(&dy), In::numbers_mut(&mut other_dx));
        by_hand.backward(x, kernel, dy, [&mut of_kernel, &mut of_bias], dx);
    };
    let [ours, other] = side_by_side([&mut ours, &mut other]);
    assert_near(In::numbers(&dx), In::numbers(&other_dx));
    report(&format!("{what}, backward"), SAMPLES as f64, ours, "im2col", other);
}

/// A case a line: `Conv2d<1, 8, 3>, 28 x 28 x 1` with strides, and whether the borders are padded.
macro_rules! cases {
    ($($name:literal: $layer:ident<$($size:literal),+>, $in:ty => $out:ty, $kernel:literal, $stride:literal, $same:literal;)+) => {
        $({
            let depthwise = stringify!($layer).starts_with("Depthwise");
            case::<$layer<$($size),+>, With<$stride, $same>, $in, $out>($name, $kernel, $stride, depthwise);
        })+
    };
}

fn main() {
    let level = fusion::kernels::level();
    println!("per sample of a batch of {SAMPLES}: minimum / median of 200 rounds, kernels at {level:?}");
    cases! {
        "2d 28 x 28 x 1 to 8": Conv2d<1, 8, 3>, Image<28, 28, 1> => Image<26, 26, 8>, 3, 1, false;
        "2d 28 x 28 x 1 to 32": Conv2d<1, 32, 3>, Image<28, 28, 1> => Image<26, 26, 32>, 3, 1, false;
        "2d 64 x 64 x 3 to 16, same": Conv2d<3, 16, 3>, Image<64, 64, 3> => Image<64, 64, 16>, 3, 1, true;
        "2d 32 x 32 x 16 to 32, same": Conv2d<16, 32, 3>, Image<32, 32, 16> => Image<32, 32, 32>, 3, 1, true;
        "2d 13 x 13 x 32 to 64": Conv2d<32, 64, 3>, Image<13, 13, 32> => Image<11, 11, 64>, 3, 1, false;
        "2d 16 x 16 x 64 to 64, same": Conv2d<64, 64, 3>, Image<16, 16, 64> => Image<16, 16, 64>, 3, 1, true;
        "2d 8 x 8 x 128 to 128, same": Conv2d<128, 128, 3>, Image<8, 8, 128> => Image<8, 8, 128>, 3, 1, true;
        "2d 32 x 32 x 16 to 32, stride 2": Conv2d<16, 32, 3>, Image<32, 32, 16> => Image<16, 16, 32>, 3, 2, true;
        "2d 14 x 14 x 8 to 16, 5 x 5": Conv2d<8, 16, 5>, Image<14, 14, 8> => Image<14, 14, 16>, 5, 1, true;
        "2d 14 x 14 x 64 to 128, 1 x 1": Conv2d<64, 128, 1>, Image<14, 14, 64> => Image<14, 14, 128>, 1, 1, false;
        "2d 28 x 28 x 32 to 1, same": Conv2d<32, 1, 3>, Image<28, 28, 32> => Image<28, 28, 1>, 3, 1, true;
        "2d 32 x 32 x 16 to 3, same": Conv2d<16, 3, 3>, Image<32, 32, 16> => Image<32, 32, 3>, 3, 1, true;
        "1d 128 x 6 to 16": Conv1d<6, 16, 3>, Line<128, 6> => Line<126, 16>, 3, 1, false;
        "1d 128 x 64 to 64, same": Conv1d<64, 64, 3>, Line<128, 64> => Line<128, 64>, 3, 1, true;
        "1d 128 x 128 to 256, 5 wide, same": Conv1d<128, 256, 5>, Line<128, 128> => Line<128, 256>, 5, 1, true;
        "1d 256 x 16 to 32, stride 2": Conv1d<16, 32, 3>, Line<256, 16> => Line<128, 32>, 3, 2, true;
        "3d 16 x 16 x 16 x 1 to 8": Conv3d<1, 8, 3>, Volume<16, 16, 16, 1> => Volume<14, 14, 14, 8>, 3, 1, false;
        "3d 8 x 8 x 8 x 16 to 32, same": Conv3d<16, 32, 3>, Volume<8, 8, 8, 16> => Volume<8, 8, 8, 32>, 3, 1, true;
        "depthwise 1d 128 x 64, same": DepthwiseConv1d<64, 3>, Line<128, 64> => Line<128, 64>, 3, 1, true;
        "depthwise 2d 32 x 32 x 32, same": DepthwiseConv2d<32, 3>, Image<32, 32, 32> => Image<32, 32, 32>, 3, 1, true;
        "depthwise 2d 14 x 14 x 128, same": DepthwiseConv2d<128, 3>, Image<14, 14, 128> => Image<14, 14, 128>, 3, 1, true;
        "depthwise 2d 32 x 32 x 32, stride 2": DepthwiseConv2d<32, 3>, Image<32, 32, 32> => Image<16, 16, 32>, 3, 2, true;
    }
}

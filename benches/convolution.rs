//! `Conv2d` against the same convolution by copying windows (im2col) and `matrixmultiply`.
//!
//! Pin it to one core: `taskset -c 0 cargo bench --bench convolution`.

mod support;

use std::hint::black_box;

use fusion::kernels::memory::AlignedVec;
use fusion::layer::{Backward, Forward, Layer, TrainLayer};
use fusion::layers::{Conv2d, ConvolutionOptions, Padding};
use fusion::shape::{Tensor, zeroed_box};
use fusion::weights::{Options, OptionsOf, Random, walk};
use support::{report, side_by_side};

const SAMPLES: usize = 8;

type Image<const HEIGHT: usize, const WIDTH: usize, const CHANNELS: usize> = [[[f32; CHANNELS]; WIDTH]; HEIGHT];

/// Strides, and `padding="same"` or "valid".
struct With<const STRIDES: usize, const SAME: bool>;
impl<const C: usize, const F: usize, const K: usize, const STRIDES: usize, const SAME: bool> OptionsOf<Conv2d<C, F, K>>
    for With<STRIDES, SAME>
{
    const VALUE: ConvolutionOptions<2> =
        ConvolutionOptions::DEFAULT.strides(STRIDES).padding(if SAME { Padding::Same } else { Padding::Valid });
}

/// A convolution as one would write it by hand.
struct ByHand {
    image: (usize, usize, usize),
    output: (usize, usize, usize),
    kernel: usize,
    stride: usize,
    before: (usize, usize),
    windows: Vec<f32>,
}

impl ByHand {
    /// Calls back for each run of numbers of a window: where it stands in the copy and in the image.
    fn for_each_run(&self, mut call: impl FnMut(usize, Option<usize>)) {
        let (height, width, channels) = self.image;
        let inside = |at: usize, before: usize, limit: usize| at.checked_sub(before).filter(|at| *at < limit);
        let mut at = 0;
        for i in 0..self.output.0 {
            for j in 0..self.output.1 {
                for k in 0..self.kernel {
                    let row = inside(i * self.stride + k, self.before.0, height);
                    for l in 0..self.kernel {
                        let column = inside(j * self.stride + l, self.before.1, width);
                        call(at, row.zip(column).map(|(row, column)| (row * width + column) * channels));
                        at += channels;
                    }
                }
            }
        }
    }

    fn copy_windows(&mut self, x: &[f32]) {
        let mut windows = std::mem::take(&mut self.windows);
        let channels = self.image.2;
        self.for_each_run(|to, from| match from {
            Some(from) => windows[to..][..channels].copy_from_slice(&x[from..][..channels]),
            None => windows[to..][..channels].fill(0.0),
        });
        self.windows = windows;
    }

    /// C = A · B + beta · C, each matrix with its strides.
    fn product(
        (m, k, n): (usize, usize, usize),
        (a, a_strides): (&[f32], (usize, usize)),
        (b, b_strides): (&[f32], (usize, usize)),
        beta: f32,
        c: &mut [f32],
    ) {
        assert!(a.len() >= m * k && b.len() >= k * n && c.len() >= m * n);
        // SAFETY: the strides of all callers walk through m · k, k · n and m · n numbers.
        unsafe {
            matrixmultiply::sgemm(
                m,
                k,
                n,
                1.0,
                a.as_ptr(),
                a_strides.0 as isize,
                a_strides.1 as isize,
                b.as_ptr(),
                b_strides.0 as isize,
                b_strides.1 as isize,
                beta,
                c.as_mut_ptr(),
                n as isize,
                1,
            );
        }
    }

    /// Whether the image is its own matrix of windows.
    fn copies(&self) -> bool {
        self.kernel > 1 || self.stride > 1
    }

    fn sizes(&self) -> (usize, usize, usize) {
        (self.output.0 * self.output.1, self.kernel * self.kernel * self.image.2, self.output.2)
    }

    fn forward(&mut self, x: &[f32], kernel: &[f32], bias: &[f32], y: &mut [f32]) {
        let (positions, depth, filters) = self.sizes();
        let image = self.image.0 * self.image.1 * self.image.2;
        for (x, y) in x.chunks_exact(image).zip(y.chunks_exact_mut(positions * filters)) {
            if self.copies() {
                self.copy_windows(x);
            }
            y.chunks_exact_mut(filters).for_each(|y| y.copy_from_slice(bias));
            let windows = if self.copies() { &self.windows } else { x };
            Self::product((positions, depth, filters), (windows, (depth, 1)), (kernel, (filters, 1)), 1.0, y);
        }
    }

    fn backward(&mut self, x: &[f32], kernel: &[f32], dy: &[f32], gradient: (&mut [f32], &mut [f32]), dx: &mut [f32]) {
        let (positions, depth, filters) = self.sizes();
        let image = self.image.0 * self.image.1 * self.image.2;
        dx.fill(0.0);
        for ((x, dx), dy) in
            x.chunks_exact(image).zip(dx.chunks_exact_mut(image)).zip(dy.chunks_exact(positions * filters))
        {
            if self.copies() {
                self.copy_windows(x);
            }
            let windows = if self.copies() { &self.windows } else { x };
            Self::product((depth, positions, filters), (windows, (1, depth)), (dy, (filters, 1)), 1.0, gradient.0);
            for dy in dy.chunks_exact(filters) {
                gradient.1.iter_mut().zip(dy).for_each(|(bias, dy)| *bias += dy);
            }
            let kernel = (kernel, (1, filters));
            if !self.copies() {
                Self::product((positions, filters, depth), (dy, (filters, 1)), kernel, 0.0, dx);
                continue;
            }
            Self::product((positions, filters, depth), (dy, (filters, 1)), kernel, 0.0, &mut self.windows);
            let channels = self.image.2;
            self.for_each_run(|from, to| {
                if let Some(to) = to {
                    let windows = &self.windows[from..][..channels];
                    dx[to..][..channels].iter_mut().zip(windows).for_each(|(dx, window)| *dx += window);
                }
            });
        }
    }
}

fn numbers<T: Tensor<Element = f32>>(samples: usize, seed: u64) -> Vec<T> {
    let mut rows = vec![T::ZERO; samples];
    let random = Random::new(seed);
    T::numbers_mut(&mut rows).iter_mut().zip(0..).for_each(|(x, index)| *x = random.uniform(index) - 0.5);
    rows
}

fn assert_near(ours: &[f32], other: &[f32]) {
    let scale = other.iter().fold(1.0_f32, |most, x| most.max(x.abs()));
    let worst = ours.iter().zip(other).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
    assert!(worst <= 1e-4 * scale, "both compute one convolution: {worst}");
}

fn case<const C: usize, const F: usize, const K: usize, O, In, Out>(what: &str)
where
    O: OptionsOf<Conv2d<C, F, K>>,
    Conv2d<C, F, K>: TrainLayer<In, O>,
    In: Tensor<Element = f32>,
    Out: Tensor<Element = f32>,
{
    let mut layer = zeroed_box::<Conv2d<C, F, K>>();
    let random = Random::new(1);
    walk([&mut *layer], &mut |_, [values]| {
        values.iter_mut().zip(0..).for_each(|(value, index)| *value = random.uniform(index) - 0.5);
    });
    let (x, dy) = (numbers::<In>(SAMPLES, 2), numbers::<Out>(SAMPLES, 3));
    let [height, width] = [0, 1].map(|axis| In::SHAPE.dim(axis));
    let [rows, columns] = [0, 1].map(|axis| Out::SHAPE.dim(axis));
    let stride = if rows == height || rows + K == height + 1 { 1 } else { 2 };
    let before = |input: usize, output: usize| ((output - 1) * stride + K).saturating_sub(input) / 2;
    let mut by_hand = ByHand {
        image: (height, width, C),
        output: (rows, columns, F),
        kernel: K,
        stride,
        before: (before(height, rows), before(width, columns)),
        windows: vec![0.0; rows * columns * K * K * C],
    };
    let needs = <Conv2d<C, F, K> as Layer<In, O>>::NEEDS;
    let mut scratch = AlignedVec::zeroed(needs.scratch.or(needs.backward_scratch).of(SAMPLES));
    let (mut y, mut other_y) = (vec![Out::ZERO; SAMPLES], vec![Out::ZERO; SAMPLES]);
    let kernel = layer.kernel.as_flattened().as_flattened().as_flattened();

    let mut ours = || {
        let cx = &mut Forward::new(&mut [], scratch.as_mut_slice()).training(random);
        Layer::<In, O>::forward(&*layer, cx, black_box(&x), &mut y);
    };
    let mut other = || by_hand.forward(In::numbers(black_box(&x)), kernel, &layer.bias, Out::numbers_mut(&mut other_y));
    let [ours, other] = side_by_side([&mut ours, &mut other]);
    assert_near(Out::numbers(&y), Out::numbers(&other_y));
    report(&format!("{what}, forward"), SAMPLES as f64, ours, "im2col", other);

    let (mut dx, mut other_dx) = (vec![In::ZERO; SAMPLES], vec![In::ZERO; SAMPLES]);
    let mut gradient = zeroed_box::<Conv2d<C, F, K>>();
    let mut other_gradient = zeroed_box::<Conv2d<C, F, K>>();
    let mut given = dy.clone();
    let mut ours = || {
        let cx = &mut Backward::new(Some(&mut *gradient), &mut [], scratch.as_mut_slice()).training(random);
        TrainLayer::<In, O>::backward(&*layer, cx, black_box(&x), &y, &mut given, Some(&mut dx));
    };
    let mut other = || {
        let Conv2d { kernel: other_kernel, bias, .. } = &mut *other_gradient;
        let other_kernel = other_kernel.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        let dx = In::numbers_mut(&mut other_dx);
        by_hand.backward(In::numbers(black_box(&x)), kernel, Out::numbers(&dy), (other_kernel, bias), dx);
    };
    let [ours, other] = side_by_side([&mut ours, &mut other]);
    assert_near(In::numbers(&dx), In::numbers(&other_dx));
    report(&format!("{what}, backward"), SAMPLES as f64, ours, "im2col", other);
}

fn main() {
    println!(
        "per image of a batch of {SAMPLES}: minimum / median of 200 rounds, kernels at {:?}",
        fusion::kernels::level()
    );
    case::<1, 8, 3, With<1, false>, Image<28, 28, 1>, Image<26, 26, 8>>("28 x 28 x 1 to 8");
    case::<1, 32, 3, With<1, false>, Image<28, 28, 1>, Image<26, 26, 32>>("28 x 28 x 1 to 32");
    case::<3, 16, 3, With<1, true>, Image<64, 64, 3>, Image<64, 64, 16>>("64 x 64 x 3 to 16, same");
    case::<16, 32, 3, With<1, true>, Image<32, 32, 16>, Image<32, 32, 32>>("32 x 32 x 16 to 32, same");
    case::<32, 64, 3, With<1, false>, Image<13, 13, 32>, Image<11, 11, 64>>("13 x 13 x 32 to 64");
    case::<64, 64, 3, With<1, true>, Image<16, 16, 64>, Image<16, 16, 64>>("16 x 16 x 64 to 64, same");
    case::<128, 128, 3, With<1, true>, Image<8, 8, 128>, Image<8, 8, 128>>("8 x 8 x 128 to 128, same");
    case::<16, 32, 3, With<2, true>, Image<32, 32, 16>, Image<16, 16, 32>>("32 x 32 x 16 to 32, stride 2");
    case::<8, 16, 5, With<1, true>, Image<14, 14, 8>, Image<14, 14, 16>>("14 x 14 x 8 to 16, 5 x 5");
    case::<64, 128, 1, With<1, false>, Image<14, 14, 64>, Image<14, 14, 128>>("14 x 14 x 64 to 128, 1 x 1");
    case::<32, 1, 3, With<1, true>, Image<28, 28, 32>, Image<28, 28, 1>>("28 x 28 x 32 to 1, same");
    case::<16, 3, 3, With<1, true>, Image<32, 32, 16>, Image<32, 32, 3>>("32 x 32 x 16 to 3, same");
}

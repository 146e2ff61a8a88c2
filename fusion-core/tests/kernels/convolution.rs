//! Convolution and max pooling.

use super::{at_every_level, numbers};
use fusion_core::kernels::*;

fn assert_near(what: &str, found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs();
        assert!(error <= 2e-5 * expected.abs().max(1.0), "{what}: {found} at {at}, but the formula gives {expected}");
    }
}

/// Windows along an axis, with so many places of padding on either side.
pub(super) fn axis(input: usize, window: usize, stride: usize, dilation: usize, padding: (usize, usize)) -> Axis {
    let span = (window - 1) * dilation + 1;
    let output = (input + padding.0 + padding.1 - span) / stride + 1;
    Axis { input, output, window, stride, dilation, before: padding.0 }
}

/// Calls back with (input, output, kernel) for each product of a convolution, by their places.
fn for_each_product(sizes: &Convolution, mut call: impl FnMut(usize, usize, usize)) {
    let Convolution { depth, height, width, channels, filters, groups } = *sizes;
    let place = |axis: &Axis, output: usize, tap: usize| {
        (output * axis.stride + tap * axis.dilation).checked_sub(axis.before).filter(|at| *at < axis.input)
    };
    let cut = |at: usize, height: usize, width: usize| (at / width / height, at / width % height, at % width);
    for output in 0..depth.output * height.output * width.output {
        let (h, i, j) = cut(output, height.output, width.output);
        for tap in 0..depth.window * height.window * width.window {
            let (m, k, l) = cut(tap, height.window, width.window);
            let (Some(plane), Some(row), Some(column)) =
                (place(&depth, h, m), place(&height, i, k), place(&width, j, l))
            else {
                continue;
            };
            let input = (plane * height.input + row) * width.input + column;
            for (c, f) in (0..channels * filters).map(|at| (at / filters, at % filters)) {
                let channel = f / (filters / groups) * channels + c;
                let from = input * channels * groups + channel;
                call(from, output * filters + f, (tap * channels + c) * filters + f);
            }
        }
    }
}

/// Numbers for a convolution of two samples, and what the formula makes of them.
struct Case {
    x: Vec<f32>,
    kernel: Vec<f32>,
    bias: Vec<f32>,
    dy: Vec<f32>,
    /// The output with the bias; the gradients of the input and, on top of 1, of the kernel.
    expected: [Vec<f64>; 3],
}

impl Case {
    fn of(sizes: &Convolution) -> Self {
        const SAMPLES: usize = 2;
        let (x, kernel) = (numbers(1, SAMPLES * sizes.input()), numbers(2, sizes.kernel()));
        let (bias, dy) = (numbers(3, sizes.filters), numbers(4, SAMPLES * sizes.output()));
        let mut y: Vec<f64> = (0..dy.len()).map(|at| f64::from(bias[at % sizes.filters])).collect();
        let (mut dx, mut gradient) = (vec![0.0; x.len()], vec![1.0; kernel.len()]);
        for sample in 0..SAMPLES {
            for_each_product(sizes, |input, output, tap| {
                let (input, output) = (sample * sizes.input() + input, sample * sizes.output() + output);
                let (x_here, dy_here, weight) = (f64::from(x[input]), f64::from(dy[output]), f64::from(kernel[tap]));
                y[output] += x_here * weight;
                dx[input] += dy_here * weight;
                gradient[tap] += x_here * dy_here;
            });
        }
        Self { x, kernel, bias, dy, expected: [y, dx, gradient] }
    }
}

pub(super) fn check(what: &str, sizes: &Convolution) {
    let Case { x, kernel, bias, dy, expected: [y, mut dx, gradient] } = Case::of(sizes);
    let input_bias = numbers(5, sizes.channels * sizes.groups);
    dx.iter_mut().zip(input_bias.iter().cycle()).for_each(|(dx, bias)| *dx += f64::from(*bias));

    let scratch = || vec![f32::NAN; sizes.kernel_gradient_scratch().max(sizes.gradient_scratch())];
    let mut found = vec![f32::NAN; y.len()];
    convolve(sizes, &x, &kernel, Some(&bias), &mut found, &mut scratch(), false);
    assert_near(&format!("{what}, forward"), &found, &y);
    let rectified: Vec<f64> = y.iter().map(|y| y.max(0.0)).collect();
    convolve(sizes, &x, &kernel, Some(&bias), &mut found, &mut scratch(), true);
    assert_near(&format!("{what}, rectified"), &found, &rectified);

    let mut found = vec![f32::NAN; x.len()];
    convolution_input_gradient(sizes, &dy, &kernel, Some(&input_bias), &mut found, &mut scratch(), false);
    assert_near(&format!("{what}, input's gradient"), &found, &dx);

    let mut found = vec![1.0; kernel.len()];
    add_convolution_kernel_gradient(sizes, &x, &dy, &mut found, &mut scratch());
    assert_near(&format!("{what}, kernel's gradient"), &found, &gradient);
}

#[test]
fn depthwise_convolutions_of_all_widths() {
    at_every_level(|level| {
        let short = axis(4, 2, 1, 1, (0, 1));
        for depth in [Axis::ONE, short] {
            for (channels, of_each) in [(1, 1), (1, 3), (3, 1), (3, 4), (16, 1), (17, 2), (37, 1), (70, 1)] {
                for (height, width) in
                    [(axis(5, 3, 2, 1, (1, 1)), axis(6, 2, 1, 2, (0, 0))), (short, axis(5, 5, 3, 1, (0, 0)))]
                {
                    let (filters, groups) = (channels * of_each, channels);
                    let sizes = Convolution { depth, height, width, channels: 1, filters, groups };
                    check_depthwise(&format!("{level:?}, {channels} channels, {of_each} filters of each"), &sizes);
                }
            }
        }
    });
}

fn check_depthwise(what: &str, sizes: &Convolution) {
    let Case { x, kernel, bias, dy, expected: [y, dx, gradient] } = Case::of(sizes);
    let scratch = || vec![f32::NAN; sizes.scratch().max(sizes.depthwise_gradient_scratch())];
    let mut found = vec![f32::NAN; y.len()];
    depthwise_convolve(sizes, &x, &kernel, Some(&bias), &mut found, &mut scratch());
    assert_near(&format!("{what}, forward"), &found, &y);
    let (mut found_dx, mut found) = (vec![f32::NAN; x.len()], vec![1.0; kernel.len()]);
    depthwise_convolution_gradient(sizes, &x, &kernel, &dy, Some(&mut found), Some(&mut found_dx), &mut scratch());
    assert_near(&format!("{what}, input's gradient"), &found_dx, &dx);
    assert_near(&format!("{what}, kernel's gradient"), &found, &gradient);
}

#[test]
fn convolutions_of_all_widths() {
    at_every_level(|level| {
        for (channels, filters) in [(1, 1), (1, 8), (2, 17), (3, 33), (5, 16), (17, 5), (70, 1), (1, 70), (20, 52)] {
            let (height, width) = (axis(5, 3, 1, 1, (1, 1)), axis(17, 3, 1, 1, (1, 1)));
            let sizes = Convolution { depth: Axis::ONE, height, width, channels, filters, groups: 1 };
            check(&format!("{level:?}, {channels} to {filters}"), &sizes);
        }
    });
}

#[test]
fn convolutions_of_all_windows() {
    at_every_level(|level| {
        for (input, window, stride, dilation, padding) in [
            (1, 1, 1, 1, (0, 0)),
            (1, 3, 1, 1, (1, 1)),
            (2, 5, 4, 1, (1, 2)),
            (7, 2, 3, 1, (0, 0)),
            (9, 1, 4, 1, (0, 0)),
            (9, 3, 2, 4, (3, 4)),
            (12, 3, 4, 2, (0, 0)),
            (11, 4, 6, 4, (1, 5)),
        ] {
            for groups in [1, 3] {
                let height = axis(input, window, stride, dilation, padding);
                let width = axis(17, 2, 1, 2, (1, 1));
                let sizes = Convolution { depth: Axis::ONE, height, width, channels: 2, filters: 6, groups };
                check(&format!("{level:?}, {height:?}, {groups} groups"), &sizes);
                let sizes = Convolution { height: width, width: height, ..sizes };
                check(&format!("{level:?}, {height:?} along the width, {groups} groups"), &sizes);
                let (height, width) = (axis(4, 2, 1, 1, (0, 1)), axis(5, 3, 2, 1, (1, 1)));
                let sizes = Convolution { depth: sizes.width, height, width, ..sizes };
                check(&format!("{level:?}, {:?} along the depth, {groups} groups", sizes.depth), &sizes);
            }
        }
    });
}

/// The places of a window along a side.
fn inside(windows: &Windows, place: usize) -> Vec<usize> {
    match *windows {
        Windows::Even(axis) => (0..axis.window)
            .filter_map(|tap| (place * axis.stride + tap).checked_sub(axis.before).filter(|at| *at < axis.input))
            .collect(),
        Windows::Adaptive { input, output } => {
            (0..input).filter(|at| (at + 1) * output > place * input && at * output < (place + 1) * input).collect()
        }
    }
}

fn check_pooling(level: &str, sizes: &Pooling) {
    let [inputs, outputs] =
        [sizes.sides.map(|side| side.input()), sizes.sides.map(|side| side.output())].map(|sides| {
            let places: usize = sides.iter().product();
            places * sizes.channels
        });
    // Few different numbers, so that there are equal ones.
    let x: Vec<f32> = numbers(6, 2 * inputs).iter().map(|x| (4.0 * x).round()).collect();
    let dy = numbers(7, 2 * outputs);
    let [_, height, width] = sizes.sides;
    let (mut largest, mut means) = (vec![], vec![]);
    let (mut of_largest, mut of_means) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    for (at, dy) in dy.iter().enumerate() {
        let (channel, place) = (at % sizes.channels, at % outputs / sizes.channels);
        let of_each = [
            place / width.output() / height.output(),
            place / width.output() % height.output(),
            place % width.output(),
        ];
        let [planes, rows, columns] = [0, 1, 2].map(|side| inside(&sizes.sides[side], of_each[side]));
        let rows = planes.iter().flat_map(|plane| rows.iter().map(move |row| plane * height.input() + row));
        let places = rows.flat_map(|row| columns.iter().map(move |column| row * width.input() + column));
        let places: Vec<usize> = places.map(|place| at / outputs * inputs + place * sizes.channels + channel).collect();
        let first = places.iter().copied().reduce(|most, place| if x[place] > x[most] { place } else { most }).unwrap();
        largest.push(f64::from(x[first]));
        of_largest[first] += f64::from(*dy);
        means.push(places.iter().map(|place| f64::from(x[*place])).sum::<f64>() / places.len() as f64);
        places.iter().for_each(|place| of_means[*place] += f64::from(*dy) / places.len() as f64);
    }
    let (mut y, mut dx) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()]);
    max_pooling(sizes, &x, &mut y);
    assert_near(&format!("{level}, the largest of {sizes:?}"), &y, &largest);
    max_pooling_gradient(sizes, &x, &y, &dy, &mut dx);
    assert_near(&format!("{level}, the largest of {sizes:?}, gradient"), &dx, &of_largest);
    average_pooling(sizes, &x, &mut y);
    assert_near(&format!("{level}, the mean of {sizes:?}"), &y, &means);
    average_pooling_gradient(sizes, &dy, &mut dx);
    assert_near(&format!("{level}, the mean of {sizes:?}, gradient"), &dx, &of_means);
}

#[test]
fn pooling_of_all_widths() {
    let (height, width) = (Windows::Even(axis(7, 3, 2, 1, (1, 1))), Windows::Even(axis(6, 2, 1, 1, (0, 1))));
    at_every_level(|level| {
        let level = format!("{level:?}");
        for channels in [1, 3, 4, 7, 16, 21, 37] {
            check_pooling(&level, &Pooling { sides: [Windows::ONE, height, width], channels });
        }
        for (input, output) in [(1, 1), (7, 3), (6, 3), (3, 5), (9, 1)] {
            let adaptive = Windows::Adaptive { input, output };
            check_pooling(&level, &Pooling { sides: [height, adaptive, width], channels: 5 });
            check_pooling(&level, &Pooling { sides: [Windows::ONE, Windows::ONE, adaptive], channels: 17 });
        }
    });
}

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

/// Calls back with (image, output, kernel) for each product of a convolution, by their places.
fn for_each_product(sizes: &Convolution, mut call: impl FnMut(usize, usize, usize)) {
    let Convolution { height, width, channels, filters, groups } = *sizes;
    let place = |axis: &Axis, output: usize, tap: usize| {
        (output * axis.stride + tap * axis.dilation).checked_sub(axis.before).filter(|at| *at < axis.input)
    };
    for (i, j) in (0..height.output * width.output).map(|at| (at / width.output, at % width.output)) {
        for (k, l) in (0..height.window * width.window).map(|at| (at / width.window, at % width.window)) {
            let (Some(row), Some(column)) = (place(&height, i, k), place(&width, j, l)) else { continue };
            for (c, f) in (0..channels * filters).map(|at| (at / filters, at % filters)) {
                let channel = f / (filters / groups) * channels + c;
                call(
                    (row * width.input + column) * channels * groups + channel,
                    (i * width.output + j) * filters + f,
                    ((k * width.window + l) * channels + c) * filters + f,
                );
            }
        }
    }
}

pub(super) fn check(what: &str, sizes: &Convolution) {
    const SAMPLES: usize = 2;
    let (x, kernel) = (numbers(1, SAMPLES * sizes.image()), numbers(2, sizes.kernel()));
    let (bias, dy) = (numbers(3, sizes.filters), numbers(4, SAMPLES * sizes.output()));
    let image_bias = numbers(5, sizes.channels * sizes.groups);
    let mut y: Vec<f64> = (0..dy.len()).map(|at| f64::from(bias[at % sizes.filters])).collect();
    let mut dx: Vec<f64> = (0..x.len()).map(|at| f64::from(image_bias[at % image_bias.len()])).collect();
    let mut gradient = vec![1.0; kernel.len()];
    for sample in 0..SAMPLES {
        for_each_product(sizes, |image, output, tap| {
            let (image, output) = (sample * sizes.image() + image, sample * sizes.output() + output);
            let (x_here, dy_here, weight) = (f64::from(x[image]), f64::from(dy[output]), f64::from(kernel[tap]));
            y[output] += x_here * weight;
            dx[image] += dy_here * weight;
            gradient[tap] += x_here * dy_here;
        });
    }

    let scratch = || vec![f32::NAN; sizes.kernel_gradient_scratch().max(sizes.gradient_scratch())];
    let mut found = vec![f32::NAN; y.len()];
    convolve(sizes, &x, &kernel, Some(&bias), &mut found, &mut scratch(), false);
    assert_near(&format!("{what}, forward"), &found, &y);
    let rectified: Vec<f64> = y.iter().map(|y| y.max(0.0)).collect();
    convolve(sizes, &x, &kernel, Some(&bias), &mut found, &mut scratch(), true);
    assert_near(&format!("{what}, rectified"), &found, &rectified);

    let mut found = vec![f32::NAN; x.len()];
    convolution_input_gradient(sizes, &dy, &kernel, Some(&image_bias), &mut found, &mut scratch(), false);
    assert_near(&format!("{what}, input's gradient"), &found, &dx);

    let mut found = vec![1.0; kernel.len()];
    add_convolution_kernel_gradient(sizes, &x, &dy, &mut found, &mut scratch());
    assert_near(&format!("{what}, kernel's gradient"), &found, &gradient);
}

#[test]
fn convolutions_of_all_widths() {
    at_every_level(|level| {
        for (channels, filters) in [(1, 1), (1, 8), (2, 17), (3, 33), (5, 16), (17, 5), (70, 1), (1, 70), (20, 52)] {
            let (height, width) = (axis(5, 3, 1, 1, (1, 1)), axis(17, 3, 1, 1, (1, 1)));
            let sizes = Convolution { height, width, channels, filters, groups: 1 };
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
                let sizes = Convolution { height, width, channels: 2, filters: 6, groups };
                check(&format!("{level:?}, {height:?}, {groups} groups"), &sizes);
                let sizes = Convolution { height: width, width: height, ..sizes };
                check(&format!("{level:?}, {height:?} along the width, {groups} groups"), &sizes);
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

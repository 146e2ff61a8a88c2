//! One step of all samples, apart from the products.
//!
//! A sample's gates lie one after the other, i, f, g, o, each of so many units.

use crate::kernels::vectorize;

/// From what is in the gates, through their activations, to the next cell and output. `cell` comes with the last
/// step's.
pub(super) fn forward(units: usize, gates: &mut [f32], cell: &mut [f32], tanh_of_cell: &mut [f32], h: &mut [f32]) {
    vectorize(
        #[inline(always)]
        || {
            for (gates, cell) in gates.chunks_exact_mut(4 * units).zip(cell.chunks_exact_mut(units)) {
                next_cell(units, gates, cell);
            }
            // Apart from the gates, as each would wait for its cell.
            for (tanh_of_cell, cell) in tanh_of_cell.iter_mut().zip(&*cell) {
                let Ratio { numerator, denominator } = tanh_as_ratio(*cell);
                *tanh_of_cell = numerator / denominator;
            }
            let samples = gates.chunks_exact(4 * units).zip(tanh_of_cell.chunks_exact(units));
            for ((gates, tanh_of_cell), h) in samples.zip(h.chunks_exact_mut(units)) {
                next_output(&gates[3 * units..], tanh_of_cell, h);
            }
        },
    );
}

#[inline(always)]
fn next_output(o: &[f32], tanh_of_cell: &[f32], h: &mut [f32]) {
    h.iter_mut().zip(o).zip(tanh_of_cell).for_each(|((h, o), tanh_of_cell)| *h = o * tanh_of_cell);
}

/// The gates and the next cell of a sample.
#[inline(always)]
fn next_cell(units: usize, gates: &mut [f32], cell: &mut [f32]) {
    let (i, rest) = gates.split_at_mut(units);
    let (f, rest) = rest.split_at_mut(units);
    let (g, o) = rest.split_at_mut(units);
    let mut sample = [i, f, g, o, cell];
    // The sizes of vectors. The longest first, and each goes on where the last one ended.
    let mut done = blocks::<16>(&mut sample, 0);
    done = blocks::<8>(&mut sample, done);
    done = blocks::<4>(&mut sample, done);
    blocks::<1>(&mut sample, done);
}

/// As many whole blocks of units as there are from `start` on.
#[inline(always)]
fn blocks<const N: usize>(sample: &mut [&mut [f32]; 5], mut start: usize) -> usize {
    let [i, f, g, o, cell] = sample;
    while start + N <= i.len() {
        block::<N>(part(i, start), part(f, start), part(g, start), part(o, start), part(cell, start));
        start += N;
    }
    start
}

#[inline(always)]
fn part<const N: usize>(values: &mut [f32], start: usize) -> &mut [f32; N] {
    values[start..].first_chunk_mut().expect("a whole block")
}

/// A function of its own, because the compiler knows of arguments that they do not overlap.
#[inline(always)]
fn block<const N: usize>(i: &mut [f32; N], f: &mut [f32; N], g: &mut [f32; N], o: &mut [f32; N], cell: &mut [f32; N]) {
    for u in 0..N {
        [i[u], f[u], g[u], o[u]] = activated([i[u], f[u], g[u], o[u]]);
        cell[u] = f[u] * cell[u] + i[u] * g[u];
    }
}

/// The gates, from what their activations are applied to.
#[inline(always)]
fn activated([i, f, g, o]: [f32; 4]) -> [f32; 4] {
    // sigmoid(z) = ½ + ½ tanh(½ z)
    let (i, f) = (tanh_as_ratio(0.5 * i), tanh_as_ratio(0.5 * f));
    let (g, o) = (tanh_as_ratio(g), tanh_as_ratio(0.5 * o));
    // One division for all four, as divisions take the longest: 1 / a is b · c · d / (a · b · c · d). The
    // denominators are between 0.004 and 1, so that nothing is too small.
    let (i_and_f, g_and_o) = (i.denominator * f.denominator, g.denominator * o.denominator);
    let inverse = 1.0 / (i_and_f * g_and_o);
    let (of_i_and_f, of_g_and_o) = (inverse * g_and_o, inverse * i_and_f);
    [
        0.5 + 0.5 * i.numerator * (of_i_and_f * f.denominator),
        0.5 + 0.5 * f.numerator * (of_i_and_f * i.denominator),
        g.numerator * (of_g_and_o * o.denominator),
        0.5 + 0.5 * o.numerator * (of_g_and_o * g.denominator),
    ]
}

struct Ratio {
    numerator: f32,
    denominator: f32,
}

/// tanh x as a quotient of polynomials, which is what TensorFlow computes (`generic_fast_tanh_float` of Eigen): its
/// error is about 1e-7 of the result. A NaN stays one, and is only in the numerator.
#[inline(always)]
#[expect(clippy::excessive_precision, reason = "the digits are the source's")]
fn tanh_as_ratio(x: f32) -> Ratio {
    // Beyond this the result is 1.
    const LIMIT: f32 = 7.998_811_7;
    let x = if x > LIMIT { LIMIT } else { x };
    let x = if x < -LIMIT { -LIMIT } else { x };
    let square = x * x;
    let square = if square < LIMIT * LIMIT { square } else { LIMIT * LIMIT };
    let mut numerator = -2.760_768_477_423_55e-16;
    numerator = numerator * square + 2.000_187_904_824_77e-13;
    numerator = numerator * square - 8.604_671_522_137_35e-11;
    numerator = numerator * square + 5.122_297_090_371_14e-8;
    numerator = numerator * square + 1.485_722_357_179_79e-5;
    numerator = numerator * square + 6.372_619_288_754_36e-4;
    numerator = numerator * square + 4.893_524_558_917_86e-3;
    let mut denominator = 1.198_258_394_667_02e-6;
    denominator = denominator * square + 1.185_347_056_866_54e-4;
    denominator = denominator * square + 2.268_434_632_439e-3;
    denominator = denominator * square + 4.893_525_185_543_85e-3;
    Ratio { numerator: x * numerator, denominator }
}

/// What a step kept.
pub(super) struct Kept<'a> {
    /// The gates, which leave as the gradients of what their activations are applied to.
    pub(super) gates: &'a mut [f32],
    /// The cell before the step.
    pub(super) last_cell: &'a [f32],
    /// tanh of the cell after it.
    pub(super) tanh_of_cell: &'a [f32],
}

/// The way back of [`forward`], from the gradients of the output and of the next step's cell; the latter leaves as
/// that of the last step's cell.
pub(super) fn backward(units: usize, kept: Kept<'_>, dh: &[f32], dcell: &mut [f32]) {
    let Kept { gates, last_cell, tanh_of_cell } = kept;
    vectorize(
        #[inline(always)]
        || {
            let cells = last_cell.chunks_exact(units).zip(tanh_of_cell.chunks_exact(units));
            let gradients = dh.chunks_exact(units).zip(dcell.chunks_exact_mut(units));
            for ((gates, cells), gradients) in gates.chunks_exact_mut(4 * units).zip(cells).zip(gradients) {
                sample_backward(units, gates, cells, gradients);
            }
        },
    );
}

#[inline(always)]
fn sample_backward(
    units: usize,
    gates: &mut [f32],
    (last_cell, tanh_of_cell): (&[f32], &[f32]),
    (dh, dcell): (&[f32], &mut [f32]),
) {
    let (i, rest) = gates.split_at_mut(units);
    let (f, rest) = rest.split_at_mut(units);
    let (g, o) = rest.split_at_mut(units);
    let (i, f, g, o) = (&mut i[..units], &mut f[..units], &mut g[..units], &mut o[..units]);
    let (last_cell, tanh_of_cell) = (&last_cell[..units], &tanh_of_cell[..units]);
    let (dh, dcell) = (&dh[..units], &mut dcell[..units]);
    for u in 0..units {
        let (input, forget, new, output) = (i[u], f[u], g[u], o[u]);
        let dc = dcell[u] + dh[u] * output * (1.0 - tanh_of_cell[u] * tanh_of_cell[u]);
        i[u] = dc * new * input * (1.0 - input);
        f[u] = dc * last_cell[u] * forget * (1.0 - forget);
        g[u] = dc * input * (1.0 - new * new);
        o[u] = dh[u] * tanh_of_cell[u] * output * (1.0 - output);
        dcell[u] = dc * forget;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_hyperbolic_tangent() {
        for index in -80_000..=80_000 {
            let x = index as f32 / 5_000.0;
            let Ratio { numerator, denominator } = tanh_as_ratio(x);
            let (found, exact) = (f64::from(numerator / denominator), libm::tanh(f64::from(x)));
            assert!((found - exact).abs() <= 6e-7 * exact.abs(), "tanh {x} is {exact}, not {found}");
            assert!((0.004..1.0).contains(&denominator));
        }
    }

    #[test]
    fn a_nan_stays_in_its_unit_and_large_numbers_are_limits() {
        let mut gates = [0.0, f32::NAN, f32::INFINITY, 1e30, -1e30, f32::NEG_INFINITY, 2.0, 2.0, 2.0, 9.0, 9.0, 9.0];
        let (mut cell, mut tanh_of_cell, mut h) = ([0.5; 3], [0.0; 3], [0.0; 3]);
        forward(3, &mut gates, &mut cell, &mut tanh_of_cell, &mut h);
        let near =
            |found: f32, expected: f64| assert!((f64::from(found) - expected).abs() < 1e-6, "{found} {expected}");
        near(cell[0], 0.5 + 0.5 * libm::tanh(2.0));
        assert!(cell[1].is_nan() && h[1].is_nan());
        near(cell[2], libm::tanh(2.0));
        near(h[2], libm::tanh(libm::tanh(2.0)) / (1.0 + libm::exp(-9.0)));
    }
}

//! Products by `matrixmultiply`, the yardstick, and layers to measure beside them.

use fusion::shape::{Plain, Tensor, zeroed_box};
use fusion::weights::{Parameters, Random, walk};

/// C = A · B + beta · C for so many rows, terms and columns, each matrix with the strides of its rows and columns.
pub fn product(
    (rows, terms, columns): (usize, usize, usize),
    (a, a_strides): (&[f32], [usize; 2]),
    (b, b_strides): (&[f32], [usize; 2]),
    beta: f32,
    (c, c_strides): (&mut [f32], [usize; 2]),
) {
    let reach = |rows: usize, columns: usize, strides: [usize; 2]| (rows - 1) * strides[0] + (columns - 1) * strides[1];
    assert!(reach(rows, terms, a_strides) < a.len() && reach(terms, columns, b_strides) < b.len());
    assert!(reach(rows, columns, c_strides) < c.len());
    let [a_strides, b_strides, c_strides] =
        [a_strides, b_strides, c_strides].map(|strides| strides.map(|by| by as isize));
    // SAFETY: the last number of each matrix was seen to lie in its slice, and no two of C's are one.
    unsafe {
        matrixmultiply::sgemm(
            rows,
            terms,
            columns,
            1.0,
            a.as_ptr(),
            a_strides[0],
            a_strides[1],
            b.as_ptr(),
            b_strides[0],
            b_strides[1],
            beta,
            c.as_mut_ptr(),
            c_strides[0],
            c_strides[1],
        );
    }
}

/// A layer with weights between −0.125 and 0.125, so small that recurrent layers do not blow up what rounding leaves.
pub fn layer<L: Parameters + Plain>() -> Box<L> {
    let mut layer = zeroed_box::<L>();
    let mut random = Random::new(1);
    walk([&mut *layer], &mut |_, [values]| {
        random = random.at_step(1);
        values.iter_mut().zip(0..).for_each(|(value, index)| *value = random.uniform(index) / 4.0 - 0.125);
    });
    layer
}

/// The arrays of a layer, flat, in its order.
pub fn arrays<L: Parameters>(layer: &mut L) -> Vec<Vec<f32>> {
    let mut arrays = Vec::new();
    walk([layer], &mut |_, [values]| arrays.push(values.to_vec()));
    arrays
}

/// So many samples of numbers between −0.5 and 0.5.
pub fn numbers<T: Tensor<Element = f32>>(samples: usize, seed: u64) -> Vec<T> {
    let mut rows = vec![T::ZERO; samples];
    let random = Random::new(seed);
    T::numbers_mut(&mut rows).iter_mut().zip(0..).for_each(|(x, index)| *x = random.uniform(index) - 0.5);
    rows
}

pub fn assert_near(ours: &[f32], other: &[f32]) {
    let scale = other.iter().fold(1.0_f32, |most, x| most.max(x.abs()));
    let worst = ours.iter().zip(other).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
    assert!(ours.len() == other.len() && worst <= 1e-4 * scale, "both compute one thing: {worst}");
}

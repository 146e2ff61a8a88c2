//! The largest singular value of a matrix, by power iteration.

/// Keras's `epsilon()`: no vector is made longer by more than one by this.
const EPSILON: f64 = 1e-7;

/// Multiplies `u` so many times by a matrix of rows of its length, back and forth, and gives v W uᵀ; `v` has room for a
/// number of each row. Of a matrix of zeros `u` stays, and 1 comes out.
pub(super) fn iterate(matrix: &[f32], u: &mut [f32], v: &mut [f32], times: usize) -> f32 {
    if u.is_empty() || matrix.iter().all(|number| *number == 0.0) {
        return 1.0;
    }
    for _ in 0..times {
        for (v, row) in v.iter_mut().zip(matrix.chunks_exact(u.len())) {
            *v = dot(row, u) as f32;
        }
        normalize(v);
        u.fill(0.0);
        for (v, row) in v.iter().zip(matrix.chunks_exact(u.len())) {
            u.iter_mut().zip(row).for_each(|(u, number)| *u += v * number);
        }
        normalize(u);
    }
    let rows = v.iter().zip(matrix.chunks_exact(u.len()));
    rows.map(|(v, row)| f64::from(*v) * dot(row, u)).sum::<f64>() as f32
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// Makes a vector one of length 1, unless it is too short.
fn normalize(vector: &mut [f32]) {
    let factor = (1.0 / libm::sqrt(dot(vector, vector))).min(1.0 / EPSILON);
    vector.iter_mut().for_each(|number| *number = (f64::from(*number) * factor) as f32);
}

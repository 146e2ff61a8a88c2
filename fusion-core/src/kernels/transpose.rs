//! The transposed copy of a matrix.

/// Rows and columns of the pieces that are transposed in registers.
const PIECE: usize = 4;
/// Rows that are read side by side, so that what is written fills whole cache lines.
const BLOCK: usize = 16;

/// Copies `from` (`rows` by `columns`) to `to` (`columns` by `rows`):
/// to\[c\]\[r\] = from\[r\]\[c\].
///
/// # Panics
/// If a slice does not have exactly `rows · columns` numbers.
pub fn transpose(rows: usize, columns: usize, from: &[f32], to: &mut [f32]) {
    let size = rows.checked_mul(columns);
    assert!(
        size == Some(from.len()) && size == Some(to.len()),
        "a matrix of {rows} rows and {columns} columns does not have {} and {} values",
        from.len(),
        to.len()
    );
    transpose_strided(rows, columns, (from, columns), (to, rows));
}

/// [`transpose`] between matrices in larger ones: each comes with the distance from a row to the next.
///
/// # Panics
/// If a slice ends before the last number.
pub(super) fn transpose_strided(
    rows: usize,
    columns: usize,
    (from, from_stride): (&[f32], usize),
    (to, to_stride): (&mut [f32], usize),
) {
    let (whole_rows, whole_columns) = (rows - rows % PIECE, columns - columns % PIECE);
    // Asked once for all pieces.
    let end = |count: usize, stride: usize, length: usize| count.saturating_sub(1).saturating_mul(stride) + length;
    assert!(rows == 0 || end(rows, from_stride, columns) <= from.len(), "the matrix ends before its last number");
    assert!(columns == 0 || end(columns, to_stride, rows) <= to.len(), "the copy ends before its last number");
    for block in (0..whole_rows).step_by(BLOCK) {
        let end = whole_rows.min(block + BLOCK);
        for column in (0..whole_columns).step_by(PIECE) {
            for row in (block..end).step_by(PIECE) {
                // SAFETY: the four rows from `row` on and the four columns from `column` on are of the matrix and of the
                // copy, of which is asked above that both end within their slices.
                unsafe {
                    let from = from.as_ptr().add(row * from_stride + column);
                    transpose_piece(from, from_stride, to.as_mut_ptr().add(column * to_stride + row), to_stride);
                }
            }
        }
    }
    for row in 0..rows {
        let first = if row < whole_rows { whole_columns } else { 0 };
        for column in first..columns {
            to[column * to_stride + row] = from[row * from_stride + column];
        }
    }
}

/// Transposes the four by four numbers at `from` to `to`.
///
/// # Safety
/// Four numbers from `from` on, and from each of three strides behind it, are valid for reads, and such at `to` for writes.
#[inline(always)]
unsafe fn transpose_piece(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
    // SAFETY: the caller's promise.
    let rows = [0, 1, 2, 3].map(|row| unsafe { from.add(row * from_stride).cast::<[f32; PIECE]>().read_unaligned() });
    for (column, numbers) in transposed(rows).into_iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { to.add(column * to_stride).cast::<[f32; PIECE]>().write_unaligned(numbers) };
    }
}

/// The columns of four rows. Compilers move the numbers one by one, which takes two to three times as long on Zen 4.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn transposed(rows: [[f32; PIECE]; PIECE]) -> [[f32; PIECE]; PIECE] {
    use core::arch::x86_64::{_mm_loadu_ps, _mm_storeu_ps, _mm_unpackhi_ps, _mm_unpacklo_ps};
    // SAFETY: each row is four numbers, and every x86-64 has these instructions.
    let [a, b, c, d] = rows.map(|row| unsafe { _mm_loadu_ps(row.as_ptr()) });
    let mut columns = [[0.0; PIECE]; PIECE];
    // SAFETY: as above.
    unsafe {
        let (ac, bd) = (_mm_unpacklo_ps(a, c), _mm_unpacklo_ps(b, d));
        let (ac_after, bd_after) = (_mm_unpackhi_ps(a, c), _mm_unpackhi_ps(b, d));
        _mm_storeu_ps(columns[0].as_mut_ptr(), _mm_unpacklo_ps(ac, bd));
        _mm_storeu_ps(columns[1].as_mut_ptr(), _mm_unpackhi_ps(ac, bd));
        _mm_storeu_ps(columns[2].as_mut_ptr(), _mm_unpacklo_ps(ac_after, bd_after));
        _mm_storeu_ps(columns[3].as_mut_ptr(), _mm_unpackhi_ps(ac_after, bd_after));
    }
    columns
}

/// The columns of four rows.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn transposed(rows: [[f32; PIECE]; PIECE]) -> [[f32; PIECE]; PIECE] {
    core::array::from_fn(|column| rows.map(|row| row[column]))
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn every_number_comes_to_its_place_and_no_other_is_written() {
        for rows in 0..20 {
            for columns in 0..20 {
                let (from_stride, to_stride) = (columns + 3, rows + 2);
                let from: Vec<f32> = (0..rows * from_stride).map(|index| index as f32 + 1.0).collect();
                let mut to = vec![0.0; columns * to_stride];
                transpose_strided(rows, columns, (&from, from_stride), (&mut to, to_stride));
                for (index, number) in to.into_iter().enumerate() {
                    let (column, row) = (index / to_stride, index % to_stride);
                    let expected = if row < rows { from[row * from_stride + column] } else { 0.0 };
                    assert_eq!(number, expected, "{rows} by {columns}, at {row}, {column}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "the copy ends before its last number")]
    fn a_copy_that_is_too_short_is_not_written_past() {
        transpose_strided(8, 8, (&[0.0; 64], 8), (&mut [0.0; 63], 8));
    }

    #[test]
    #[should_panic(expected = "the matrix ends before its last number")]
    fn a_matrix_that_is_too_short_is_not_read_past() {
        transpose_strided(8, 8, (&[0.0; 63], 8), (&mut [0.0; 64], 8));
    }
}

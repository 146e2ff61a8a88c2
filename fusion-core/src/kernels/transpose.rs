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
    for block in (0..whole_rows).step_by(BLOCK) {
        let end = whole_rows.min(block + BLOCK);
        for column in (0..whole_columns).step_by(PIECE) {
            for row in (block..end).step_by(PIECE) {
                let (from, to) = (&from[row * from_stride + column..], &mut to[column * to_stride + row..]);
                transpose_piece(from, from_stride, to, to_stride);
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

/// Transposes the four by four numbers at the start of `from` and `to`.
#[inline(always)]
fn transpose_piece(from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
    let mut piece = [[0.0; PIECE]; PIECE];
    for (row, values) in piece.iter_mut().enumerate() {
        values.copy_from_slice(&from[row * from_stride..][..PIECE]);
    }
    for column in 0..PIECE {
        let values = piece.map(|row| row[column]);
        to[column * to_stride..][..PIECE].copy_from_slice(&values);
    }
}

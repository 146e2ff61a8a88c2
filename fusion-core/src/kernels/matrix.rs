//! Views of slices as matrices. Their constructors are where bounds are checked.

use core::ops::Range;

use super::grid::{Gathered, Grid, Scattered};

/// A matrix that is read: element (r, c) is `values[r · row_stride + c · column_stride]`.
#[derive(Clone, Copy, Debug)]
pub struct MatrixRef<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> MatrixRef<'a> {
    /// All of `values`, row after row.
    ///
    /// # Panics
    /// If there are not exactly `rows · columns` values.
    #[inline]
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_holds_all(values, rows, columns);
        Self { values, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// Any strides. Elements may overlap (a stride of 0 repeats a row or a column, overlapping
    /// rows are the windows of a convolution).
    ///
    /// # Panics
    /// If the last element lies outside `values`.
    #[inline]
    pub fn with_strides(
        values: &'a [f32],
        (rows, columns): (usize, usize),
        (row_stride, column_stride): (usize, usize),
    ) -> Self {
        assert_reaches(values, (rows, columns), (row_stride, column_stride));
        Self { values, rows, columns, row_stride, column_stride }
    }

    /// The transposed matrix; nothing is moved.
    #[inline]
    pub fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// Some of its rows.
    ///
    /// # Panics
    /// If it does not have them.
    #[inline]
    #[must_use]
    pub fn only(self, rows: Range<usize>) -> Self {
        assert!(rows.start <= rows.end && rows.end <= self.rows, "rows {rows:?} of {}", self.rows);
        // With rows there is an element at the start of the first; without columns there need be none.
        let start = (rows.start * self.row_stride).min(self.values.len());
        Self { values: &self.values[start..], rows: rows.len(), ..self }
    }

    /// Number of rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[inline]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// From an element to the one below it.
    #[inline]
    pub fn row_stride(&self) -> usize {
        self.row_stride
    }

    /// From an element to the one at its right.
    #[inline]
    pub fn column_stride(&self) -> usize {
        self.column_stride
    }

    /// The same with its offsets.
    pub(super) fn gathered(&self) -> Gathered<'a> {
        let line = |count, stride| Grid { counts: [1, 1, count], strides: [0, 0, stride] };
        Gathered::new(self.values, line(self.rows, self.row_stride), line(self.columns, self.column_stride))
    }

    /// Valid for reads of every element.
    #[inline]
    pub(super) fn as_ptr(&self) -> *const f32 {
        self.values.as_ptr()
    }
}

/// A matrix that is written: element (r, c) is `values[r · row_stride + c]`.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    values: &'a mut [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
}

impl<'a> MatrixMut<'a> {
    /// All of `values`, row after row.
    ///
    /// # Panics
    /// If there are not exactly `rows · columns` values.
    #[inline]
    pub fn new(values: &'a mut [f32], rows: usize, columns: usize) -> Self {
        assert_holds_all(values, rows, columns);
        Self { values, rows, columns, row_stride: columns }
    }

    /// Rows that start `row_stride` apart; what lies between them is left alone.
    ///
    /// # Panics
    /// If rows overlap or the last element lies outside `values`.
    #[inline]
    pub fn with_stride(values: &'a mut [f32], (rows, columns): (usize, usize), row_stride: usize) -> Self {
        assert!(rows <= 1 || row_stride >= columns, "rows of the written matrix overlap");
        assert_reaches(values, (rows, columns), (row_stride, 1));
        Self { values, rows, columns, row_stride }
    }

    /// Number of rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[inline]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// From the start of a row to the start of the next.
    #[inline]
    pub fn row_stride(&self) -> usize {
        self.row_stride
    }

    /// Sets all to zero.
    #[cfg(feature = "training")]
    pub(super) fn clear(&mut self) {
        if self.row_stride == self.columns {
            self.values[..self.rows * self.columns].fill(0.0);
        } else {
            self.each_row().for_each(|row| row.fill(0.0));
        }
    }

    /// The numbers of each row.
    #[cfg(feature = "training")]
    pub(super) fn each_row(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let stride = if self.rows > 1 { self.row_stride } else { self.columns };
        self.values.chunks_mut(stride.max(1)).take(self.rows).map(|row| &mut row[..self.columns])
    }

    /// The same with its offsets.
    pub(super) fn scattered(&mut self) -> Scattered<'_> {
        let rows = Grid { counts: [1, 1, self.rows], strides: [0, 0, self.row_stride] };
        Scattered::new(self.values, rows, self.columns)
    }

    /// Valid for reads and writes of every element.
    #[inline]
    pub(super) fn as_mut_ptr(&mut self) -> *mut f32 {
        self.values.as_mut_ptr()
    }
}

#[inline]
#[track_caller]
fn assert_holds_all(values: &[f32], rows: usize, columns: usize) {
    assert!(
        rows.checked_mul(columns) == Some(values.len()),
        "a matrix of {rows} rows and {columns} columns does not have {} values",
        values.len()
    );
}

#[inline]
#[track_caller]
fn assert_reaches(values: &[f32], sizes: (usize, usize), strides: (usize, usize)) {
    let (Some(last_row), Some(last_column)) = (sizes.0.checked_sub(1), sizes.1.checked_sub(1)) else {
        return;
    };
    let last = last_row
        .checked_mul(strides.0)
        .zip(last_column.checked_mul(strides.1))
        .and_then(|(below, right)| below.checked_add(right));
    assert!(
        last.is_some_and(|last| last < values.len()),
        "a matrix of {} rows and {} columns with strides {} and {} leaves its {} values",
        sizes.0,
        sizes.1,
        strides.0,
        strides.1,
        values.len()
    );
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn views_check_their_bounds() {
        let panics = |work: fn()| assert!(std::panic::catch_unwind(work).is_err());
        panics(|| _ = MatrixRef::new(&[0.0; 5], 2, 3));
        panics(|| _ = MatrixRef::new(&[], 1 << 63, 2));
        panics(|| _ = MatrixRef::with_strides(&[0.0; 5], (2, 3), (3, 1)));
        panics(|| _ = MatrixRef::with_strides(&[0.0; 5], (3, 2), (usize::MAX / 2, 1)));
        panics(|| _ = MatrixRef::with_strides(&[], (1, 1), (0, 0)));
        panics(|| _ = MatrixMut::with_stride(&mut [0.0; 9], (2, 3), 2));
        panics(|| _ = MatrixMut::with_stride(&mut [0.0; 5], (2, 3), 3));
        _ = MatrixRef::with_strides(&[0.0; 6], (2, 3), (3, 1));
        _ = MatrixRef::with_strides(&[0.0; 1], (9, 9), (0, 0));
        _ = MatrixMut::with_stride(&mut [0.0; 7], (2, 3), 4);
    }

    #[test]
    fn some_rows_are_inside() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let matrix = MatrixRef::new(&values, 3, 2);
        let last = matrix.only(1..3);
        assert_eq!((last.rows(), last.columns(), last.values), (2, 2, &values[2..]));
        assert_eq!(matrix.only(3..3).rows(), 0);
        assert_eq!(MatrixRef::new(&[], 3, 0).only(2..3).rows(), 1);
        let apart = MatrixRef::with_strides(&values, (2, 1), (5, 1));
        assert_eq!((apart.only(1..2).values, apart.only(2..2).rows()), (&values[5..], 0));
        assert!(std::panic::catch_unwind(|| MatrixRef::new(&[0.0; 6], 3, 2).only(2..4)).is_err());
    }
}

//! Matrices whose elements stand at offsets in nested loops. Their constructors are where bounds
//! are checked.

/// Offsets in three nested loops: index (i, j, k) is at i · strides\[0\] + j · strides\[1\] +
/// k · strides\[2\].
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub counts: [usize; 3],
    pub strides: [usize; 3],
}

impl Grid {
    /// How many offsets there are.
    ///
    /// # Panics
    /// If it is no `usize`.
    pub fn length(&self) -> usize {
        let [outer, middle, inner] = self.counts;
        outer.checked_mul(middle).and_then(|count| count.checked_mul(inner)).expect("a number of offsets")
    }

    /// The largest offset, if there is any.
    fn largest(&self) -> Option<usize> {
        let mut largest = 0_usize;
        for (count, stride) in self.counts.iter().zip(&self.strides) {
            largest = largest.checked_add(count.checked_sub(1)?.checked_mul(*stride)?)?;
        }
        Some(largest)
    }

    /// The same offsets in longer inner loops: a loop of one is left out, and two that are one
    /// become one.
    pub fn merged(mut self) -> Self {
        for _ in 0..2 {
            let ([outer, middle, inner], [far, near, next]) = (self.counts, self.strides);
            if inner == 1 {
                self = Self { counts: [1, outer, middle], strides: [0, far, near] };
            } else if middle == 1 || near == inner * next {
                self = Self { counts: [1, outer, middle * inner], strides: [0, far, next] };
            }
        }
        self
    }

    /// The same offsets in loops of which the inner one has a stride of 1: merged, or one of single steps.
    ///
    /// # Panics
    /// If that takes a fourth loop.
    pub fn merged_or_near(self) -> Self {
        let merged = self.merged();
        if merged.strides[2] == 1 {
            return merged;
        }
        let ([outer, middle, inner], [_, near, next]) = (merged.counts, merged.strides);
        assert!(outer == 1, "{self:?} goes through its values in too many loops");
        Self { counts: [middle, inner, 1], strides: [near, next, 1] }
    }
}

/// A matrix that is read: element (r, d) is `values[rows.at(r) + depths.at(d)]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered<'a> {
    values: &'a [f32],
    rows: Grid,
    depths: Grid,
}

impl<'a> Gathered<'a> {
    /// # Panics
    /// If an element lies outside `values`.
    pub fn new(values: &'a [f32], rows: Grid, depths: Grid) -> Self {
        if rows.length() > 0 && depths.length() > 0 {
            let last = rows.largest().zip(depths.largest()).and_then(|(row, depth)| row.checked_add(depth));
            assert!(last.is_some_and(|last| last < values.len()), "{rows:?} and {depths:?} leave {}", values.len());
        }
        Self { values, rows, depths }
    }

    /// The offsets of the rows.
    pub fn rows(&self) -> Grid {
        self.rows
    }

    /// The offsets of the columns.
    pub fn depths(&self) -> Grid {
        self.depths
    }

    /// Valid for reads of every element.
    pub fn as_ptr(&self) -> *const f32 {
        self.values.as_ptr()
    }
}

/// A matrix that is written: element (r, c) is `values[rows.at(r) + c]`.
#[derive(Debug)]
pub(super) struct Scattered<'a> {
    values: &'a mut [f32],
    rows: Grid,
    columns: usize,
}

impl<'a> Scattered<'a> {
    /// # Panics
    /// If an element lies outside `values`.
    pub fn new(values: &'a mut [f32], rows: Grid, columns: usize) -> Self {
        if rows.length() > 0 && columns > 0 {
            let end = rows.largest().and_then(|row| row.checked_add(columns));
            assert!(end.is_some_and(|end| end <= values.len()), "{rows:?} of {columns} leave {}", values.len());
        }
        Self { values, rows, columns }
    }

    /// The offsets of the rows.
    pub fn rows(&self) -> Grid {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Valid for reads and writes of every element.
    pub fn as_mut_ptr(&mut self) -> *mut f32 {
        self.values.as_mut_ptr()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn matrices_check_their_bounds() {
        let panics = |work: fn()| assert!(std::panic::catch_unwind(work).is_err());
        let grid = |counts, strides| Grid { counts, strides };
        let one = grid([1, 1, 1], [0, 0, 0]);
        let (rows, depths) = (grid([1, 2, 3], [0, 10, 1]), grid([2, 1, 2], [100, 7, 1]));
        _ = Gathered::new(&[0.0; 114], rows, depths);
        _ = Scattered::new(&mut [0.0; 14], rows, 2);
        _ = Gathered::new(&[], grid([0, 2, 3], [9, 9, 9]), depths);
        panics(|| {
            let (rows, depths) =
                (Grid { counts: [1, 2, 3], strides: [0, 10, 1] }, Grid { counts: [2, 1, 2], strides: [100, 7, 1] });
            _ = Gathered::new(&[0.0; 113], rows, depths);
        });
        panics(|| _ = Scattered::new(&mut [0.0; 13], Grid { counts: [1, 2, 3], strides: [0, 10, 1] }, 2));
        panics(|| _ = Grid { counts: [1 << 32, 1 << 32, 1], strides: [0; 3] }.length());
        panics(|| _ = Scattered::new(&mut [0.0; 13], Grid { counts: [1, 1, 3], strides: [0, 0, usize::MAX / 2] }, 2));
        assert_eq!(one.length(), 1);
    }

    #[test]
    fn merged_loops_have_the_same_offsets() {
        let offsets = |grid: Grid| -> Vec<usize> {
            let [outer, middle, inner] = grid.counts;
            (0..outer * middle * inner)
                .map(|at| [at / inner / middle, at / inner % middle, at % inner])
                .map(|index| index.iter().zip(&grid.strides).map(|(index, stride)| index * stride).sum())
                .collect()
        };
        for counts in [[2, 3, 4], [1, 1, 5], [3, 1, 1], [2, 3, 1], [1, 4, 2]] {
            for strides in [[12, 4, 1], [24, 8, 2], [30, 4, 1], [12, 5, 1], [9, 3, 3]] {
                let grid = Grid { counts, strides };
                assert_eq!(offsets(grid), offsets(grid.merged()), "{grid:?}");
            }
        }
        assert_eq!(Grid { counts: [2, 3, 4], strides: [12, 4, 1] }.merged().counts, [1, 1, 24]);
    }
}

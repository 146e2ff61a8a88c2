//! Rows that are added to those of a table, each to the one of its id.

use super::dispatch::vectorize;
use super::parts::SAMPLES;

/// Uses of a table whose rows are sorted by id, so that those of one id are added up first.
const USES: usize = 16 * SAMPLES;

/// Numbers of a row that are added up side by side.
const WIDTH: usize = 64;

/// The gradient of a table of rows: each row of `rows` is added to that row of `sums` which its id names,
/// sums\[ids\[u\]\]\[c\] += rows\[u\]\[c\].
///
/// The rows of an id that comes often are added up in blocks, so that its error grows little with their number.
///
/// # Panics
/// If the slices are not a row of `columns` numbers for each id, or `sums` does not have the row of an id.
pub fn add_rows_by_id(ids: &[u32], rows: &[f32], columns: usize, sums: &mut [f32]) {
    add(ids, rows, columns, sums, |x| x);
}

/// [`add_rows_by_id`] of the squares of all numbers.
///
/// # Panics
/// As [`add_rows_by_id`].
pub fn add_squares_by_id(ids: &[u32], rows: &[f32], columns: usize, sums: &mut [f32]) {
    add(ids, rows, columns, sums, |x| x * x);
}

#[inline(always)]
fn add(ids: &[u32], rows: &[f32], columns: usize, sums: &mut [f32], function: impl Fn(f32) -> f32 + Copy) {
    assert!(ids.len() * columns == rows.len(), "{} ids and {} numbers in rows of {columns}", ids.len(), rows.len());
    if columns == 0 {
        return;
    }
    for (ids, rows) in ids.chunks(USES).zip(rows.chunks(USES * columns)) {
        let mut uses = [0; USES];
        for ((key, id), place) in uses.iter_mut().zip(ids).zip(0..) {
            *key = u64::from(*id) << 32 | place;
        }
        let uses = &mut uses[..ids.len()];
        // By id, and those of one id in their order.
        uses.sort_unstable();
        vectorize(
            #[inline(always)]
            || {
                for uses in uses.chunk_by(|a, b| a >> 32 == b >> 32) {
                    let sum = &mut sums[(uses[0] >> 32) as usize * columns..][..columns];
                    let row = |key: &u64| &rows[(*key as u32) as usize * columns..][..columns];
                    for (index, sum) in sum.chunks_mut(WIDTH).enumerate() {
                        add_uses(uses, sum, |key| &row(key)[index * WIDTH..], function);
                    }
                }
            },
        );
    }
}

/// Adds the rows of one id.
#[inline(always)]
fn add_uses<'r>(uses: &[u64], sum: &mut [f32], row: impl Fn(&u64) -> &'r [f32], function: impl Fn(f32) -> f32) {
    let (mut total, mut block) = ([0.0; WIDTH], [0.0; WIDTH]);
    let (total, block) = (&mut total[..sum.len()], &mut block[..sum.len()]);
    for uses in uses.chunks(SAMPLES) {
        for key in uses {
            block.iter_mut().zip(row(key)).for_each(|(sum, x)| *sum += function(*x));
        }
        for (total, block) in total.iter_mut().zip(&mut *block) {
            *total += *block;
            *block = 0.0;
        }
    }
    sum.iter_mut().zip(total).for_each(|(sum, total)| *sum += *total);
}

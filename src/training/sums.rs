//! What the tiles of a batch add up.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fusion_core::Network;
use fusion_core::kernels::{fold, settle, zero};
use fusion_core::shape::zeroed_box;
use fusion_core::weights::walk;

/// So many samples, or tiles where these are small, are added up before their sum is moved away.
const SAMPLES: usize = 1024;
const TILES: usize = 16;

/// The sums of a batch's shards, of which the first becomes that of the batch; zero between steps.
pub(super) struct Shards<N>(Vec<Mutex<Sums<N>>>);

impl<N: Network> Default for Shards<N> {
    fn default() -> Self {
        Self(vec![Mutex::default()])
    }
}

impl<N: Network> Shards<N> {
    /// Makes room for so many.
    pub fn make_shards(&mut self, shards: usize) {
        self.0.resize_with(self.0.len().max(shards), Mutex::default);
    }

    /// Waits until no one else has it.
    pub fn shard(&self, shard: usize) -> MutexGuard<'_, Sums<N>> {
        self.0[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called after the last tile: adds them up in their order.
    pub fn finish(&mut self) {
        let mut shards = self.0.iter_mut().map(|sums| sums.get_mut().unwrap_or_else(PoisonError::into_inner));
        let Some(first) = shards.next() else { return };
        first.finish();
        for sums in shards.filter(|sums| sums.tiles > 0) {
            sums.finish();
            first.take(sums);
        }
    }

    /// Adds the sum of another batch, which is zero then.
    pub fn take(&mut self, other: &mut Self) {
        add_parts(self.parts(), other.parts());
    }

    /// The sum of the batch: the gradient, and the squares where the model has any.
    pub fn parts(&mut self) -> (&mut N, Option<&mut N>) {
        self.0[0].get_mut().unwrap_or_else(PoisonError::into_inner).parts()
    }
}

/// The sums of a shard.
pub(super) struct Sums<N> {
    /// Of the weights' gradients.
    gradient: Sum<N>,
    /// Of the squares of gradients that come in rows, where the model has any.
    squares: Option<Sum<N>>,
    /// Samples and tiles that were added since the last was moved, and whether any was.
    samples: usize,
    tiles: usize,
    moved: bool,
}

/// A sum in `f32` rounds with each tile that is added, so that its error would grow with the batch.
struct Sum<N> {
    /// What tiles are added to, and what is left at the end.
    part: Box<N>,
    /// Where a batch has many tiles: the sum of earlier parts, and what was rounded off.
    total: Option<[Box<N>; 2]>,
}

impl<N: Network> Default for Sums<N> {
    fn default() -> Self {
        let squares = N::SPARSE.then(Sum::default);
        Self { gradient: Sum::default(), squares, samples: 0, tiles: 0, moved: false }
    }
}

impl<N: Network> Sums<N> {
    /// Called before each tile, with its samples.
    pub fn make_room(&mut self, samples: usize) {
        if self.samples >= SAMPLES || self.tiles >= TILES {
            self.each(fold);
            (self.samples, self.tiles, self.moved) = (0, 0, true);
        }
        self.samples += samples;
        self.tiles += 1;
    }

    /// Called after the last tile: each part then is the sum of the batch.
    pub fn finish(&mut self) {
        if self.moved {
            self.each(|part, sum, carry| {
                fold(part, sum, carry);
                settle(sum, carry);
                part.copy_from_slice(sum);
                zero(sum);
            });
        }
        (self.samples, self.tiles, self.moved) = (0, 0, false);
    }

    /// What tiles are added to: the gradient, and the squares where the model has any.
    pub fn parts(&mut self) -> (&mut N, Option<&mut N>) {
        (&mut self.gradient.part, self.squares.as_mut().map(|squares| &mut *squares.part))
    }

    /// Adds the parts of another, which are zero then.
    fn take(&mut self, other: &mut Self) {
        add_parts(self.parts(), other.parts());
    }

    fn each(&mut self, work: fn(&mut [f32], &mut [f32], &mut [f32])) {
        for Sum { part, total } in [&mut self.gradient].into_iter().chain(&mut self.squares) {
            let [sum, carry] = total.get_or_insert_with(|| [zeroed_box(), zeroed_box()]);
            walk([&mut **part, sum, carry], &mut |_, [part, sum, carry]| work(part, sum, carry));
        }
    }
}

impl<N: Network> Default for Sum<N> {
    fn default() -> Self {
        Self { part: zeroed_box(), total: None }
    }
}

/// A gradient, and the sums of its squares where the model has any.
type Parts<'s, N> = (&'s mut N, Option<&'s mut N>);

/// Adds the parts of one, which are zero then, to those of the other.
pub(super) fn add_parts<N: Network>((to, to_squares): Parts<'_, N>, (from, squares): Parts<'_, N>) {
    add_and_clear(to, from);
    if let (Some(to), Some(from)) = (to_squares, squares) {
        add_and_clear(to, from);
    }
}

fn add_and_clear<N: Network>(to: &mut N, from: &mut N) {
    walk([to, from], &mut |_, [to, from]| {
        to.iter_mut().zip(&*from).for_each(|(to, from)| *to += from);
        zero(from);
    });
}

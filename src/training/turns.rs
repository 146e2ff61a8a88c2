//! How a batch is cut into tiles that several threads take, and what tiles do one after the other.
//!
//! Who takes a tile never changes a bit: the cut follows from the model and the number of samples alone, and what is added
//! up is added in the order of the tiles.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use fusion_core::kernels::Threads;
use fusion_core::model::{Network, multiplications};

/// The most sums that the gradients of a batch's tiles are added to, and the most threads that train on one.
pub(super) const MOST_SHARDS: usize = 8;

/// So many multiplications forward are worth a thread: with the way back 100 µs or more, where it takes 15 to start one.
const LEAST: usize = 1 << 21;

/// Adding up two sums takes as long as this many multiplications for each weight, times 100: a sum more may cost 1 %.
const SUM: usize = 1000;

/// The tiles of a batch.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    samples: usize,
    tile: usize,
    /// Tiles are added to so many sums in turn.
    shards: usize,
    /// Multiplications on the way forward, of all samples.
    work: usize,
}

impl Cut {
    /// In tiles of so many samples, for training.
    pub fn for_training<N: Network>(samples: usize, tile: usize) -> Self {
        let Self { work, .. } = Self::plain::<N>(samples, tile);
        let pays = 1 + work / N::COUNT.saturating_mul(SUM).max(1);
        let shards = pays.min(work / LEAST).min(samples).clamp(1, MOST_SHARDS);
        Self { samples, tile: tile.min(samples.div_ceil(shards)), shards, work }
    }

    /// In tiles of so many samples, or in one.
    pub fn plain<N: Network>(samples: usize, tile: usize) -> Self {
        let work = samples.saturating_mul(const { multiplications(N::GRAPH) });
        Self { samples, tile: tile.min(samples), shards: 1, work }
    }

    pub fn shards(&self) -> usize {
        self.shards
    }

    pub fn tiles(&self) -> usize {
        self.samples.div_ceil(self.tile)
    }

    /// The samples of a tile.
    pub fn samples(&self, tile: usize) -> Range<usize> {
        tile * self.tile..self.samples.min((tile + 1) * self.tile)
    }

    /// To which sum a tile is added, and how many are before it.
    fn shard(&self, tile: usize) -> (usize, usize) {
        (tile % self.shards, tile / self.shards)
    }

    /// How many of these threads are worth it.
    pub fn workers(&self, threads: &Threads) -> usize {
        threads.count().min(self.tiles()).min(self.work / LEAST).max(1)
    }

    /// Whether it is worth it to share products.
    pub fn is_large(&self) -> bool {
        self.work >= 2 * LEAST
    }
}

/// How many samples of a batch go through the network at once in training: as many as take no more
/// memory than half a second cache or than the weights, whose gradients are gone through once for
/// each tile. Large tiles are multiples of 48, a multiple of the kernels' 6, 8, 12 and 16 rows.
pub(super) const fn training_tile<N: Network>() -> usize {
    const CACHE: usize = 512 * 1024 / size_of::<f32>();
    const fn larger(a: usize, b: usize) -> usize {
        if a > b { a } else { b }
    }
    let memory = N::MEMORY;
    let scratch = larger(memory.scratch.per_sample, memory.backward_scratch.per_sample);
    let floats = memory.per_sample(true) + memory.saved.per_sample + memory.gradients(1) + scratch;
    let samples = larger(CACHE, N::COUNT) / larger(floats, 1);
    match samples {
        0 => 1,
        1..48 => samples,
        _ => samples - samples % 48,
    }
}

/// What the tiles of a batch do one after the other, whichever threads they are on.
pub(super) struct Turns<S, E> {
    cut: Cut,
    next: AtomicUsize,
    state: Mutex<State<S, E>>,
    changed: Condvar,
}

struct State<S, E> {
    shared: S,
    /// How many tiles have had their turn.
    tiles: usize,
    /// How many tiles were added to each sum.
    added: [usize; MOST_SHARDS],
    /// The worker that had the last turn.
    worker: usize,
    stopped: Option<Option<E>>,
    waiting: usize,
}

impl<S, E> Turns<S, E> {
    pub fn new(cut: Cut, shared: S) -> Self {
        let state = State { shared, tiles: 0, added: [0; MOST_SHARDS], worker: 0, stopped: None, waiting: 0 };
        Self { cut, next: AtomicUsize::new(0), state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Calls `each` for every tile that no other worker takes; it says `None` when it is to end.
    pub fn work(&self, mut each: impl FnMut(usize) -> Option<()>) {
        /// Ends the others, should this worker panic: they may wait for its tile.
        struct Stop<'t, S, E>(&'t Turns<S, E>);
        impl<S, E> Drop for Stop<'_, S, E> {
            fn drop(&mut self) {
                self.0.lock().stopped.get_or_insert(None);
                self.0.changed.notify_all();
            }
        }
        let stop = Stop(self);
        let tiles = self.cut.tiles();
        let mut taken = std::iter::from_fn(|| Some(self.next.fetch_add(1, Ordering::Relaxed)).filter(|t| *t < tiles));
        _ = taken.try_for_each(&mut each);
        std::mem::forget(stop);
    }

    /// Shows what tiles share once all tiles before this one have seen it. After an error nothing is shown any more.
    pub fn take(&self, tile: usize, worker: usize, turn: impl FnOnce(&mut S) -> Result<(), E>) -> Option<()> {
        let mut state = self.wait(|state| state.tiles == tile)?;
        match turn(&mut state.shared) {
            Ok(()) => (state.tiles, state.worker) = (tile + 1, worker),
            Err(error) => state.stopped = Some(Some(error)),
        }
        let goes_on = state.stopped.is_none();
        self.tell(&state);
        goes_on.then_some(())
    }

    /// Does what adds a tile to its sum, whose index it is given, once those before it were added.
    pub fn add(&self, tile: usize, add: impl FnOnce(usize)) -> Option<()> {
        let (shard, before) = self.cut.shard(tile);
        drop(self.wait(|state| state.added[shard] == before)?);
        add(shard);
        let mut state = self.lock();
        state.added[shard] += 1;
        self.tell(&state);
        Some(())
    }

    /// The error that ended it, or the worker that had the last tile.
    pub fn end(self) -> Result<usize, E> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.stopped.flatten() {
            Some(error) => Err(error),
            None => Ok(state.worker),
        }
    }

    /// Shows what tiles shared after the last of them.
    pub fn finish(self, last: impl FnOnce(&mut S)) {
        last(&mut self.state.into_inner().unwrap_or_else(PoisonError::into_inner).shared);
    }

    fn wait(&self, is_turn: impl Fn(&State<S, E>) -> bool) -> Option<MutexGuard<'_, State<S, E>>> {
        let mut state = self.lock();
        while state.stopped.is_none() && !is_turn(&state) {
            state.waiting += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        state.stopped.is_none().then_some(state)
    }

    fn tell(&self, state: &State<S, E>) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    /// After a panic within a turn the state is not used, only that it has stopped.
    fn lock(&self) -> MutexGuard<'_, State<S, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// Tiles as workers see them, with a little work of different length for each.
    fn run(count: usize, tiles: usize, fail: Option<usize>) -> (Result<usize, usize>, Vec<usize>, Vec<Vec<usize>>) {
        let mut seen = Vec::new();
        let sums = [const { Mutex::new(Vec::new()) }; 3];
        let turns = Turns::new(Cut { samples: tiles, tile: 1, shards: 3, work: 0 }, &mut seen);
        let worker = |worker: usize| {
            turns.work(|tile| {
                std::thread::sleep(std::time::Duration::from_micros(tile as u64 * 7 % 5 * 20));
                turns.take(tile, worker, |seen| {
                    seen.push(tile);
                    if fail == Some(tile) { Err(tile) } else { Ok(()) }
                })?;
                turns.add(tile, |shard| sums[shard].lock().unwrap().push(tile))
            });
        };
        Threads::new(count).each(count, &worker);
        let result = turns.end();
        (result.map(|_| tiles), seen, sums.map(|sum| sum.into_inner().unwrap()).into())
    }

    #[test]
    fn a_batch_is_cut_by_its_size_and_each_sample_is_in_one_tile() {
        use fusion_core::layers::Dense;
        crate::model! { struct Small = [f32; 100] => Dense<100, 100>; }
        let cut = |samples| Cut::for_training::<Small>(samples, 240);
        assert_eq!((cut(32).tiles(), cut(32).shards()), (1, 1));
        assert_eq!((cut(1000).tiles(), cut(1000).shards()), (5, 1));
        assert_eq!((cut(3000).tiles(), cut(3000).shards()), (13, 3));
        assert_eq!((cut(100_000).tiles(), cut(100_000).shards()), (417, MOST_SHARDS));
        assert_eq!((0..13).map(|tile| cut(3000).samples(tile).len()).sum::<usize>(), 3000);
        assert_eq!(cut(3000).samples(12), 2880..3000);
        assert_eq!(cut(100).workers(&Threads::new(2)), 1);
        assert_eq!(cut(100_000).workers(&Threads::new(2)), 2);
    }

    #[test]
    fn turns_and_sums_go_in_the_order_of_the_tiles_on_any_number_of_threads() {
        for count in [1, 2, 3, 8] {
            let (result, seen, sums) = run(count, 20, None);
            assert_eq!(result, Ok(20));
            assert_eq!(seen, (0..20).collect::<Vec<_>>());
            for (shard, sum) in sums.iter().enumerate() {
                assert!(sum.iter().copied().eq((shard..20).step_by(3)), "{sum:?}");
            }
        }
    }

    #[test]
    fn the_first_tile_that_fails_is_the_error_on_any_number_of_threads() {
        for count in [1, 2, 3, 8] {
            let (result, seen, _) = run(count, 20, Some(7));
            assert_eq!((result, seen), (Err(7), (0..8).collect()));
        }
    }

    #[test]
    fn a_panic_ends_all_workers() {
        let turns: Turns<(), ()> = Turns::new(Cut { samples: 20, tile: 1, shards: 1, work: 0 }, ());
        let work = |worker: usize| {
            turns.work(|tile| turns.take(tile, worker, |()| if tile == 5 { panic!("tile 5") } else { Ok(()) }));
        };
        assert!(catch_unwind(AssertUnwindSafe(|| Threads::new(3).each(3, &work))).is_err());
    }
}

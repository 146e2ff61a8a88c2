//! Several threads, which never change a bit of a result: what is done is cut by its size alone, and who does a part of it
//! does not matter.

#[cfg(feature = "threads")]
use alloc::{sync::Arc, vec::Vec};
#[cfg(feature = "threads")]
use core::cell::RefCell;
use core::num::NonZeroUsize;
use core::ops::Range;
#[cfg(feature = "threads")]
use core::sync::atomic::{AtomicBool, Ordering};
#[cfg(feature = "threads")]
use std::sync::{Mutex, OnceLock};

#[cfg(feature = "threads")]
use rayon_core::{ThreadPool, ThreadPoolBuilder, Yield};

/// How many threads work on what is large enough for several.
///
/// By default it is as many as the machine has. Threads are started where there is work for them. Without the feature
/// `threads`, and where the system starts none, it is this one alone.
#[derive(Clone, Debug)]
pub struct Threads {
    count: NonZeroUsize,
    /// Those that share products, once there are large ones.
    #[cfg(feature = "threads")]
    pool: Arc<OnceLock<Option<ThreadPool>>>,
}

impl Default for Threads {
    fn default() -> Self {
        Self::all()
    }
}

impl Threads {
    /// As many as the machine has, the same for all who ask.
    #[must_use]
    pub fn all() -> Self {
        #[cfg(feature = "threads")]
        {
            // The system is asked once: it opens files to answer.
            static ALL: OnceLock<Threads> = OnceLock::new();
            let ask = || Self::new(std::thread::available_parallelism().map_or(1, NonZeroUsize::get));
            ALL.get_or_init(ask).clone()
        }
        #[cfg(not(feature = "threads"))]
        Self::one()
    }

    /// This thread alone.
    #[must_use]
    pub fn one() -> Self {
        Self::new(1)
    }

    /// So many, this one among them.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let count = if cfg!(feature = "threads") { count } else { 1 };
        Self {
            count: NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN),
            #[cfg(feature = "threads")]
            pool: Arc::default(),
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count.get()
    }

    /// Calls `work` with 0, 1, … on so many threads at once, 0 on this one. Returns when all have.
    ///
    /// A call may begin after others have ended: none may wait for one that comes after it. The others have threads of their
    /// own, and not those of a pool, which might be given one while they wait within another.
    ///
    /// # Panics
    /// When a call panics, after the others have ended.
    pub fn each(&self, workers: usize, work: &(dyn Fn(usize) + Sync)) {
        #[cfg(feature = "threads")]
        if workers > 1 && self.count() > 1 {
            return std::thread::scope(|scope| {
                let start = |worker| std::thread::Builder::new().spawn_scoped(scope, move || work(worker)).ok();
                let others: Vec<_> = (1..workers).map_while(start).collect();
                shared_by(None, || work(0));
                // Where the system gives no more threads, this one does what they would.
                shared_by(None, || (others.len() + 1..workers).for_each(work));
                if let Some(panic) = others.into_iter().find_map(|other| other.join().err()) {
                    std::panic::resume_unwind(panic);
                }
            });
        }
        (0..workers).for_each(work);
    }

    /// Does work on one of these threads, and lets the kernels that are called within share theirs among all.
    pub fn share<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        #[cfg(feature = "threads")]
        {
            // Within such work it is shared already, and its threads are awake.
            let is_shared = |by: &Threads| Arc::ptr_eq(&by.pool, &self.pool);
            if SHARED.with_borrow(|by| by.as_ref().is_some_and(is_shared)) {
                return work();
            }
            let start = || ThreadPoolBuilder::new().num_threads(self.count()).build().ok();
            match self.pool.get_or_init(|| if self.count() > 1 { start() } else { None }) {
                Some(pool) => pool.install(|| shared_by(Some(self.clone()), || with_awake(pool, self.count(), work))),
                None => shared_by(None, work),
            }
        }
        #[cfg(not(feature = "threads"))]
        work()
    }

    /// Calls `work` with 0, 1, … for so many shares of a kernel's work. It calls nothing of a user's.
    #[cfg(feature = "threads")]
    fn each_share(&self, shares: usize, work: &(dyn Fn(usize) + Sync)) {
        let Some(Some(pool)) = self.pool.get().filter(|_| shares > 1) else { return (0..shares).for_each(work) };
        pool.in_place_scope(|scope| {
            (1..shares).for_each(|share| scope.spawn(move |_| work(share)));
            work(0);
        });
    }
}

#[cfg(feature = "threads")]
std::thread_local! {
    /// Among whom kernels that are called here share their work.
    static SHARED: RefCell<Option<Threads>> = const { RefCell::new(None) };
}

/// Does work while the others of the pool stay awake: products follow closely on each other, and a thread that sleeps may
/// need as long to wake as its share takes.
#[cfg(feature = "threads")]
fn with_awake<R: Send>(pool: &ThreadPool, count: usize, work: impl FnOnce() -> R + Send) -> R {
    /// Lets them go, after a panic too.
    struct Done<'d>(&'d AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Release);
        }
    }
    let done = AtomicBool::new(false);
    pool.in_place_scope(|scope| {
        for _ in 1..count {
            scope.spawn(|_| {
                // One that waits within work that is shared has to come back to it.
                let waits = SHARED.with_borrow(Option::is_some);
                while !waits && !done.load(Ordering::Acquire) {
                    if rayon_core::yield_now() == Some(Yield::Idle) {
                        std::thread::yield_now();
                    }
                }
            });
        }
        let _done = Done(&done);
        work()
    })
}

/// Does work while what is called within is shared so.
#[cfg(feature = "threads")]
fn shared_by<R>(threads: Option<Threads>, work: impl FnOnce() -> R) -> R {
    struct Restore(Option<Threads>);
    impl Drop for Restore {
        fn drop(&mut self) {
            SHARED.replace(self.0.take());
        }
    }
    let _restore = Restore(SHARED.replace(threads));
    work()
}

/// Work that pays for another thread: so many multiplications, 40 µs or more. A thread that sleeps needs 5 to 10 µs to
/// begin.
#[cfg(feature = "threads")]
pub(crate) const LEAST: usize = 1 << 21;

/// Cuts `length` things into parts of whole `unit`s and calls `each` with all of them: with all at once, or with one part
/// for each of the threads that share this work, where that pays.
#[inline]
pub(super) fn in_shares(length: usize, unit: usize, multiplications: usize, each: &(dyn Fn(Range<usize>) + Sync)) {
    share_out((), |(), _| ((), ()), (length, unit, multiplications), &|range, ()| each(range));
}

/// Whether so much work is shared: it pays, and there is someone to share it.
#[inline]
pub(crate) fn is_shared(multiplications: usize) -> bool {
    #[cfg(feature = "threads")]
    return multiplications >= 2 * LEAST && SHARED.with_borrow(Option::is_some);
    #[cfg(not(feature = "threads"))]
    {
        _ = multiplications;
        false
    }
}

/// The same with something that is cut by `split`, which gives the first so many of its things and the others.
#[inline]
pub(crate) fn share_out<T: Send>(
    all: T,
    split: impl Fn(T, usize) -> (T, T),
    (length, unit, multiplications): (usize, usize, usize),
    each: &(dyn Fn(Range<usize>, T) + Sync),
) {
    #[cfg(feature = "threads")]
    if is_shared(multiplications)
        && let Some(threads) = SHARED.with_borrow(Clone::clone)
    {
        let shares = Threads::each_share;
        return threads.cut(shares, multiplications / LEAST, all, split, (length, unit), each);
    }
    _ = (split, unit, multiplications);
    each(0..length, all);
}

#[cfg(feature = "threads")]
impl Threads {
    /// Cuts something of so many things into parts of whole units, at most so many parts, and calls `each` with every part,
    /// each on a thread of its own.
    pub(crate) fn share_out<T: Send>(
        &self,
        most: usize,
        all: T,
        split: impl Fn(T, usize) -> (T, T),
        sizes: (usize, usize),
        each: &(dyn Fn(Range<usize>, T) + Sync),
    ) {
        self.cut(Threads::each, most, all, split, sizes, each);
    }

    fn cut<T: Send>(
        &self,
        on_threads: fn(&Self, usize, &(dyn Fn(usize) + Sync)),
        most: usize,
        all: T,
        split: impl Fn(T, usize) -> (T, T),
        (length, unit): (usize, usize),
        each: &(dyn Fn(Range<usize>, T) + Sync),
    ) {
        // What is left of a unit goes with the last: alone it might be computed in another order.
        let units = length / unit;
        let shares = self.count().min(most).min(units).max(1);
        let begin = |share: usize| if share == shares { length } else { share * units / shares * unit };
        let (mut parts, mut rest) = (Vec::with_capacity(shares), all);
        for share in 0..shares {
            let (part, after) = split(rest, begin(share + 1) - begin(share));
            parts.push(Mutex::new(Some(part)));
            rest = after;
        }
        on_threads(self, shares, &|share| {
            // No one else asks for it.
            let part = parts[share].lock().ok().and_then(|mut part| part.take());
            if let Some(part) = part {
                each(begin(share)..begin(share + 1), part);
            }
        });
    }
}

#[cfg(all(test, feature = "threads"))]
mod tests {
    use core::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn every_worker_is_called_once_on_any_number_of_threads() {
        for count in [0, 1, 2, 3, 8] {
            let threads = Threads::new(count);
            assert_eq!(threads.count(), count.max(1));
            let called = [const { AtomicUsize::new(0) }; 5];
            threads.each(5, &|worker| _ = called[worker].fetch_add(1, Ordering::Relaxed));
            assert!(called.iter().all(|called| called.load(Ordering::Relaxed) == 1), "{count} threads");
        }
    }

    #[test]
    fn shares_cover_everything_once_and_begin_at_whole_units() {
        for count in [1, 2, 3, 8] {
            for length in [1, 47, 48, 100, 1000] {
                let parts = Mutex::new(Vec::new());
                let push = |part| parts.lock().unwrap().push(part);
                Threads::new(count).share(|| in_shares(length, 48, 100 * LEAST, &push));
                let mut parts: Vec<Range<usize>> = parts.into_inner().unwrap();
                parts.sort_by_key(|part| part.start);
                assert!(parts.iter().all(|part| part.start % 48 == 0), "{parts:?}");
                let ends = parts.iter().map(|part| part.end);
                assert!(ends.eq(parts[1..].iter().map(|part| part.start).chain([length])), "{parts:?} of {length}");
                assert_eq!(parts[0].start, 0);
            }
        }
    }

    #[test]
    fn a_worker_does_not_share_its_work() {
        let threads = Threads::new(2);
        let parts = AtomicUsize::new(0);
        let count = |_: Range<usize>| _ = parts.fetch_add(1, Ordering::Relaxed);
        threads.share(|| threads.each(2, &|_| in_shares(1000, 1, 100 * LEAST, &count)));
        assert_eq!(parts.load(Ordering::Relaxed), 2);
        threads.share(|| Threads::one().share(|| in_shares(1000, 1, 100 * LEAST, &count)));
        assert_eq!(parts.swap(2, Ordering::Relaxed), 3);
        threads.share(|| in_shares(1000, 1, 100 * LEAST, &count));
        assert_eq!(parts.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_leaves_nothing_shared() {
        let threads = Threads::new(2);
        let work = || threads.share(|| threads.each(2, &|worker| assert!(worker == 0, "worker {worker}")));
        let panic = std::panic::catch_unwind(core::panic::AssertUnwindSafe(work)).unwrap_err();
        assert_eq!(*panic.downcast::<String>().unwrap(), "worker 1");
        let pool = threads.pool.get().unwrap().as_ref().unwrap();
        assert!(pool.broadcast(|_| SHARED.with_borrow(Option::is_none)).into_iter().all(|nothing| nothing));
    }
}

//! Measures how time and memory grow, one point a line: panel, series, x, y. `run.py` runs it at each level and draws it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fusion::prelude::*;

/// The system's allocator, which counts what is held at once.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is done by the system's allocator, with what it was given.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The bytes that are held at once beyond those before.
fn peak_of(work: impl FnOnce()) -> usize {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    work();
    MOST.load(Ordering::Relaxed) - before
}

/// Nanoseconds of a run: the least of slices of some milliseconds, for a fifth of a second.
fn time(mut run: impl FnMut()) -> f64 {
    run();
    let start = Instant::now();
    run();
    let repeats = (2e-3 / start.elapsed().as_secs_f64().max(1e-8)).max(1.0) as u32;
    let (begin, mut least) = (Instant::now(), f64::INFINITY);
    while begin.elapsed() < Duration::from_millis(200) {
        let start = Instant::now();
        (0..repeats).for_each(|_| run());
        least = least.min(start.elapsed().as_nanos() as f64 / f64::from(repeats));
    }
    least
}

fn point(panel: &str, series: &str, x: usize, y: f64) {
    println!("{panel}\t{series}\t{x}\t{y}");
}

fn inputs<const N: usize>(samples: usize) -> Vec<[f32; N]> {
    (0..samples).map(|s| std::array::from_fn(|i| ((s * 7 + i * 3) % 23) as f32 / 11.5 - 1.0)).collect()
}

/// Nanoseconds for each of so many samples.
macro_rules! per_sample {
    ($model:expr, $x:expr, $Model:ident) => {{
        let (model, x) = (&$model, $x);
        if x.len() == 1 {
            time(|| _ = black_box(model.predict(black_box(&x[0]))))
        } else {
            let (mut outputs, mut workspace) = (model.predict_batch(x).unwrap(), $Model::workspace());
            time(|| model.predict_batch_into(black_box(x), &mut outputs, &mut workspace).unwrap()) / x.len() as f64
        }
    }};
}

/// Two layers as wide as their input.
macro_rules! widths {
    ($($width:tt)*) => {$({
        model! {
            struct Wide {
                input x: [f32; $width];
                output y = x => Dense<_, $width, Relu> => Dense<_, $width>;
            }
        }
        let model = Wide::new(1);
        for (samples, series) in [(1, "one sample"), (256, "256 samples")] {
            let ns = per_sample!(model, &inputs::<$width>(samples)[..], Wide);
            point("width", series, Wide::WEIGHT_BYTES, ns);
            point("multiplication", series, Wide::WEIGHT_BYTES, 1e3 * ns / Wide::MULTIPLY_ACCUMULATES as f64);
        }
    })*};
}

/// So many layers of 64 units.
macro_rules! depths {
    ($($depth:tt)*) => {$({
        model! {
            struct Deep {
                input x: [f32; 64];
                output y = x => repeat $depth { Dense<_, 64, Relu> } => Dense<_, 1>;
            }
        }
        let mut model = Deep::new(1);
        for (samples, series) in [(1, "one sample"), (256, "256 samples")] {
            point("depth", series, $depth, per_sample!(model, &inputs::<64>(samples)[..], Deep));
        }
        for (samples, series) in [(32, "batch of 32"), (256, "batch of 256")] {
            point("memory-depth", series, $depth, memory_of!(model, inputs::<64>(samples)));
        }
    })*};
}

/// The bytes that a trainer and a step of it take.
macro_rules! memory_of {
    ($model:expr, $x:expr) => {{
        let x = $x;
        let targets = vec![[0.5]; x.len()];
        peak_of(|| {
            let mut trainer = Trainer::new(&mut *$model, Adam::default(), MeanSquaredError).verbose(false).threads(1);
            trainer.train_on_batch(&x, &targets).unwrap();
        }) as f64
    }};
}

model! {
    struct Chain {
        input x: [f32; 10];
        output y = x => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 1>;
    }
}

fn main() {
    eprintln!("{:?}", fusion::kernels::level());
    widths!(16 32 64 128 256 512 1024 2048 4096);
    depths!(1 2 5 10 20 50 100);
    let mut model = Chain::new(1);
    for samples in [1, 2, 4, 8, 16, 32, 64, 128, 256, 1_000, 10_000, 100_000, 1_000_000] {
        let x = inputs::<10>(samples);
        point("batch", "each sample", samples, per_sample!(model, &x[..], Chain));
        point("memory-batch", "training", samples, memory_of!(model, x));
    }
}

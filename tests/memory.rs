//! How much memory training and predictions take: counted by an allocator of our own, over all threads, without timing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fusion::prelude::{SparseCategoricalCrossentropy as Crossentropy, *};

#[path = "memory/wires.rs"]
mod wires;

/// The system's allocator, counting bytes.
struct Counting;

/// The bytes that there are, and the most that there were.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grown(bytes: usize) {
    PEAK.fetch_max(LIVE.fetch_add(bytes, SeqCst) + bytes, SeqCst);
}

// SAFETY: everything is the system's allocator's; counting allocates nothing. What this leaves out, `alloc_zeroed` and
// `realloc`, are by their definition calls of these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), SeqCst);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the program that runs the tests may take or give back meanwhile, on a thread of its own.
const SLACK: usize = 8 * 1024;

/// One test at a time, as they share the counters.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The most that a call takes beyond what there is before it.
fn peak_of(call: impl FnOnce()) -> usize {
    let before = LIVE.load(SeqCst);
    PEAK.store(before, SeqCst);
    call();
    PEAK.load(SeqCst) - before
}

model! {
    struct Fusion {
        input a: [f32; 8];
        input b: [f32; 12];
        branch x = a => Dense<_, 8, Relu> => Dropout(0.1) => Dense<_, 4, Relu>;
        branch y = b => Dense<_, 16, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<_, 2, Relu> => Dense<_, 1>;
    }
}

model! {
    struct Photos {
        input photo: [f32; 6, 6, 2];
        output class = photo => Conv2d<_, 4, 3, Relu>(padding = Same) => MaxPooling2d(2) => Flatten => Dense<_, 3>;
    }
}

model! {
    struct Texts {
        input words: [u32; 4];
        branch x = words => Embedding<30, 4> => Lstm<_, 3>;
        output tone = x => Dense<_, 2>;
        output good = x => Dense<_, 1, Sigmoid>;
    }
}

fn number(i: usize) -> f32 {
    (i as f32 * 0.7).sin()
}

/// The batches of both inputs, and targets.
type Data = (Vec<[f32; 8]>, Vec<[f32; 12]>, Vec<[f32; 1]>);

fn data(samples: usize) -> Data {
    let a = (0..samples).map(|s| std::array::from_fn(|i| number(s * 8 + i)));
    let b = (0..samples).map(|s| std::array::from_fn(|i| number(s * 12 + i)));
    (a.collect(), b.collect(), (0..samples).map(|s| [number(s)]).collect())
}

#[test]
fn the_counter_counts() {
    let _alone = alone();
    let before = LIVE.load(SeqCst);
    let mut numbers = vec![0_u8; 100_000];
    let peak = peak_of(|| {
        numbers.reserve_exact(100_000);
        drop(std::hint::black_box(vec![1_u8; 300_000]));
    });
    assert!(peak.abs_diff(400_000) < SLACK, "{peak}");
    let live = LIVE.load(SeqCst) - before;
    assert!(live.abs_diff(200_000) < SLACK, "{live}");
    drop(numbers);
}

/// Notes how many bytes there are after each epoch.
struct Watch(Rc<RefCell<Vec<usize>>>);
impl Callback for Watch {
    fn on_epoch_end(&mut self, _epoch: usize, _logs: &Scores, _training: &mut Training<'_>) {
        self.0.borrow_mut().push(LIVE.load(SeqCst));
    }
}

const EPOCHS: usize = 1_000;

/// All that keeps something: callbacks, metrics, an order, weights, data to validate on.
#[test]
fn of_a_thousand_epochs_the_history_alone_is_kept() {
    let _alone = alone();
    let ((a, b, z), weights) = (data(50), vec![1.0; 50]);
    let notes = Rc::new(RefCell::new(Vec::with_capacity(EPOCHS)));
    let mut model = Fusion::new(1);
    let mut trainer = Trainer::new(&mut model, Adam::new(1e-4), MeanSquaredError)
        .metric(MeanAbsoluteError)
        .weighted_metric(R2Score::default())
        .epochs(EPOCHS)
        .batch_size(16)
        .sample_weight(&weights)
        .validation_data((&a, &b), weighted(&z, &weights))
        .callback(EarlyStopping::new("val_loss").patience(EPOCHS).restore_best_weights(true))
        .callback(ReduceLrOnPlateau::new("val_loss"))
        .callback(Watch(notes.clone()))
        .verbose(false);
    let history = trainer.fit((&a, &b), &z).unwrap();
    let notes = notes.borrow();
    assert_eq!(notes.len(), EPOCHS);
    // A vector that grows doubles.
    let kept = history.keys().count() * EPOCHS.next_power_of_two() * size_of::<f64>();
    let (second, most) = (notes[1], notes.iter().max().unwrap());
    assert!(
        *most <= second + kept + SLACK,
        "{second} bytes after two epochs, {most} at most; {kept} are the history's"
    );
}

#[test]
fn a_thousand_calls_of_fit_keep_nothing() {
    let _alone = alone();
    let (a, b, z) = data(50);
    let mut model = Fusion::new(1);
    let mut trainer = Trainer::new(&mut model, RmsProp::default(), MeanSquaredError)
        .metric(MeanAbsoluteError)
        .validation_split(0.2)
        .callback(EarlyStopping::new("val_loss").restore_best_weights(true))
        .verbose(false);
    let mut fit = || drop(trainer.fit((&a, &b), &z).unwrap());
    fit();
    let after_one = LIVE.load(SeqCst);
    let peak_of_two = peak_of(&mut fit);
    let peak = peak_of(|| (2..EPOCHS).for_each(|_| fit()));
    assert!(LIVE.load(SeqCst) <= after_one + SLACK && peak <= peak_of_two + SLACK, "{peak_of_two} bytes, then {peak}");
}

/// On so many threads a batch of 100,000 samples takes as much for each of them as one of 1,000 takes at all, and what is
/// `also` taken.
fn assert_flat(what: &str, threads: usize, also: usize, peak: impl Fn(usize) -> usize) {
    let [few, many] = [1_000, 100_000].map(peak);
    let most = threads * few + also + SLACK;
    assert!(many <= most, "{what}, {threads} threads: {few} bytes for 1,000 samples, {many} for 100,000, not {most}");
}

/// The gradients of a batch's tiles are added up in at most eight sums, each with two values more for many tiles.
fn sums<M: Model>() -> usize {
    8 * 3 * M::WEIGHT_BYTES
}

/// What trains in batches of so many samples, with metrics of each kind.
fn of_fusion(
    model: &mut Fusion,
    batch_size: usize,
    threads: usize,
) -> Trainer<'_, Fusion, Adam, MeanSquaredError, ([f32; 1],)> {
    Trainer::new(model, Adam::default(), MeanSquaredError)
        .metric(MeanAbsoluteError)
        .weighted_metric(R2Score::default())
        .batch_size(batch_size)
        .threads(threads)
        .shuffle(false)
        .verbose(false)
}

#[test]
fn a_large_batch_goes_in_tiles() {
    let _alone = alone();
    let (a, b, z) = data(100_000);
    let weights = vec![0.5; 100_000];
    for threads in [1, 3] {
        assert_flat("train_on_batch", threads, sums::<Fusion>(), |n| {
            let (mut model, targets) = (Fusion::new(1), weighted(&z[..n], &weights[..n]));
            peak_of(|| drop(of_fusion(&mut model, n, threads).train_on_batch((&a[..n], &b[..n]), targets).unwrap()))
        });
        assert_flat("fit", threads, sums::<Fusion>(), |n| {
            let (mut model, inputs, targets) = (Fusion::new(1), (&a[..n], &b[..n]), weighted(&z[..n], &weights[..n]));
            peak_of(|| {
                drop(of_fusion(&mut model, n, threads).validation_data(inputs, &z[..n]).fit(inputs, targets).unwrap())
            })
        });
        assert_flat("evaluate", threads, 0, |n| {
            let (mut model, targets) = (Fusion::new(1), weighted(&z[..n], &weights[..n]));
            peak_of(|| drop(of_fusion(&mut model, n, threads).evaluate((&a[..n], &b[..n]), targets).unwrap()))
        });
    }
    let (model, outputs) = (Fusion::new(1), RefCell::new(vec![[0.0]; 100_000]));
    assert_flat("predict_batch_into", 1, 0, |n| {
        let outputs = &mut outputs.borrow_mut()[..n];
        peak_of(|| model.predict_batch_into((&a[..n], &b[..n]), outputs, &mut Fusion::workspace()).unwrap())
    });
    // The threads that all share are started once.
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    drop(model.predict_batch((&a, &b)).unwrap());
    // What ids are checked in is one more.
    assert_flat("predict_batch", threads + 1, size_of_val(&z[..]), |n| {
        peak_of(|| drop(model.predict_batch((&a[..n], &b[..n])).unwrap()))
    });
}

/// A shuffled batch is one more of its data, in the order in which it is trained on.
#[test]
fn a_large_shuffled_batch_is_copied_once() {
    let _alone = alone();
    let (a, b, z) = data(100_000);
    let of_data = 100_000 * (size_of::<[f32; 8 + 12 + 1]>() + size_of::<usize>());
    assert_flat("shuffled fit", 1, sums::<Fusion>() + of_data, |n| {
        let mut model = Fusion::new(1);
        peak_of(|| drop(of_fusion(&mut model, n, 1).shuffle(7).fit((&a[..n], &b[..n]), &z[..n]).unwrap()))
    });
}

model! {
    struct Coupled {
        input a: [f32; 8];
        output z = a => BatchNormalization<_> => Dense<_, 1>;
    }
}

/// Batch normalization sees a batch as a whole, so that such a one grows: this would be seen of the others too.
#[test]
fn a_batch_that_is_normalized_goes_whole() {
    let _alone = alone();
    let (a, _, z) = data(100_000);
    let [few, many] = [1_000, 100_000].map(|n| {
        let mut model = Coupled::new(1);
        let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError).verbose(false);
        peak_of(|| drop(trainer.train_on_batch(&a[..n], &z[..n]).unwrap()))
    });
    assert!(many > 50 * few, "{few} bytes for 1,000 samples, {many} for 100,000");
}

#[test]
fn a_large_batch_of_images_goes_in_tiles() {
    let _alone = alone();
    let numbers: Vec<f32> = (0..100_000 * 72).map(number).collect();
    let photos: &[[[[f32; 2]; 6]; 6]] = rows(&numbers).unwrap();
    let classes: Vec<u32> = (0..100_000).map(|s| s % 3).collect();
    fn of_photos(model: &mut Photos, batch_size: usize) -> Trainer<'_, Photos, Sgd, Crossentropy, (u32,)> {
        let trainer = Trainer::new(model, Sgd::new(0.1), Crossentropy::from_logits());
        trainer.metric(SparseCategoricalAccuracy).batch_size(batch_size).threads(1).verbose(false)
    }
    assert_flat("train_on_batch", 1, sums::<Photos>(), |n| {
        let mut model = Photos::new(1);
        peak_of(|| drop(of_photos(&mut model, n).train_on_batch(&photos[..n], &classes[..n]).unwrap()))
    });
    assert_flat("evaluate", 1, 0, |n| {
        let mut model = Photos::new(1);
        peak_of(|| drop(of_photos(&mut model, n).evaluate(&photos[..n], &classes[..n]).unwrap()))
    });
    let (model, outputs) = (Photos::new(1), RefCell::new(vec![[0.0; 3]; 100_000]));
    assert_flat("predict_batch_into", 1, 0, |n| {
        let outputs = &mut outputs.borrow_mut()[..n];
        peak_of(|| model.predict_batch_into(&photos[..n], outputs, &mut Photos::workspace()).unwrap())
    });
}

/// Ids, rows of a table, recurrence, two outputs.
#[test]
fn a_large_batch_of_texts_goes_in_tiles() {
    let _alone = alone();
    let words: Vec<[u32; 4]> = (0..100_000).map(|s| std::array::from_fn(|i| ((s * 7 + i * s) % 30) as u32)).collect();
    let tone: Vec<[f32; 2]> = (0..100_000).map(|s| [number(s), 0.5]).collect();
    let good: Vec<[f32; 1]> = (0..100_000).map(|s| [(s % 2) as f32]).collect();
    let train = |n: usize, evaluate: bool| {
        let targets = TextsTargets { tone: &tone[..n], good: &good[..n] };
        let losses = TextsLosses { tone: MeanSquaredError, good: BinaryCrossentropy::default() };
        let mut model = Texts::new(1);
        peak_of(|| {
            let mut trainer =
                Trainer::new(&mut model, RmsProp::default(), losses).threads(1).verbose(false).batch_size(n);
            let scores = match evaluate {
                true => trainer.evaluate(&words[..n], targets),
                false => trainer.train_on_batch(&words[..n], targets),
            };
            drop(scores.unwrap());
        })
    };
    // The rows of the table have sums of their squares too.
    assert_flat("train_on_batch", 1, 2 * sums::<Texts>(), |n| train(n, false));
    assert_flat("evaluate", 1, 0, |n| train(n, true));
    let model = Texts::new(1);
    let outputs = RefCell::new(model.predict_batch(&words).unwrap());
    assert_flat("predict_batch_into", 1, 0, |n| {
        let mut outputs = outputs.borrow_mut();
        let TextsOutputs { tone, good } = &mut *outputs;
        let outputs = TextsOutputsMut { tone: &mut tone[..n], good: &mut good[..n] };
        peak_of(|| model.predict_batch_into(&words[..n], outputs, &mut Texts::workspace()).unwrap())
    });
}

//! What is promised to allocate nothing allocates nothing: counted by an allocator of our own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use fusion::prelude::*;
use models::{Photo, Tagging, Tickets, TicketsLossWeights, TicketsLosses, TicketsTargets, ToyResnet};
use programs::{Nbeats, Seq2Seq, Seq2SeqInput, Seq2SeqInputs};
use public_models::*;

#[allow(dead_code, reason = "two of them are enough")]
#[path = "keras_parity/guide_models/models.rs"]
mod models;
#[path = "keras_parity/programs/own.rs"]
mod own;
#[allow(dead_code, reason = "two of them are enough")]
#[path = "keras_parity/programs/models.rs"]
mod programs;
#[path = "keras_parity/programs/public_models.rs"]
mod public_models;

/// The system's allocator, counting the calls of each thread.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends has no counter any more.
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: everything is the system's allocator's; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn calls_of(call: impl FnOnce()) -> usize {
    // Where `FUSION_SIMD` is set, reading it takes memory, once.
    fusion_core::kernels::level();
    let before = CALLS.get();
    call();
    CALLS.get() - before
}

model! {
    struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 8, Relu> => Dropout(0.1) => Dense<8, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

/// The batches of both inputs, and targets.
type Data = (Vec<[f32; 32]>, Vec<[f32; 128]>, Vec<[f32; 1]>);

fn data(samples: usize) -> Data {
    let number = |i: usize| (i as f32 * 0.7).sin();
    let a = (0..samples).map(|s| std::array::from_fn(|i| number(s * 32 + i)));
    let b = (0..samples).map(|s| std::array::from_fn(|i| number(s * 128 + i)));
    (a.collect(), b.collect(), (0..samples).map(|s| [number(s)]).collect())
}

#[test]
fn the_counter_counts() {
    assert_eq!(calls_of(|| drop(std::hint::black_box(vec![1_u8]))), 1);
}

#[test]
fn one_prediction_allocates_nothing() {
    let (model, (a, b, _)) = (Fusion::new(1), data(1));
    assert_eq!(calls_of(|| assert!(model.predict(&a[0], &b[0])[0].is_finite())), 0);
}

#[test]
fn predictions_into_a_buffer_allocate_nothing() {
    let (model, (a, b, _)) = (Fusion::new(1), data(100));
    let (mut workspace, mut outputs) = (Fusion::workspace(), vec![[0.0]; 100]);
    let calls = calls_of(|| model.predict_batch_into((&a, &b), &mut outputs, &mut workspace).unwrap());
    assert_eq!(calls, 0);
}

#[test]
fn prepared_models_allocate_nothing() {
    fn check<K: fusion::layer::WeightKind>() {
        let (model, (a, b, _)) = (Fusion::new(1).prepare_as::<K>(), data(100));
        let one = || assert!(model.predict_named(FusionInput { a: &a[0], b: &b[0] })[0].is_finite());
        assert_eq!(calls_of(one), 0);
        let (mut workspace, mut outputs) = (Fusion::workspace(), vec![[0.0]; 100]);
        let calls = calls_of(|| model.predict_batch_into((&a, &b), &mut outputs, &mut workspace).unwrap());
        assert_eq!(calls, 0);
    }
    check::<fusion::layer::F32>();
    check::<fusion::layer::F16>();
    check::<fusion::layer::Int8>();
}

#[test]
fn a_step_after_the_first_allocates_nothing() {
    let (mut model, (a, b, z)) = (Fusion::new(1), data(100));
    let mut trainer =
        Trainer::new(&mut model, Adam::default(), MeanSquaredError).metric(MeanAbsoluteError).verbose(false);
    assert_only_the_first_allocates(|| trainer.train_on_batch((&a, &b), &z).unwrap()["loss"]);
}

/// Takes three steps, of which the first makes the memory.
fn assert_only_the_first_allocates(mut step: impl FnMut() -> f64) {
    let mut calls = || calls_of(|| assert!(step().is_finite()));
    assert!(calls() > 0);
    assert_eq!([calls(), calls()], [0; 2]);
}

/// Convolutions, poolings, sums, dropout.
#[test]
fn a_network_of_images_allocates_nothing_after_its_first_step() {
    let mut model = ToyResnet::new(1);
    let numbers: Vec<f32> = (0..20 * Photo::SHAPE.length()).map(|i| (i as f32 * 0.7).sin()).collect();
    let (images, classes): (&[Photo], Vec<u32>) = (rows(&numbers).unwrap(), (0..20).map(|s| s % 10).collect());
    assert_eq!(calls_of(|| assert!(model.predict(&images[0])[0].is_finite())), 0);

    let loss = SparseCategoricalCrossentropy::from_logits();
    let mut trainer =
        Trainer::new(&mut model, RmsProp::default(), loss).metric(SparseCategoricalAccuracy).verbose(false);
    assert_only_the_first_allocates(|| trainer.train_on_batch(images, &classes).unwrap()["loss"]);
}

/// A mask that goes through layers to the loss and the metrics.
#[test]
fn a_network_with_masks_allocates_nothing_after_its_first_step() {
    let mut model = Tagging::new(1);
    let words: Vec<[u32; 6]> =
        (0..20).map(|s| std::array::from_fn(|i| if i < 2 + s % 4 { 1 + s as u32 % 8 } else { 0 })).collect();
    let tags: Vec<[u32; 6]> = (0..20).map(|s| std::array::from_fn(|i| ((s + i) % 3) as u32)).collect();
    assert_eq!(calls_of(|| assert!(model.predict(&words[0])[0][0].is_finite())), 0);

    let mut trainer = Trainer::new(&mut model, Adam::default(), SparseCategoricalCrossentropy::default())
        .metric(SparseCategoricalAccuracy)
        .metric(SparseCategoricalCrossentropy::default())
        .verbose(false);
    assert_only_the_first_allocates(|| trainer.train_on_batch(&words, &tags).unwrap()["loss"]);
}

/// Ids, recurrence, several inputs and outputs.
#[test]
fn a_network_of_texts_allocates_nothing_after_its_first_step() {
    let mut model = Tickets::new(1);
    let id = |i: usize| (i * 7 % 50) as u32;
    let title: Vec<[u32; 7]> = (0..20).map(|s| std::array::from_fn(|i| id(s + i))).collect();
    let body: Vec<[u32; 11]> = (0..20).map(|s| std::array::from_fn(|i| id(s * i))).collect();
    let (tags, priority, department) = ([[0.5; 6]; 20], [[1.0]; 20], [[0.0, 1.0, 0.0, 0.0]; 20]);
    assert_eq!(calls_of(|| assert!(model.predict(&title[0], &body[0], &tags[0]).priority[0].is_finite())), 0);

    let (mut workspace, mut outputs) = (Tickets::workspace(), model.predict_batch((&title, &body, &tags)).unwrap());
    let calls = calls_of(|| {
        model.predict_batch_into((&title, &body, &tags), outputs.as_mut(), &mut workspace).unwrap();
    });
    assert_eq!(calls, 0);

    let losses = TicketsLosses {
        priority: BinaryCrossentropy::from_logits(),
        department: CategoricalCrossentropy::from_logits(),
    };
    let mut trainer = Trainer::new(&mut model, RmsProp::default(), losses)
        .loss_weights(TicketsLossWeights { priority: 1.0, department: 0.2 })
        .verbose(false);
    let targets = TicketsTargets { priority: &priority, department: &department };
    assert_only_the_first_allocates(|| trainer.train_on_batch((&title, &body, &tags), targets).unwrap()["loss"]);
}

/// Notes the counter after each step.
struct Watch(Rc<RefCell<Vec<usize>>>);
impl Callback for Watch {
    fn on_batch_end(&mut self, _batch: usize, _logs: &Scores, _training: &mut Training<'_>) {
        self.0.borrow_mut().push(CALLS.get());
    }
}

#[test]
fn the_steps_of_a_shuffled_fit_allocate_nothing_after_the_first_epoch() {
    let (mut model, (a, b, z)) = (Fusion::new(1), data(100));
    let weights = vec![1.0; 100];
    let notes = Rc::new(RefCell::new(Vec::with_capacity(16)));
    Trainer::new(&mut model, Adam::default(), MeanSquaredError)
        .metric(MeanAbsoluteError)
        .epochs(2)
        .shuffle(3)
        .sample_weight(&weights)
        .callback(Watch(notes.clone()))
        .verbose(false)
        .fit((&a, &b), &z)
        .unwrap();
    let notes = notes.borrow();
    assert_eq!(notes.len(), 8);
    assert!(notes[4..].iter().all(|calls| *calls == notes[4]), "{notes:?}");
}

/// Blocks with two outputs.
#[test]
fn nbeats_allocates_nothing() {
    let mut model = Nbeats::new(1);
    let (series, others) = ([[[0.5]; 10]; 20], [[[0.25, -0.5]; 10]; 20]);
    assert_eq!(calls_of(|| assert!(model.predict(&series[0], &others[0]).forecast[0][0].is_finite())), 0);
    let losses = (MeanSquaredError, MeanSquaredError);
    let mut trainer = Trainer::new(&mut model, Adam::default(), losses).loss_weights([1.0, 0.5]).verbose(false);
    let targets = (&[[[0.5]; 3]; 20], &[[[0.0]; 10]; 20]);
    assert_only_the_first_allocates(|| trainer.train_on_batch((&series, &others), targets).unwrap()["loss"]);
}

/// A prediction of a public program, and its steps after the first, with the optimizer and the loss that it has.
macro_rules! program {
    (
        $test:ident, $Program:ident, $Input:ident and $Inputs:ident { $($name:ident: $value:expr),+ } => $target:expr,
        $optimizer:expr, $loss:expr
    ) => {
        #[test]
        fn $test() {
            let mut model = $Program::new(1);
            let input = $Input { $($name: &$value),+ };
            assert_eq!(calls_of(|| assert!(Tensor::numbers(&[model.predict_named(input)])[0].is_finite())), 0);
            let mut trainer = Trainer::new(&mut model, $optimizer, $loss).verbose(false);
            let inputs = $Inputs { $($name: &[$value; 20]),+ };
            assert_only_the_first_allocates(|| trainer.train_on_batch(inputs, &[$target; 20]).unwrap()["loss"]);
        }
    };
}

program!(
    tab_transformer_allocates_nothing, TabTransformer,
    TabTransformerInput and TabTransformerInputs {
        age: 0.5, gain: -1.0, hours: 0.25, job: 8, education: 15, relation: 5, country: 11
    } => [1.0],
    AdamW::new(0.001).weight_decay(0.0001), BinaryCrossentropy::default()
);
program!(
    behavior_sequence_allocates_nothing, BehaviorSequence,
    BehaviorSequenceInput and BehaviorSequenceInputs {
        films: [15, 2, 2], film: [0], ratings: [1.0, 5.0, 3.0], sex: 1, age: 6, occupation: 20
    } => [4.0],
    Adagrad::new(0.01), MeanSquaredError
);
program!(
    variable_selection_allocates_nothing, VariableSelection,
    VariableSelectionInput and VariableSelectionInputs { age: 0.5, wage: -1.0, weeks: 0.25, worker: 8, sex: 1, state: 11 }
        => [0.0],
    Adam::default(), BinaryCrossentropy::default()
);
program!(
    siamese_allocates_nothing, Siamese,
    SiameseInput and SiameseInputs { left: [[[0.5]; 10]; 10], right: [[[0.25]; 10]; 10] } => [1.0],
    RmsProp::default(), own::Contrastive
);
program!(
    lstm_fcn_allocates_nothing, LstmFcn,
    LstmFcnInput and LstmFcnInputs { series: [[0.5; 12]] } => [0.0, 0.0, 1.0, 0.0],
    Adam::default(), CategoricalCrossentropy::default()
);
program!(
    seq2seq_allocates_nothing, Seq2Seq,
    Seq2SeqInput and Seq2SeqInputs { source: [[0.5; 5]; 7], target: [[0.25; 8]; 6] }
        => [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]; 6],
    RmsProp::default(), CategoricalCrossentropy::default()
);
program!(
    text_and_metadata_allocates_nothing, TextAndMetadata,
    TextAndMetadataInput and TextAndMetadataInputs { numbers: [0.5; 5], place: [5], text: [29, 0, 1, 2, 3, 4, 5] } => [1.0],
    Adam::default(), BinaryCrossentropy::default()
);
program!(
    question_pairs_allocates_nothing, QuestionPairs,
    QuestionPairsInput and QuestionPairsInputs { one: [29, 1, 2, 0], other: [7; 4] } => [1.0],
    Adam::default(), BinaryCrossentropy::default()
);
program!(
    node2vec_allocates_nothing, Node2Vec, Node2VecInput and Node2VecInputs { target: 19, context: 3 } => [1.0],
    Adam::default(), BinaryCrossentropy::from_logits()
);
program!(
    unet_allocates_nothing, UNet, UNetInput and UNetInputs { image: [[[0.5]; 8]; 8] } => [[[1.0]; 8]; 8],
    Adam::new(0.0001), BinaryCrossentropy::default()
);

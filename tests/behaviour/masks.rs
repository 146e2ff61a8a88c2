//! Masks as users meet them: files, memory, losses of one's own.

use fusion::Network;
use fusion::prelude::*;
use fusion_core::losses::{Loss, TargetError};

model! {
    struct Plain = [u32; 5] => Embedding<6, 3> => Lstm<_, 2>(return_sequences = true);
}
model! {
    struct Masked = [u32; 5] => Embedding<6, 3>(mask_zero = true) => Lstm<_, 2>(return_sequences = true);
}
model! {
    struct SaysNo = [u32; 5] => Embedding<6, 3>(mask_zero = false) => Lstm<_, 2>(return_sequences = true);
}

const WORDS: [[u32; 5]; 3] = [[1, 2, 0, 0, 0], [5, 0, 3, 4, 1], [0; 5]];

#[test]
fn a_mask_takes_its_own_memory_alone() {
    let line = 64 / size_of::<f32>();
    for keep in [false, true] {
        let [masked, plain, no] = [Masked::MEMORY, Plain::MEMORY, SaysNo::MEMORY].map(|memory| memory.wires(keep, 1));
        assert_eq!((masked, no), (plain + line, plain));
    }
    assert_eq!((Masked::MEMORY.saved, Masked::MEMORY.scratch), (Plain::MEMORY.saved, Plain::MEMORY.scratch));
    assert!(
        Plain::PLACES.iter().all(|place| place.mask.is_none())
            && Masked::PLACES.iter().all(|place| place.mask.is_some())
    );
}

#[test]
fn a_weight_file_knows_of_a_mask_only_where_there_is_one() {
    let configs = |graph: &fusion_core::layer::Graph| -> Vec<String> {
        let config = |layer: &fusion_core::layer::LayerNode| {
            let mut text = String::new();
            layer.write_config(&mut text).unwrap();
            text
        };
        graph.layers.iter().map(config).collect()
    };
    let [plain, masked, no] = [Plain::GRAPH, Masked::GRAPH, SaysNo::GRAPH].map(configs);
    assert_eq!(plain, no);
    assert!(!plain[0].contains("mask") && masked[0].contains("mask_zero") && plain[1] == masked[1]);

    let (mut model, mut other) = (Masked::new(1), Masked::new(2));
    other.load_weights_from_bytes(&model.weights_to_bytes()).unwrap();
    assert_eq!(model.predict_batch(&WORDS).unwrap(), other.predict_batch(&WORDS).unwrap());
    model.load_weights_from_bytes(&other.weights_to_bytes()).unwrap();
}

#[test]
fn what_does_not_count_is_repeated_in_one_sample_and_in_many() {
    let model = Masked::new(3);
    let outputs = model.predict_batch(&WORDS).unwrap();
    assert_eq!(WORDS.map(|words| model.predict(&words)).to_vec(), outputs);
    assert_eq!(outputs[0][1..], [outputs[0][1]; 4]);
    assert_eq!(outputs[1][0], outputs[1][1]);
    assert_eq!(outputs[2], [[0.0; 2]; 5]);
    let mut plain = Plain::new(3);
    plain.embedding.clone_from(&model.embedding);
    plain.lstm.clone_from(&model.lstm);
    assert_eq!(plain.predict(&[1; 5]), model.predict(&[1; 5]));
    assert_ne!(plain.predict(&WORDS[0]), outputs[0]);
}

/// A loss of samples, not of steps.
struct Squares;
impl<Out: Tensor<Element = f32>> Loss<Out> for Squares {
    type Target = Out;
    fn name(&self) -> &'static str {
        "squares"
    }
    fn losses(&self, targets: &[Out], predictions: &[Out], losses: &mut [f32]) {
        Loss::losses(&MeanSquaredError, targets, predictions, losses);
    }
    fn gradient(&self, targets: &[Out], predictions: &[Out], weights: &[f32], gradient: &mut [Out]) {
        Loss::gradient(&MeanSquaredError, targets, predictions, weights, gradient);
    }
    fn check(&self, targets: &[Out]) -> Result<(), TargetError> {
        Loss::check(&MeanSquaredError, targets)
    }
}

#[test]
fn a_loss_of_samples_cannot_leave_steps_out_and_says_so() {
    let targets = [[[0.5; 2]; 5]; 3];
    let mut model = Masked::new(1);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), Squares).verbose(false);
    let error = trainer.fit(&WORDS, &targets).unwrap_err();
    assert!(matches!(error, TrainError::LossOfMask { .. }));
    assert_eq!(
        error.to_string(),
        "the output `output` has a mask, and its loss takes whole samples, so that it cannot leave steps out; let the loss \
         take steps (`Loss::by_step`), or end the mask before the output, as `Flatten` does"
    );
    let mut plain = Plain::new(1);
    Trainer::new(&mut plain, Sgd::new(0.1), Squares).verbose(false).fit(&WORDS, &targets).unwrap();
}

#[test]
fn a_batch_in_which_nothing_counts_has_no_loss_and_changes_nothing() {
    let mut model = Masked::new(1);
    let before = model.weights_to_bytes();
    let mut trainer =
        Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).metric(MeanAbsoluteError).verbose(false);
    let scores = trainer.train_on_batch(&[[0; 5]; 2], &[[[1.0; 2]; 5]; 2]).unwrap();
    assert_eq!((scores["loss"], scores["mean_absolute_error"]), (0.0, 0.0));
    assert_eq!(model.weights_to_bytes(), before);
}

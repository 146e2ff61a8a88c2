//! Trainings in which all comes together that weighs: batches of which the last is shorter, several outputs, weights of
//! samples, classes and losses, data to validate on with weights of their own, and batch normalization.

use fusion::prelude::*;

use super::check_training;
use super::models::*;
use crate::golden::{Golden, Record};

/// Weights for each output, in training and in validation, and metrics with and without them.
#[test]
pub fn two_heads() {
    let golden = Golden::open_in("training", "two_heads");
    let mut model: Box<TwoHeads> = golden.load();
    let read = |file, of: &str| -> (Vec<[f32; 6]>, Vec<[f32; 4]>) {
        (golden.rows(file, &format!("{of}input0")), golden.rows(file, &format!("{of}input1")))
    };
    let (numbers, flags) = read("io", "");
    let outputs = model.predict_batch((&numbers, &flags)).unwrap();
    golden.check_output(0, outputs.value.as_flattened());
    golden.check_output(1, outputs.kind.as_flattened());

    let targets = |of: &str| -> (Vec<[f32; 2]>, Vec<u32>) {
        let target = |output| format!("{of}target{output}");
        (golden.rows("train_data", &target(0)), golden.ids("train_data", &target(1)))
    };
    let weights = |of: &str| -> [Vec<f32>; 2] {
        [0, 1].map(|output| golden.rows("train_data", &format!("{of}sample_weight{output}")))
    };
    let ((numbers, flags), (value, kind), of_each) = (read("train_data", ""), targets(""), weights(""));
    let (held_numbers, held_flags) = read("train_data", "validation_");
    let ((held_value, held_kind), of_held) = (targets("validation_"), weights("validation_"));
    let of_held = TwoHeadsSampleWeights { value: &of_held[0], kind: &of_held[1] };
    let sparse = SparseCategoricalCrossentropy::default();
    let accuracy = || SparseCategoricalAccuracy.named("accuracy");
    let mae = || MeanAbsoluteError.named("mae");
    let trainer = Trainer::new(&mut model, Adam::new(0.01), TwoHeadsLosses { value: MeanSquaredError, kind: sparse })
        .loss_weights(TwoHeadsLossWeights { value: 1.0, kind: 0.4 })
        .metric(TwoHeadsMetrics { value: mae(), kind: accuracy() })
        .weighted_metric(TwoHeadsMetrics { value: mae(), kind: accuracy() })
        .weighted_metric(TwoHeadsMetrics { value: (), kind: sparse })
        .sample_weight(TwoHeadsSampleWeights { value: &of_each[0], kind: &of_each[1] })
        .validation_data(
            (&held_numbers, &held_flags),
            weighted(TwoHeadsTargets { value: &held_value, kind: &held_kind }, of_held),
        )
        .epochs(3)
        .batch_size(16);
    check_training!(golden, model, trainer, (&numbers, &flags), TwoHeadsTargets { value: &value, kind: &kind });
}

/// A series, and what does not change in it.
type Series = (Vec<[[f32; 4]; 10]>, Vec<[f32; 5]>);

/// Classes that count differently, one of them nothing, and data to validate on with weights.
#[test]
pub fn weighted_classes() {
    let golden = Golden::open_in("training", "weighted_classes");
    let mut model: Box<WeightedClasses> = golden.load();
    let read = |file, of: &str| -> Series {
        (golden.rows(file, &format!("{of}input0")), golden.rows(file, &format!("{of}input1")))
    };
    let (series, fixed) = read("io", "");
    golden.check_output(0, model.predict_batch((&series, &fixed)).unwrap().as_flattened());

    let (series, fixed) = read("train_data", "");
    let (held_series, held_fixed) = read("train_data", "validation_");
    let [class, held_class]: [Vec<[f32; 4]>; 2] =
        ["target0", "validation_target0"].map(|target| golden.rows("train_data", target));
    let of_held: Vec<f32> = golden.rows("train_data", "validation_sample_weight0");
    let trainer = Trainer::new(&mut model, RmsProp::new(0.005), CategoricalCrossentropy::default())
        .metric(CategoricalAccuracy.named("accuracy"))
        .weighted_metric(CategoricalAccuracy.named("accuracy"))
        .weighted_metric(CategoricalCrossentropy::default())
        .class_weight([2.0, 1.0, 0.5, 0.0])
        .validation_data((&held_series, &held_fixed), weighted(&held_class, &of_held))
        .epochs(3)
        .batch_size(12);
    check_training!(golden, model, trainer, (&series, &fixed), &class);
}

/// An image, and numbers.
type Images = (Vec<[[[f32; 2]; 6]; 6]>, Vec<[f32; 3]>);

/// Classes of two of three outputs that count differently. Keras has `class_weight` of a single output only, and so has them
/// as weights of samples.
#[test]
pub fn three_heads() {
    let golden = Golden::open_in("training", "three_heads");
    let mut model: Box<ThreeHeads> = golden.load();
    let read = |file, of: &str| -> Images {
        (golden.rows(file, &format!("{of}input0")), golden.rows(file, &format!("{of}input1")))
    };
    let (image, numbers) = read("io", "");
    let outputs = model.predict_batch((&image, &numbers)).unwrap();
    golden.check_output(0, outputs.size.as_flattened());
    golden.check_output(1, outputs.kind.as_flattened());
    golden.check_output(2, outputs.good.as_flattened());

    let targets = |of: &str| -> (Vec<[f32; 1]>, Vec<u32>, Vec<[f32; 1]>) {
        let target = |output| format!("{of}target{output}");
        let rows = |output| golden.rows("train_data", &target(output));
        (rows(0), golden.ids("train_data", &target(1)), rows(2))
    };
    let ((image, numbers), (size, kind, good)) = (read("train_data", ""), targets(""));
    let (held_image, held_numbers) = read("train_data", "validation_");
    let (held_size, held_kind, held_good) = targets("validation_");
    let held = ThreeHeadsTargets { size: &held_size, kind: &held_kind, good: &held_good };
    let losses = ThreeHeadsLosses {
        size: MeanAbsoluteError,
        kind: SparseCategoricalCrossentropy::default(),
        good: BinaryCrossentropy::default(),
    };
    let accuracy = || SparseCategoricalAccuracy.named("accuracy");
    let trainer = Trainer::new(&mut model, Sgd::new(0.05).momentum(0.9).nesterov(true), losses)
        .loss_weights(ThreeHeadsLossWeights { size: 0.5, kind: 1.0, good: 2.0 })
        .metric(ThreeHeadsMetrics {
            size: MeanSquaredError.named("mse"),
            kind: accuracy(),
            good: Auc::default().named("auc"),
        })
        .weighted_metric(ThreeHeadsMetrics {
            size: (),
            kind: accuracy(),
            good: BinaryAccuracy::default().named("accuracy"),
        })
        .class_weight(ThreeHeadsClassWeights { size: &[], kind: &[2.0, 0.5, 1.5], good: &[1.0, 3.0] })
        .validation_data((&held_image, &held_numbers), held)
        .epochs(3)
        .batch_size(8);
    check_training!(
        golden,
        model,
        trainer,
        (&image, &numbers),
        ThreeHeadsTargets { size: &size, kind: &kind, good: &good }
    );
}

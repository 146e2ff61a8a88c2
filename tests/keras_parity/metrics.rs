//! Metrics: the result after each of three batches, and with sample weights.

use fusion_core::Tensor;
use fusion_core::losses::{
    BinaryCrossentropy, CategoricalCrossentropy, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    SparseCategoricalCrossentropy,
};
use fusion_core::metrics::{
    Auc, Average, BinaryAccuracy, CategoricalAccuracy, Curve, F1Score, Metric, MetricName, Precision, Recall,
    RootMeanSquaredError, SparseCategoricalAccuracy, SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy,
};

use crate::fixture::{Fixture, json};
use crate::parity;

/// For the page of parity.
pub const METRICS: [fn(); 3] = [losses, accuracies, yes_or_no];

/// Fails unless the numbers are the same but for rounding; gives the error.
#[track_caller]
fn assert_near(what: &str, found: f64, expected: f64) -> f64 {
    // Keras adds up in `f32`.
    let error = (found - expected).abs() / expected.abs().max(1e-3);
    assert!(error < 1e-6, "{what}: {found} instead of {expected}, relative error {error:e}");
    error
}

/// Compares a metric with its fixture after each batch; `targets_of` reads the targets.
fn check<Out: Tensor<Element = f32>, M: Metric<Out>>(
    name: &str,
    metric: &M,
    targets_of: impl Fn(&Fixture, &str) -> Vec<M::Target>,
) {
    let fixture = Fixture::open(&format!("metrics/{name}"));
    let expected = &json("metrics/index.json")[name]["result_after_each_batch"];
    let mut state = M::State::default();
    for batch in 0..3 {
        let predictions = fixture.numbers(&format!("y_pred{batch}"));
        let targets = targets_of(&fixture, &format!("y_true{batch}"));
        metric.update(&mut state, &targets, Out::rows(&predictions), None);
        let expected = &expected[batch];
        // One score for each class, and there is one class.
        let expected = expected.as_f64().or_else(|| expected[0].as_f64()).expect("a number");
        let error = assert_near(&format!("{name} after batch {batch}"), metric.result(&state), expected);
        parity::note(name, "result", error);
    }
}

/// [`check`] where the targets are numbers.
fn check_numbers<Out: Tensor<Element = f32>>(name: &str, metric: &impl Metric<Out, Target = Out>) {
    check(name, metric, |fixture, tensor| Out::rows(&fixture.numbers(tensor)).to_vec());
}

#[test]
fn losses() {
    check_numbers::<[f32; 2]>("mean_squared_error", &MeanSquaredError);
    check_numbers::<[f32; 2]>("mean_absolute_error", &MeanAbsoluteError);
    check_numbers::<[f32; 2]>("mean_absolute_percentage_error", &MeanAbsolutePercentageError);
    check_numbers::<[f32; 2]>("root_mean_squared_error", &RootMeanSquaredError);
    check_numbers::<[f32; 1]>("binary_crossentropy", &BinaryCrossentropy::default());
    let sparse = SparseCategoricalCrossentropy::default();
    check::<[f32; 5], _>("sparse_categorical_crossentropy", &sparse, Fixture::ids);
}

#[test]
fn accuracies() {
    check_numbers::<[f32; 1]>("binary_accuracy", &BinaryAccuracy);
    check_numbers::<[f32; 5]>("categorical_accuracy", &CategoricalAccuracy);
    check_numbers::<[f32; 5]>("top_k_categorical_accuracy", &TopKCategoricalAccuracy::new(2));
    check::<[f32; 5], _>("sparse_categorical_accuracy", &SparseCategoricalAccuracy, Fixture::ids);
    let sparse = SparseTopKCategoricalAccuracy::new(2);
    check::<[f32; 5], _>("sparse_top_k_categorical_accuracy", &sparse, Fixture::ids);
}

#[test]
fn yes_or_no() {
    check_numbers::<[f32; 1]>("auc_roc", &Auc::default());
    check_numbers::<[f32; 1]>("auc_pr", &Auc::default().curve(Curve::Pr));
    check_numbers::<[f32; 1]>("precision", &Precision::default());
    check_numbers::<[f32; 1]>("recall", &Recall::default());
    check_numbers::<[f32; 1]>("f1", &F1Score::default().threshold(0.5));
    check_numbers::<[f32; 5]>("f1_macro", &F1Score::default());
}

/// A metric's result on one batch.
fn result<Out: Tensor<Element = f32>, M: Metric<Out>>(
    metric: &M,
    targets: &[M::Target],
    predictions: &[Out],
    weights: Option<&[f32]>,
) -> f64 {
    let mut state = M::State::default();
    metric.update(&mut state, targets, predictions, weights);
    metric.result(&state)
}

/// The expected numbers are Keras's results for these values and weights.
#[test]
fn weights_of_one_output() {
    let targets = [[1.0], [0.0], [1.0], [1.0], [0.0]];
    let predictions = [[0.9_f32], [0.4], [0.3], [0.5], [0.7]];
    let weights = [1.0, 0.5, 2.0, 0.0, 3.0];
    let check = |expected, found: &dyn Fn(Option<&[f32]>) -> f64| {
        assert_near("weighted", found(Some(&weights)), expected);
        // A weight of 2 is a sample seen twice, and one of 0 is a sample left out; all halved is all the same.
        let halves = weights.map(|weight| weight / 2.0);
        assert_near("halved", found(Some(&halves)), expected);
    };
    macro_rules! check {
        ($metric:expr, $expected:expr) => {
            check($expected, &|weights| result(&$metric, &targets, &predictions, weights))
        };
    }
    check!(BinaryAccuracy, 0.230_769_231_915_473_94);
    check!(Auc::default(), 0.333_333_333_333_333_3);
    check!(Auc::from_logits(), 0.333_333_333_333_333_3);
    check!(Auc::default().curve(Curve::Pr), 0.570_987_820_625_305_2);
    check!(Precision::default(), 0.25);
    check!(Recall::default(), 0.333_333_333_333_333_3);
    check!(BinaryCrossentropy::default(), 0.981_636_464_595_794_7);
    check!(RootMeanSquaredError, 0.625_115_334_987_640_4);
    check!(MeanSquaredError, 0.390_769_213_438_034_06);
    check!(MeanAbsoluteError, 0.584_615_349_769_592_3);
    check!(MeanAbsolutePercentageError, 353_846_208.0);
    // Its epsilon is seen where the weights are small.
    let f1 = F1Score::default().threshold(0.5);
    assert_near("f1", result(&f1, &targets, &predictions, Some(&weights)), 0.285_714_209_079_742_43);
}

/// The expected numbers are Keras's results for these values, with weights and without.
#[test]
fn weights_of_several_classes() {
    let one_hot = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]];
    let ids = [0, 1, 2, 2];
    let predictions = [[0.5_f32, 0.3, 0.2], [0.4, 0.4, 0.2], [0.1, 0.6, 0.3], [0.0, 0.0, 0.0]];
    let weights = [1.0, 0.5, 2.0, 4.0];
    macro_rules! check {
        ($metric:expr, $targets:expr, $weighted:expr, $plain:expr) => {
            assert_near("weighted", result(&$metric, &$targets, &predictions, Some(&weights)), $weighted);
            assert_near("plain", result(&$metric, &$targets, &predictions, None), $plain);
        };
    }
    check!(CategoricalAccuracy, one_hot, 0.133_333_340_287_208_56, 0.25);
    check!(SparseCategoricalAccuracy, ids, 0.133_333_340_287_208_56, 0.25);
    check!(TopKCategoricalAccuracy::new(2), one_hot, 1.0, 1.0);
    check!(SparseTopKCategoricalAccuracy::new(1), ids, 0.733_333_349_227_905_3, 0.75);
    check!(F1Score::default(), one_hot, 0.377_777_725_458_145_14, 0.444_444_388_151_168_8);
    check!(F1Score::default().average(Average::Micro), one_hot, 0.260_869_532_823_562_6, 0.499_999_940_395_355_2);
    check!(F1Score::default().average(Average::Weighted), one_hot, 0.128_888_875_246_047_97, 0.333_333_283_662_796);
    check!(Precision::default().class_id(1).thresholds(0.35), one_hot, 0.200_000_002_980_232_24, 0.5);
    check!(Recall::default().class_id(1).thresholds(0.35), one_hot, 1.0, 1.0);
    check!(SparseCategoricalCrossentropy::default(), ids, 1.060_491_681_098_938, 0.978_005_766_868_591_3);
    check!(BinaryAccuracy, one_hot, 0.577_777_802_944_183_3, 0.583_333_373_069_763_2);
    check!(Auc::default(), one_hot, 0.527_777_791_023_254_4, 0.625);
}

#[test]
fn names_are_kerass() {
    fn name<Out: Tensor<Element = f32>>(metric: &impl Metric<Out>) -> &'static str {
        metric.name()
    }
    assert_eq!(name::<[f32; 1]>(&MeanAbsoluteError), "mean_absolute_error");
    assert_eq!(name::<[f32; 1]>(&CategoricalCrossentropy::default()), "categorical_crossentropy");
    assert_eq!(name::<[f32; 1]>(&F1Score::default()), "f1_score");
    assert_eq!(name::<[f32; 1]>(&MeanAbsoluteError.named("mae")), "mae");
    assert_eq!(name::<[f32; 1]>(&BinaryAccuracy.threshold(0.0).named("accuracy")), "accuracy");
}

//! Metrics: the result after each of three batches, and with sample weights.

use fusion_core::Tensor;
use fusion_core::losses::{
    BinaryCrossentropy, CategoricalCrossentropy, CategoricalHinge, CosineSimilarity, Hinge, KlDivergence,
    MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError, Poisson,
    SparseCategoricalCrossentropy, SquaredHinge,
};
use fusion_core::metrics::{
    Accuracy, Auc, Average, BinaryAccuracy, BinaryIou, CategoricalAccuracy, ClassAggregation, ConcordanceCorrelation,
    Curve, F1Score, FBetaScore, FalseNegatives, FalsePositives, Iou, LogCoshError, MeanIou, Metric, MetricName,
    MetricState, OneHotIou, OneHotMeanIou, PearsonCorrelation, Precision, PrecisionAtRecall, R2Score, Recall,
    RecallAtPrecision, RootMeanSquaredError, SensitivityAtSpecificity, SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, SummationMethod, TopKCategoricalAccuracy, TrueNegatives,
    TruePositives,
};
use serde_json::Value;

use crate::fixture::{Fixture, json};
use crate::parity;

/// For the page of parity.
pub const METRICS: [fn(); 7] =
    [losses, accuracies, yes_or_no, areas_under_curves, scores_of_classes, overlaps, variances];

/// Fails unless the numbers are the same but for rounding; gives the error.
#[track_caller]
fn assert_near(what: &str, found: f64, expected: f64) -> f64 {
    assert_near_of(what, found, expected, 1e-3)
}

/// The same where the terms of what is added up are of this size.
#[track_caller]
fn assert_near_of(what: &str, found: f64, expected: f64, size: f64) -> f64 {
    // Keras adds up in `f32`.
    let error = (found - expected).abs() / expected.abs().max(size);
    assert!(error < 1e-6, "{what}: {found} instead of {expected}, relative error {error:e}");
    error
}

/// How a metric is compared with its fixture.
struct Case<Out, M: Metric<Out>>
where
    Out: Tensor<Element = f32>,
{
    name: &'static str,
    metric: M,
    predictions_of: fn(&Fixture, &str) -> Vec<Out>,
    weight: fn(f32) -> f32,
    size: f64,
}

impl<Out: Tensor<Element = f32>, M: Metric<Out>> Case<Out, M> {
    fn new(name: &'static str, metric: M) -> Self {
        Self {
            name,
            metric,
            predictions_of: |fixture, tensor| Out::rows(&fixture.numbers(tensor)).to_vec(),
            weight: |weight| weight,
            size: 1e-3,
        }
    }

    /// Compares after each batch, and where there are weights with these too.
    fn check(&self, targets_of: impl Fn(&Fixture, &str) -> Vec<M::Target>) {
        let fixture = Fixture::open(&format!("metrics/{}", self.name));
        let expected = &json("metrics/index.json")[self.name];
        self.check_results(&fixture, &targets_of, &expected["result_after_each_batch"], false);
        let weighted = &expected["weighted_result_after_each_batch"];
        if !weighted.is_null() {
            self.check_results(&fixture, &targets_of, weighted, true);
        }
    }

    fn check_results(
        &self,
        fixture: &Fixture,
        targets_of: impl Fn(&Fixture, &str) -> Vec<M::Target>,
        expected: &Value,
        is_weighted: bool,
    ) {
        let (mut state, quantity) = (M::State::default(), if is_weighted { "weighted" } else { "result" });
        for batch in 0..3 {
            let predictions = (self.predictions_of)(fixture, &format!("y_pred{batch}"));
            let targets = targets_of(fixture, &format!("y_true{batch}"));
            let weights = is_weighted.then(|| fixture.numbers(&format!("sample_weight{batch}")));
            let weights: Option<Vec<f32>> = weights.map(|weights| weights.into_iter().map(self.weight).collect());
            // A state that was kept and made again goes on as it was.
            state = made_again(state);
            self.metric.update(&mut state, &targets, &predictions, weights.as_deref());
            let of_keras: Vec<f64> = match &expected[batch] {
                Value::Array(numbers) => numbers.iter().map(|number| number.as_f64().unwrap()).collect(),
                number => vec![number.as_f64().unwrap()],
            };
            let mut found = Vec::new();
            self.metric.results(&state, &mut |number| found.push(number));
            assert_eq!(found.len(), of_keras.len(), "{}", self.name);
            for (found, of_keras) in found.into_iter().zip(of_keras) {
                let what = format!("{} after batch {batch}, {quantity}", self.name);
                parity::note(self.name, quantity, assert_near_of(&what, found, of_keras, self.size));
            }
        }
    }
}

/// A new state of the numbers of another.
fn made_again<S: MetricState>(mut state: S) -> S {
    let mut numbers = Vec::new();
    state.each(&mut |number| numbers.push(*number));
    let (mut again, mut rest) = (S::default(), numbers.iter());
    again.each(&mut |number| *number = *rest.next().unwrap());
    assert!(rest.as_slice().is_empty());
    again
}

/// Compares a metric with its fixture where the targets are numbers.
fn check_numbers<Out: Tensor<Element = f32>>(name: &'static str, metric: &(impl Metric<Out, Target = Out> + Copy)) {
    Case::new(name, *metric).check(numbers);
}

/// The same where they are class ids of one vector.
fn check_ids<Out: Tensor<Element = f32, ClassIds = u32>>(
    name: &'static str,
    metric: &(impl Metric<Out, Target = u32> + Copy),
) {
    Case::new(name, *metric).check(Fixture::ids);
}

fn numbers<Out: Tensor<Element = f32>>(fixture: &Fixture, tensor: &str) -> Vec<Out> {
    Out::rows(&fixture.numbers(tensor)).to_vec()
}

/// Class ids as numbers.
fn ids_as_numbers(fixture: &Fixture, tensor: &str) -> Vec<[f32; 1]> {
    fixture.ids(tensor).into_iter().map(|id| [id as f32]).collect()
}

#[test]
fn losses() {
    check_numbers::<[f32; 2]>("mean_squared_error", &MeanSquaredError);
    check_numbers::<[f32; 2]>("mean_absolute_error", &MeanAbsoluteError);
    check_numbers::<[f32; 2]>("mean_absolute_percentage_error", &MeanAbsolutePercentageError);
    check_numbers::<[f32; 2]>("mean_squared_logarithmic_error", &MeanSquaredLogarithmicError);
    check_numbers::<[f32; 2]>("root_mean_squared_error", &RootMeanSquaredError);
    check_numbers::<[f32; 2]>("log_cosh_error", &LogCoshError);
    check_numbers::<[f32; 2]>("poisson", &Poisson);
    check_numbers::<[f32; 2]>("cosine_similarity", &CosineSimilarity::default());
    check_numbers::<[f32; 1]>("hinge", &Hinge);
    check_numbers::<[f32; 1]>("squared_hinge", &SquaredHinge);
    check_numbers::<[f32; 5]>("categorical_hinge", &CategoricalHinge);
    check_numbers::<[f32; 5]>("kl_divergence", &KlDivergence);
    check_numbers::<[f32; 1]>("binary_crossentropy", &BinaryCrossentropy::default());
    let categorical = CategoricalCrossentropy::default().label_smoothing(0.1);
    check_numbers::<[f32; 5]>("categorical_crossentropy", &categorical);
    check_ids::<[f32; 5]>("sparse_categorical_crossentropy", &SparseCategoricalCrossentropy::default());
}

#[test]
fn accuracies() {
    Case::<[f32; 1], _> { predictions_of: ids_as_numbers, ..Case::new("accuracy", Accuracy) }.check(ids_as_numbers);
    check_numbers::<[f32; 1]>("binary_accuracy", &BinaryAccuracy);
    check_numbers::<[f32; 5]>("categorical_accuracy", &CategoricalAccuracy);
    check_numbers::<[f32; 5]>("top_k_categorical_accuracy", &TopKCategoricalAccuracy::new(2));
    check_ids::<[f32; 5]>("sparse_categorical_accuracy", &SparseCategoricalAccuracy);
    let sparse = SparseTopKCategoricalAccuracy::new(2);
    check_ids::<[f32; 5]>("sparse_top_k_categorical_accuracy", &sparse);
    check_ids::<[f32; 5]>("top_k_of_sorted_ids", &sparse.from_sorted_ids(true));
}

#[test]
fn yes_or_no() {
    check_numbers::<[f32; 1]>("true_positives", &TruePositives::default());
    check_numbers::<[f32; 5]>("true_positives_threshold", &TruePositives::default().thresholds(0.25));
    check_numbers::<[f32; 1]>("false_positives", &FalsePositives::default());
    check_numbers::<[f32; 1]>("false_negatives", &FalseNegatives::default());
    check_numbers::<[f32; 1]>("true_negatives", &TrueNegatives::default());
    check_numbers::<[f32; 1]>("precision", &Precision::default());
    check_numbers::<[f32; 5]>("precision_class_id", &Precision::default().class_id(1));
    check_numbers::<[f32; 5]>("precision_top_k", &Precision::default().top_k(2));
    check_numbers::<[f32; 1]>("recall", &Recall::default());
    check_numbers::<[f32; 1]>("recall_threshold", &Recall::default().thresholds(0.7));
    check_numbers::<[f32; 5]>("recall_top_k_threshold", &Recall::default().top_k(3).thresholds(0.4));
    check_numbers::<[f32; 1]>("precision_thresholds", &Precision::default().thresholds([0.3, 0.6]));
}

#[test]
fn areas_under_curves() {
    let auc = Auc::default();
    check_numbers::<[f32; 1]>("auc_roc", &auc);
    check_numbers::<[f32; 1]>("auc_pr", &auc.curve(Curve::Pr));
    check_numbers::<[f32; 1]>("auc_prgain", &auc.curve(Curve::PrGain));
    check_numbers::<[f32; 1]>("auc_majoring", &auc.summation_method(SummationMethod::Majoring));
    let minoring = auc.curve(Curve::Pr).summation_method(SummationMethod::Minoring);
    check_numbers::<[f32; 1]>("auc_pr_minoring", &minoring);
    check_numbers::<[f32; 1]>("auc_50_thresholds", &auc.num_thresholds(50));
    check_numbers::<[f32; 1]>("auc_thresholds", &auc.thresholds(&[0.8, 0.1, 0.45]));
    check_numbers::<[f32; 1]>("auc_from_logits", &Auc::from_logits());
    check_numbers::<[f32; 5]>("auc_multi_label", &auc.multi_label(true));
    let weighted = auc.label_weights(&[0.5, 1.0, 2.0, 0.25, 0.0]);
    check_numbers::<[f32; 5]>("auc_label_weights", &weighted.multi_label(true).curve(Curve::Pr));
    check_numbers::<[f32; 5]>("auc_flat_label_weights", &weighted);
    check_numbers::<[f32; 1]>("precision_at_recall", &PrecisionAtRecall::new(0.6));
    let one_threshold = PrecisionAtRecall::new(0.1).num_thresholds(1);
    check_numbers::<[f32; 1]>("precision_at_recall_one_threshold", &one_threshold);
    check_numbers::<[f32; 1]>("recall_at_precision", &RecallAtPrecision::new(0.6));
    check_numbers::<[f32; 1]>("sensitivity_at_specificity", &SensitivityAtSpecificity::new(0.6));
    let of_class = SensitivityAtSpecificity::new(0.4).num_thresholds(20).class_id(2);
    check_numbers::<[f32; 5]>("sensitivity_of_class", &of_class);
    check_numbers::<[f32; 1]>("specificity_at_sensitivity", &SpecificityAtSensitivity::new(0.6));
}

#[test]
fn scores_of_classes() {
    let (f1, f_beta) = (F1Score::default(), FBetaScore::default());
    check_numbers::<[f32; 1]>("f1", &f1.threshold(0.5));
    check_numbers::<[f32; 5]>("f1_macro", &f1);
    check_numbers::<[f32; 5]>("f1_micro", &f1.average(Average::Micro));
    check_numbers::<[f32; 5]>("f1_weighted", &f1.average(Average::Weighted));
    check_numbers::<[f32; 5]>("f1_none", &f1.average(Average::None));
    check_numbers::<[f32; 5]>("fbeta", &f_beta.beta(2.0).threshold(0.5).average(Average::None));
    check_numbers::<[f32; 5]>("fbeta_micro", &f_beta.beta(0.5).average(Average::Micro));
    let weighted = f_beta.beta(0.5).average(Average::Weighted).threshold(0.3);
    check_numbers::<[f32; 5]>("fbeta_weighted", &weighted);
}

#[test]
fn overlaps() {
    let of_ids = MeanIou::default().sparse_y_pred(5);
    Case::<[f32; 1], _> { predictions_of: ids_as_numbers, ..Case::new("mean_iou", of_ids) }.check(Fixture::ids);
    check_ids::<[f32; 5]>("mean_iou_ignore_class", &MeanIou::default().ignore_class(1));
    check_ids::<[f32; 5]>("iou", &Iou::new(&[0, 3]));
    check_numbers::<[f32; 5]>("one_hot_iou", &OneHotIou::new(&[0, 1]).ignore_class(4));
    check_numbers::<[f32; 1]>("binary_iou_of_yes", &BinaryIou::default().target_class_ids(&[1]).threshold(0.3));
    // With Keras's default `dtype` weights are whole numbers.
    let weight: fn(f32) -> f32 = f32::trunc;
    Case::<[f32; 5], _> { weight, ..Case::new("one_hot_mean_iou", OneHotMeanIou::default()) }.check(numbers);
    Case::<[f32; 1], _> { weight, ..Case::new("binary_iou", BinaryIou::default()) }.check(numbers);
}

#[test]
fn variances() {
    let r2 = R2Score::default();
    check_numbers::<[f32; 2]>("r2_score", &r2);
    let weighted = r2.class_aggregation(ClassAggregation::VarianceWeightedAverage);
    check_numbers::<[f32; 2]>("r2_variance_weighted", &weighted);
    check_numbers::<[f32; 2]>("r2_adjusted", &r2.num_regressors(3));
    check_numbers::<[f32; 2]>("r2_uniform_per_output", &r2.class_aggregation(ClassAggregation::None));
    // Means of numbers from -1 to 1.
    let (pearson, concordance) = (PearsonCorrelation::default(), ConcordanceCorrelation::default());
    Case::<[f32; 2], _> { size: 1.0, ..Case::new("pearson_correlation", pearson) }.check(numbers);
    Case::<[f32; 5], _> { size: 1.0, ..Case::new("pearson_of_five", pearson) }.check(numbers);
    Case::<[f32; 5], _> { size: 1.0, ..Case::new("pearson_axis0", pearson.axis(0)) }.check(numbers);
    Case::<[f32; 2], _> { size: 1.0, ..Case::new("concordance_correlation", concordance) }.check(numbers);
    Case::<[f32; 5], _> { size: 1.0, ..Case::new("concordance_of_five", concordance) }.check(numbers);
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

//! Losses where formulas have their edges. The expected numbers are Keras's for these few values.

use fusion_core::Tensor;
use fusion_core::losses::{
    BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle, CosineSimilarity, Dice, Hinge, Huber, KlDivergence,
    LogCosh, Loss, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError,
    Poisson, SparseCategoricalCrossentropy, SquaredHinge, Tversky,
};

use super::{gradient_of, losses_of};
use crate::fixture::assert_close;

/// Compares the mean loss and its gradient with numbers that Keras gave for these few values.
#[track_caller]
fn check_values<Out: Tensor<Element = f32>, L: Loss<Out>>(
    loss: &L,
    targets: &[L::Target],
    predictions: &[Out],
    (value, gradient): (f32, &[f32]),
) {
    let losses = losses_of(loss, targets, predictions);
    let mean = losses.iter().sum::<f32>() / losses.len() as f32;
    assert_close("mean", &[mean], &[value], 1e-6);
    assert_close("gradient", &gradient_of(loss, targets, predictions), gradient, 1e-6);
}

/// Probabilities of 0 and 1, large logits, equal values, targets of 0, targets that do not sum to 1.
#[test]
fn edges() {
    check_values(
        &BinaryCrossentropy::default(),
        &[[1.0, 0.0, 1.0, 0.0]],
        &[[0.0, 1.0, 1.0, 0.0]],
        (8.015_12, &[0.0; 4]),
    );
    check_values(
        &BinaryCrossentropy::default().label_smoothing(0.2),
        &[[1.0, 0.0]],
        &[[0.3, 0.6]],
        (0.997_493_7, &[-1.428_571_5, 1.041_666_7]),
    );
    check_values(
        &BinaryCrossentropy::from_logits(),
        &[[1.0, 0.0, 1.0, 0.5]],
        &[[-100.0, 100.0, 30.0, 0.0]],
        (50.173_286, &[-0.25, 0.25, -2.339_405_7e-14, 0.0]),
    );
    let categorical = CategoricalCrossentropy::default();
    check_values(&categorical, &[[1.0, 0.0, 0.0]], &[[0.0, 1.0, 1.0]], (16.118_095, &[0.0; 3]));
    check_values(
        &categorical,
        &[[0.2, 0.3, 0.1]],
        &[[0.5, 2.0, 1.0]],
        (0.682_343, &[-0.228_571_43, 0.021_428_585, 0.071_428_575]),
    );
    check_values(
        &categorical.label_smoothing(0.3),
        &[[0.0, 1.0, 0.0]],
        &[[0.5, 2.0, 1.0]],
        (0.767_559_9, &[0.085_714_296, -0.114_285_71, 0.185_714_3]),
    );
    check_values(
        &CategoricalCrossentropy::from_logits(),
        &[[0.2, 0.3, 0.1]],
        &[[0.5, 2.0, 1.0]],
        (0.678_621_3, &[-0.059_755_623, 0.328_531_68, 0.131_223_89]),
    );
    check_values(
        &SparseCategoricalCrossentropy::default(),
        &[0],
        &[[0.0, 1.0, 0.5]],
        (16.523_561, &[0.0, 0.0, 0.666_666_6]),
    );
    check_values(
        &SparseCategoricalCrossentropy::from_logits(),
        &[0],
        &[[-1000.0, 1000.0, 0.5]],
        (2000.0, &[-1.0, 1.0, 0.0]),
    );
    check_values(&MeanAbsoluteError, &[[1.0, 2.0]], &[[1.0, 3.0]], (0.5, &[0.0, 0.5]));
    check_values(
        &MeanAbsolutePercentageError,
        &[[0.0, 2.0, -4.0]],
        &[[1.0, 2.0, 1.0]],
        (333_333_376.0, &[333_333_312.0, 0.0, 8.333_333]),
    );
    check_values(
        &Huber::default(),
        &[[0.0, 0.0, 0.0]],
        &[[1.0, -1.0, -3.0]],
        (1.166_666_6, &[0.333_333_34, -0.333_333_34, -0.333_333_34]),
    );
    check_values(
        &LogCosh,
        &[[0.0, 0.0, 1.0]],
        &[[50.0, -0.25, 1.0]],
        (16.445_929, &[0.333_333_34, -0.081_639_56, 0.0]),
    );
    check_values(
        &MeanSquaredLogarithmicError,
        &[[0.0, 2.0, 3.0]],
        &[[-1.0, 0.0, 5.0]],
        (0.457_116_93, &[0.0, 0.0, 0.045_051_686]),
    );
    check_values(
        &Poisson,
        &[[0.0, 2.0, 0.0]],
        &[[0.0, 0.5, 3.0]],
        (1.628_764_6, &[0.333_333_34, -0.999_999_64, 0.333_333_34]),
    );
    check_values(&KlDivergence, &[[0.0, 1.0, 0.5, 0.5]], &[[0.0, 1.0, 0.25, 1.5]], (0.0, &[0.0, -1.0, -2.0, 0.0]));
    let far = -4_472_136.0;
    check_values(&CosineSimilarity::default(), &[[1.0, 2.0]], &[[0.0, 0.0]], (0.0, &[far, 2.0 * far]));
    check_values(&CosineSimilarity::default(), &[[0.0, 0.0]], &[[1.0, 2.0]], (0.0, &[0.0, 0.0]));
    check_values(&Dice::default(), &[[0.0, 0.0]], &[[0.0, 0.0]], (1.0, &[0.0, 0.0]));
    // Keras's slope is infinite, and NaN for the other classes.
    let generalized = CategoricalGeneralizedCrossEntropy::default();
    check_values(&generalized, &[1], &[[1.0, 0.0]], (2.0, &[0.0, 0.0]));
}

/// A margin that is just kept, classes that are equally wrong, one that is right by far, a target between 0 and 1.
#[test]
fn edges_of_margins() {
    let (signs, predictions) = ([[1.0, -1.0, 1.0, -1.0]], [[1.0, -1.0, 3.0, 0.5]]);
    check_values(&Hinge, &signs, &predictions, (0.375, &[-0.25, 0.25, 0.0, 0.25]));
    check_values(&SquaredHinge, &signs, &predictions, (0.5625, &[0.0, 0.0, 0.0, 0.75]));
    check_values(&CategoricalHinge, &[[0.0, 1.0, 0.0, 0.0]], &[[0.5, 0.25, 0.5, -3.0]], (1.25, &[0.5, -1.0, 0.5, 0.0]));
    check_values(&CategoricalHinge, &[[0.0, 1.0, 0.0]], &[[0.5, 2.0, 0.25]], (0.0, &[0.0; 3]));
    check_values(&CategoricalHinge, &[[0.25, 0.75, 0.0]], &[[0.5, 0.25, -1.0]], (1.0625, &[0.5, -0.75, 0.0]));
}

/// Probabilities of 0 and 1, large logits, no gamma, outputs that do not sum to 1.
#[test]
fn edges_of_focal_crossentropies() {
    check_values(
        &BinaryFocalCrossentropy::default(),
        &[[1.0, 0.0, 1.0, 0.0]],
        &[[0.0, 1.0, 1.0, 0.0]],
        (8.015_12, &[-8.059_048, 7.971_192_4, 0.0, 0.0]),
    );
    check_values(
        &BinaryFocalCrossentropy::from_logits(),
        &[[1.0, 0.0, 1.0, 0.5]],
        &[[-10.0, 10.0, 8.0, 0.0]],
        (5.042_89, &[-0.250_192_9, 0.250_193, -2.827_944_3e-11, 0.0]),
    );
    check_values(
        &BinaryFocalCrossentropy::default().gamma(0.0),
        &[[1.0, 0.0]],
        &[[0.3, 0.6]],
        (1.060_131_8, &[-1.666_666_6, 1.25]),
    );
    let focal = CategoricalFocalCrossentropy::default();
    check_values(&focal, &[[1.0, 0.0, 0.0]], &[[0.0, 1.0, 1.0]], (4.029_523, &[0.0; 3]));
    check_values(
        &focal,
        &[[0.2, 0.3, 0.1]],
        &[[0.5, 2.0, 1.0]],
        (0.095_170_52, &[-0.086_714_79, 0.017_243_132, 0.008_871_145]),
    );
    check_values(
        &CategoricalFocalCrossentropy::from_logits(),
        &[[1.0, 0.0]],
        &[[-5.0, 6.0]],
        (2.749_912_3, &[-0.250_079_33, 0.250_079_33]),
    );
}

/// Sums along other axes than all, of three samples of 2 × 2 numbers.
#[test]
fn axes() {
    let targets = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]]];
    let predictions = [[[0.5_f32, 0.25], [0.125, 0.75]], [[0.3, 0.2], [0.9, 0.4]], [[0.1, 0.6], [0.05, 0.95]]];
    let check = |loss: &dyn Loss<[[f32; 2]; 2], Target = [[f32; 2]; 2]>, value: f32, gradient: &[f32; 12]| {
        let (mut losses, mut found) = ([f32::NAN; 3], [[[f32::NAN; 2]; 2]; 3]);
        loss.losses(&targets, &predictions, &mut losses);
        assert_close(loss.name(), &[losses.iter().sum::<f32>() / 3.0], &[value], 1e-6);
        loss.gradient(&targets, &predictions, &[1.0 / 3.0; 3], &mut found);
        assert_close(loss.name(), found.as_flattened().as_flattened(), gradient, 1e-6);
    };
    let by_sample = [
        -0.120_491_475,
        0.063_416_57,
        0.063_416_57,
        -0.120_491_475,
        0.043_402_776,
        -0.095_486_104,
        -0.095_486_104,
        -0.095_486_104,
        0.086_877,
        0.086_877,
        0.086_877,
        -0.160_036_58,
    ];
    check(&Dice::default().axis([1, 2]), 0.327_213_7, &by_sample);
    let by_column = [
        -0.162_968_25,
        0.044_989_973,
        0.088_604_09,
        -0.094_870_165,
        0.088_604_09,
        -0.094_870_165,
        -0.162_968_25,
        -0.094_870_165,
        0.088_604_09,
        0.044_989_973,
        0.088_604_09,
        -0.094_870_165,
    ];
    check(&Dice::default().axis([0, 1]), 0.326_120_44, &by_column);
    let by_row = [
        -0.199_373_78,
        0.062_027_406,
        0.077_626_2,
        -0.056_278_99,
        0.062_027_406,
        -0.199_373_78,
        -0.056_278_99,
        -0.056_278_99,
        0.062_027_406,
        0.062_027_406,
        0.077_626_2,
        -0.056_278_99,
    ];
    check(&Tversky::default().alpha(0.3).beta(0.6).axis([0, 2]), 0.369_254, &by_row);
    let along_rows = [
        -0.019_022_375,
        0.063_245_56,
        0.076_089_62,
        -0.021_081_85,
        0.052_704_64,
        -0.105_409_25,
        -0.017_568_2,
        0.052_704_602,
        0.0,
        0.066_969_42,
        0.0,
        -0.042_296_484,
    ];
    check(&CosineSimilarity::default().axis(1), -0.776_946_96, &along_rows);
}

/// A sample of several positions has the mean of their losses. Keras takes the weights as `[[0.5], [2.0]]` here.
#[test]
fn positions() {
    let gradient = [
        -0.182_764_65,
        0.182_764_65,
        0.149_671_91,
        -0.149_671_91,
        0.131_244_8,
        -0.131_244_81,
        0.220_199_26,
        -0.220_199_27,
    ];
    let predictions = [[[1.0_f32, 2.0], [0.5, 0.1]], [[0.3, 0.2], [1.0, -1.0]]];
    let sparse = SparseCategoricalCrossentropy::from_logits();
    check_values(&sparse, &[[0, 1], [1, 1]], &predictions, (1.274_400_5, &gradient));
    let one_hot = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]];
    check_values(&CategoricalCrossentropy::from_logits(), &one_hot, &predictions, (1.274_400_5, &gradient));
    let losses = losses_of(&sparse, &[[0, 1], [1, 1]], &predictions);
    assert_close("weighted", &[(0.5 * losses[0] + 2.0 * losses[1]) / 2.0], &[1.713_947], 1e-6);
}

/// A model that has gone wrong shows it, also where a loss has no slope.
#[test]
fn nan_stays_nan() {
    let check = |loss: &dyn Loss<[f32; 2], Target = [f32; 2]>| {
        let mut gradient = [[0.0; 2]];
        loss.gradient(&[[0.5, 0.5]], &[[f32::NAN, 0.5]], &[1.0], &mut gradient);
        assert!(gradient[0][0].is_nan(), "{}", loss.name());
    };
    check(&MeanSquaredError);
    check(&MeanAbsoluteError);
    check(&MeanAbsolutePercentageError);
    check(&Huber::default());
    check(&BinaryCrossentropy::default());
    check(&BinaryCrossentropy::from_logits());
    check(&CategoricalCrossentropy::default());
    check(&CategoricalCrossentropy::from_logits());
    check(&MeanSquaredLogarithmicError);
    check(&LogCosh);
    check(&Poisson);
    check(&Hinge);
    check(&SquaredHinge);
    check(&CategoricalHinge);
    check(&KlDivergence);
    check(&CosineSimilarity::default());
    check(&BinaryFocalCrossentropy::default());
    check(&BinaryFocalCrossentropy::from_logits());
    check(&CategoricalFocalCrossentropy::default());
    check(&CategoricalFocalCrossentropy::from_logits());
    check(&Dice::default());
    check(&Tversky::default().axis([1]));
    let generalized = CategoricalGeneralizedCrossEntropy::default();
    assert!(gradient_of(&generalized, &[0], &[[f32::NAN, 0.5]])[0].is_nan());
    let labels = [1, 1, 2];
    assert!(gradient_of(&Circle::default(), &labels, &[[0.6, 0.8], [f32::NAN, 0.5], [1.0, 0.0]])[0].is_nan());
    for loss in [SparseCategoricalCrossentropy::default(), SparseCategoricalCrossentropy::from_logits()] {
        assert!(gradient_of(&loss, &[0], &[[f32::NAN, 0.5]])[0].is_nan());
    }
}

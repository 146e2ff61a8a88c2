//! Losses: each sample's, their mean with and without weights, and the gradient.

mod edges;
mod slopes;

use fusion_core::Tensor;
use fusion_core::losses::{
    BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle, CosineSimilarity, Ctc, Dice, Hinge, Huber,
    KlDivergence, LogCosh, Loss, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, SparseCategoricalCrossentropy, SquaredHinge, Tversky,
};

use crate::fixture::Fixture;
use crate::parity;

/// For the page of parity.
pub const LOSSES: [fn(); 8] = [
    errors,
    binary_crossentropies,
    categorical_crossentropies,
    sparse_categorical_crossentropies,
    distributions,
    margins,
    overlaps,
    sequences,
];

type Out = [f32; 5];

/// Each sample's loss.
fn losses_of<Out: Tensor<Element = f32>, L: Loss<Out>>(
    loss: &L,
    targets: &[L::Target],
    predictions: &[Out],
) -> Vec<f32> {
    let mut losses = vec![f32::NAN; predictions.len()];
    loss.losses(targets, predictions, &mut losses);
    losses
}

/// Which samples the targets leave in.
fn counts_of<Out: Tensor<Element = f32>, L: Loss<Out>>(loss: &L, targets: &[L::Target]) -> Vec<f32> {
    let mut counts = Vec::new();
    loss.counts(targets, &mut counts);
    if counts.is_empty() { vec![1.0; targets.len()] } else { counts }
}

/// The gradient of the mean loss.
fn gradient_of<Out: Tensor<Element = f32>, L: Loss<Out>>(
    loss: &L,
    targets: &[L::Target],
    predictions: &[Out],
) -> Vec<f32> {
    let counts = counts_of(loss, targets);
    let count: f32 = counts.iter().sum();
    let weights: Vec<f32> = counts.iter().map(|counts| counts / count).collect();
    let mut gradient = vec![Out::ZERO; predictions.len()];
    Out::numbers_mut(&mut gradient).fill(f32::NAN);
    loss.gradient(targets, predictions, &weights, &mut gradient);
    Out::numbers(&gradient).to_vec()
}

/// Compares a loss with its fixture.
fn check<L: Loss<Out>>(name: &str, loss: &L, targets: &[L::Target]) {
    check_of::<Out, L>(name, loss, targets);
}

/// The same of another output.
fn check_of<Out: Tensor<Element = f32>, L: Loss<Out>>(name: &str, loss: &L, targets: &[L::Target]) {
    let fixture = Fixture::open(&format!("losses/{name}"));
    let predictions = fixture.numbers("y_pred");
    let predictions = Out::rows(&predictions);
    assert_eq!(loss.check(targets), Ok(()), "{name}");

    let losses = losses_of(loss, targets, predictions);
    if fixture.shape("per_sample") == [losses.len()] {
        fixture.check("each sample's", "per_sample", &losses, 1e-6);
    } else {
        assert!(loss.by_batch() && losses.iter().all(|loss| *loss == losses[0]), "{name}: {losses:?}");
    }
    let counts = counts_of(loss, targets);
    let count: f32 = counts.iter().sum();
    let check_mean = |quantity, tensor, weights: &[f32]| {
        let terms = losses.iter().zip(weights).zip(&counts).map(|((loss, weight), counts)| loss * weight * counts);
        // Where terms have both signs, rounding is to be seen beside their size.
        let (mean, size) = (terms.clone().sum::<f32>() / count, terms.map(f32::abs).sum::<f32>() / count);
        let error = f64::from((mean - fixture.numbers(tensor)[0]).abs() / size.max(1e-3));
        assert!(error <= 1e-6, "{name}: the {quantity} is {mean} instead of {:?}", fixture.numbers(tensor));
        parity::note(name, quantity, error);
    };
    check_mean("mean", "value", &[1.0; 6]);
    if fixture.has("sample_weight") {
        check_mean("weighted mean", "weighted_value", &fixture.numbers("sample_weight"));
    }
    fixture.check("gradient", "gradient", &gradient_of(loss, targets, predictions), 1e-6);
}

/// [`check`] for a loss whose targets are numbers.
fn check_numbers<L: Loss<Out, Target = Out>>(name: &str, loss: &L) {
    let targets = Fixture::open(&format!("losses/{name}")).numbers("y_true");
    check(name, loss, Out::rows(&targets));
}

#[test]
fn errors() {
    check_numbers("mean_squared_error", &MeanSquaredError);
    check_numbers("mean_absolute_error", &MeanAbsoluteError);
    check_numbers("mean_absolute_percentage_error", &MeanAbsolutePercentageError);
    check_numbers("huber", &Huber::default());
    check_numbers("huber_delta_half", &Huber::new(0.5));
    check_numbers("mean_squared_logarithmic_error", &MeanSquaredLogarithmicError);
    check_numbers("log_cosh", &LogCosh);
    check_numbers("poisson", &Poisson);
}

#[test]
fn binary_crossentropies() {
    check_numbers("binary_crossentropy", &BinaryCrossentropy::default());
    check_numbers("binary_crossentropy_logits", &BinaryCrossentropy::from_logits());
    check_numbers("binary_crossentropy_smoothing", &BinaryCrossentropy::from_logits().label_smoothing(0.1));
    let (focal, of_logits) = (BinaryFocalCrossentropy::default(), BinaryFocalCrossentropy::from_logits());
    check_numbers("binary_focal_crossentropy", &of_logits);
    check_numbers("binary_focal_crossentropy_balanced", &focal.apply_class_balancing(true));
    let options = of_logits.apply_class_balancing(true).alpha(0.7).gamma(1.5).label_smoothing(0.2);
    check_numbers("binary_focal_crossentropy_options", &options);
}

#[test]
fn categorical_crossentropies() {
    check_numbers("categorical_crossentropy", &CategoricalCrossentropy::default());
    check_numbers("categorical_crossentropy_logits", &CategoricalCrossentropy::from_logits());
    check_numbers("categorical_crossentropy_smoothing", &CategoricalCrossentropy::from_logits().label_smoothing(0.1));
    let (focal, of_logits) = (CategoricalFocalCrossentropy::default(), CategoricalFocalCrossentropy::from_logits());
    check_numbers("categorical_focal_crossentropy", &focal);
    check_numbers("categorical_focal_crossentropy_logits", &of_logits.label_smoothing(0.1));
    let alphas = focal.alphas(&[0.1, 0.5, 0.25, 1.0, 2.0]).gamma(3.0);
    check_numbers("categorical_focal_crossentropy_alphas", &alphas);
}

#[test]
fn sparse_categorical_crossentropies() {
    let (sparse, of_logits) = (SparseCategoricalCrossentropy::default(), SparseCategoricalCrossentropy::from_logits());
    for (name, loss) in [
        ("sparse_categorical_crossentropy", sparse),
        ("sparse_categorical_crossentropy_logits", of_logits),
        ("sparse_ignore_class", sparse.ignore_class(2)),
        ("sparse_ignore_class_logits", of_logits.ignore_class(3)),
    ] {
        check(name, &loss, &Fixture::open(&format!("losses/{name}")).ids("y_true"));
    }
    for (name, loss) in [
        ("categorical_generalized_cross_entropy", CategoricalGeneralizedCrossEntropy::default()),
        ("categorical_generalized_cross_entropy_q", CategoricalGeneralizedCrossEntropy::new(0.8)),
    ] {
        check(name, &loss, &Fixture::open(&format!("losses/{name}")).ids("y_true"));
    }
}

#[test]
fn distributions() {
    check_numbers("kl_divergence", &KlDivergence);
    check_numbers("cosine_similarity", &CosineSimilarity::default());
    check_numbers("cosine_similarity_axis0", &CosineSimilarity::default().axis(0));
    let (circle, labels) = (Circle::default(), Fixture::open("losses/circle").ids("y_true"));
    check("circle", &circle, &labels);
    check("circle_options", &circle.gamma(5.0).margin(0.25).remove_diagonal(false), &labels);
}

#[test]
fn margins() {
    check_numbers("hinge", &Hinge);
    check_numbers("hinge_bits", &Hinge);
    check_numbers("squared_hinge", &SquaredHinge);
    check_numbers("categorical_hinge", &CategoricalHinge);
    check_numbers("categorical_hinge_several", &CategoricalHinge);
}

#[test]
fn overlaps() {
    check_numbers("dice", &Dice::default());
    check_numbers("dice_by_sample", &Dice::default().axis([1]));
    check_numbers("dice_by_column", &Dice::default().axis([0]));
    check_numbers("tversky", &Tversky::default().alpha(0.3).beta(0.7));
    check_numbers("tversky_by_sample", &Tversky::default().alpha(0.4).beta(0.2).axis([-1]));
}

#[test]
fn sequences() {
    let labels = Fixture::open("losses/ctc").ids("y_true");
    check_of::<[Out; 7], _>("ctc", &Ctc::<4>, <[u32; 4]>::rows(&labels));
}

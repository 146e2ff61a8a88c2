//! Losses: each sample's, their mean with and without weights, and the gradient.

use fusion_core::Tensor;
use fusion_core::losses::{
    BinaryCrossentropy, CategoricalCrossentropy, Huber, Loss, MeanAbsoluteError, MeanAbsolutePercentageError,
    MeanSquaredError, SparseCategoricalCrossentropy,
};

use crate::fixture::{Fixture, assert_close};

/// For the page of parity.
pub const LOSSES: [fn(); 4] =
    [errors, binary_crossentropies, categorical_crossentropies, sparse_categorical_crossentropies];

type Out = [f32; 5];

fn losses_of<Out: Tensor<Element = f32>, L: Loss<Out>>(
    loss: &L,
    targets: &[L::Target],
    predictions: &[Out],
) -> Vec<f32> {
    let mut losses = vec![f32::NAN; predictions.len()];
    loss.losses(targets, predictions, &mut losses);
    losses
}

/// The gradient of the mean loss.
fn gradient_of<Out: Tensor<Element = f32>, L: Loss<Out>>(
    loss: &L,
    targets: &[L::Target],
    predictions: &[Out],
) -> Vec<f32> {
    let weights = vec![1.0 / predictions.len() as f32; predictions.len()];
    let mut gradient = vec![Out::ZERO; predictions.len()];
    Out::numbers_mut(&mut gradient).fill(f32::NAN);
    loss.gradient(targets, predictions, &weights, &mut gradient);
    Out::numbers(&gradient).to_vec()
}

/// Compares a loss with its fixture.
fn check<L: Loss<Out>>(name: &str, loss: &L, targets: &[L::Target]) {
    let fixture = Fixture::open(&format!("losses/{name}"));
    let predictions = fixture.numbers("y_pred");
    let predictions = Out::rows(&predictions);
    assert_eq!(loss.check(targets), Ok(()), "{name}");

    let losses = losses_of(loss, targets, predictions);
    fixture.check("each sample's", "per_sample", &losses, 1e-6);
    let count = losses.len() as f32;
    let mean = losses.iter().sum::<f32>() / count;
    fixture.check("mean", "value", &[mean], 1e-6);
    let weights = fixture.numbers("sample_weight");
    let weighted = losses.iter().zip(weights).map(|(loss, weight)| loss * weight).sum::<f32>() / count;
    fixture.check("weighted mean", "weighted_value", &[weighted], 1e-6);
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
}

#[test]
fn binary_crossentropies() {
    check_numbers("binary_crossentropy", &BinaryCrossentropy::default());
    check_numbers("binary_crossentropy_logits", &BinaryCrossentropy::from_logits());
    check_numbers("binary_crossentropy_smoothing", &BinaryCrossentropy::from_logits().label_smoothing(0.1));
}

#[test]
fn categorical_crossentropies() {
    check_numbers("categorical_crossentropy", &CategoricalCrossentropy::default());
    check_numbers("categorical_crossentropy_logits", &CategoricalCrossentropy::from_logits());
    check_numbers("categorical_crossentropy_smoothing", &CategoricalCrossentropy::from_logits().label_smoothing(0.1));
}

#[test]
fn sparse_categorical_crossentropies() {
    for (name, loss) in [
        ("sparse_categorical_crossentropy", SparseCategoricalCrossentropy::default()),
        ("sparse_categorical_crossentropy_logits", SparseCategoricalCrossentropy::from_logits()),
    ] {
        check(name, &loss, &Fixture::open(&format!("losses/{name}")).ids("y_true"));
    }
}

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
    for loss in [SparseCategoricalCrossentropy::default(), SparseCategoricalCrossentropy::from_logits()] {
        assert!(gradient_of(&loss, &[0], &[[f32::NAN, 0.5]])[0].is_nan());
    }
}

/// A loss of one vector written down plainly, in `f64`.
type Plain = fn(&[f64], &[f64]) -> f64;

fn mean(targets: &[f64], predictions: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    targets.iter().zip(predictions).map(|(t, p)| term(*t, *p)).sum::<f64>() / targets.len() as f64
}

fn ln_softmax(x: &[f64], class: usize) -> f64 {
    x[class] - x.iter().map(|x| x.exp()).sum::<f64>().ln()
}

/// Central differences of a plain loss, each sample's times its weight.
fn differences(plain: Plain, targets: &[Out], predictions: &[Out], weights: &[f32]) -> Vec<f32> {
    const STEP: f64 = 1e-6;
    let mut gradient = Vec::new();
    for ((targets, predictions), weight) in targets.iter().zip(predictions).zip(weights) {
        let targets = targets.map(f64::from);
        for i in 0..predictions.len() {
            let at = |step: f64| {
                let mut predictions = predictions.map(f64::from);
                predictions[i] += step;
                plain(&targets, &predictions)
            };
            gradient.push(((at(STEP) - at(-STEP)) / (2.0 * STEP) * f64::from(*weight)) as f32);
        }
    }
    gradient
}

/// Some numbers in 0..1 that are not 0.
fn numbers(seed: u32) -> [Out; 7] {
    let number = |i: usize| ((i as u32 + 1) * (seed * 2 + 1) * 2_654_435 % 1000) as f32 / 1000.0 + 0.001;
    core::array::from_fn(|sample| core::array::from_fn(|i| number(5 * sample + i)))
}

#[test]
fn gradients_are_the_slopes_of_plain_formulas() {
    let weights = [0.5, 1.0, 2.0, 0.0, 0.1, 1.5, 0.25];
    let predictions = numbers(1).map(|row| row.map(|x| x * 0.9 + 0.04));
    let distributions = numbers(2).map(|row| row.map(|x| x / row.iter().sum::<f32>()));
    let bits = numbers(3).map(|row| row.map(f32::round));
    let check = |loss: &dyn Loss<Out, Target = Out>, targets: &[Out; 7], plain: Plain| {
        let mut gradient = [[f32::NAN; 5]; 7];
        loss.gradient(targets, &predictions, &weights, &mut gradient);
        let expected = differences(plain, targets, &predictions, &weights);
        assert_close(loss.name(), Out::numbers(&gradient), &expected, 1e-5);
    };
    check(&MeanSquaredError, &bits, |t, p| mean(t, p, |t, p| (t - p).powi(2)));
    check(&MeanAbsoluteError, &bits, |t, p| mean(t, p, |t, p| (t - p).abs()));
    check(&MeanAbsolutePercentageError, &distributions, |t, p| 100.0 * mean(t, p, |t, p| ((t - p) / t).abs()));
    check(&Huber::new(0.3), &bits, |t, p| {
        mean(t, p, |t, p| if (t - p).abs() <= 0.3 { (t - p).powi(2) / 2.0 } else { 0.3 * (t - p).abs() - 0.045 })
    });
    check(&BinaryCrossentropy::default(), &bits, |t, p| mean(t, p, |t, p| -t * p.ln() - (1.0 - t) * (1.0 - p).ln()));
    check(&BinaryCrossentropy::from_logits(), &bits, |t, x| mean(t, x, |t, x| (1.0 + x.exp()).ln() - t * x));
    check(&CategoricalCrossentropy::default(), &distributions, |t, p| {
        let sum: f64 = p.iter().sum();
        -mean(t, p, |t, p| t * (p / sum).ln()) * t.len() as f64
    });
    check(&CategoricalCrossentropy::from_logits(), &distributions, |t, x| {
        (0..t.len()).map(|class| -t[class] * ln_softmax(x, class)).sum()
    });
}

#[test]
fn sparse_gradients_are_those_of_one_hot_targets() {
    let predictions = numbers(4);
    let ids = [0, 4, 2, 2, 1, 3, 0];
    let one_hot = ids.map(|id| core::array::from_fn::<f32, 5, _>(|class| f32::from(class == id as usize)));
    let sparse = gradient_of(&SparseCategoricalCrossentropy::from_logits(), &ids, &predictions);
    let dense = gradient_of(&CategoricalCrossentropy::from_logits(), &one_hot, &predictions);
    assert_close("logits", &sparse, &dense, 1e-6);
    let sparse = gradient_of(&SparseCategoricalCrossentropy::default(), &ids, &predictions);
    let dense = gradient_of(&CategoricalCrossentropy::default(), &one_hot, &predictions);
    assert_close("probabilities", &sparse, &dense, 1e-5);
}

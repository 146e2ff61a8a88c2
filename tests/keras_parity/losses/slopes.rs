//! Gradients of losses are the slopes of the formulas, written down plainly in `f64`.

use fusion_core::Tensor;
use fusion_core::losses::{
    BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy, CategoricalHinge, CosineSimilarity, Dice, Hinge, Huber, KlDivergence, LogCosh,
    Loss, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError, Poisson,
    SparseCategoricalCrossentropy, SquaredHinge, Tversky,
};

use super::{Out, gradient_of};
use crate::fixture::assert_close;

/// A loss of one vector written down plainly, in `f64`.
type Plain = fn(&[f64], &[f64]) -> f64;

fn mean(targets: &[f64], predictions: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    targets.iter().zip(predictions).map(|(t, p)| term(*t, *p)).sum::<f64>() / targets.len() as f64
}

fn ln_softmax(x: &[f64], class: usize) -> f64 {
    x[class] - x.iter().map(|x| x.exp()).sum::<f64>().ln()
}

fn sign(target: f64) -> f64 {
    if target > 0.0 { 1.0 } else { -1.0 }
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

/// Holds the gradient of a loss of each sample against the slopes of the formula.
fn check(loss: &dyn Loss<Out, Target = Out>, targets: &[Out; 7], plain: Plain) {
    let weights = [0.5, 1.0, 2.0, 0.0, 0.1, 1.5, 0.25];
    let predictions = numbers(1).map(|row| row.map(|x| x * 0.9 + 0.04));
    let mut gradient = [[f32::NAN; 5]; 7];
    loss.gradient(targets, &predictions, &weights, &mut gradient);
    let expected = differences(plain, targets, &predictions, &weights);
    assert_close(loss.name(), Out::numbers(&gradient), &expected, 1e-5);
}

fn distributions() -> [Out; 7] {
    numbers(2).map(|row| row.map(|x| x / row.iter().sum::<f32>()))
}

fn bits() -> [Out; 7] {
    numbers(3).map(|row| row.map(f32::round))
}

#[test]
fn gradients_are_the_slopes_of_plain_formulas() {
    let (distributions, bits) = (distributions(), bits());
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
    check(&LogCosh, &bits, |t, p| mean(t, p, |t, p| (p - t).cosh().ln()));
    check(&MeanSquaredLogarithmicError, &bits, |t, p| mean(t, p, |t, p| (p.ln_1p() - t.ln_1p()).powi(2)));
    check(&Poisson, &bits, |t, p| mean(t, p, |t, p| p - t * p.ln()));
    check(&KlDivergence, &distributions, |t, p| t.len() as f64 * mean(t, p, |t, p| t * (t / p).ln()));
    let signs = bits.map(|row| row.map(|bit| 2.0 * bit - 1.0));
    for targets in [bits, signs] {
        check(&Hinge, &targets, |t, p| mean(t, p, |t, p| (1.0 - sign(t) * p).max(0.0)));
        check(&SquaredHinge, &targets, |t, p| mean(t, p, |t, p| (1.0 - sign(t) * p).max(0.0).powi(2)));
    }
    check(&CategoricalHinge, &distributions, |t, p| {
        let others = t.iter().zip(p).map(|(t, p)| (1.0 - t) * p);
        (others.fold(f64::MIN, f64::max) - t.iter().zip(p).map(|(t, p)| t * p).sum::<f64>() + 1.0).max(0.0)
    });
    check(&CosineSimilarity::default(), &distributions, |t, p| {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        -dot(t, p) / (dot(t, t) * dot(p, p)).sqrt()
    });
    check(&Dice::default().axis([1]), &bits, |t, p| {
        let both: f64 = t.iter().zip(p).map(|(t, p)| t * p).sum();
        1.0 - 2.0 * both / (t.iter().chain(p).sum::<f64>() + 1e-7)
    });
    check(&Tversky::default().alpha(0.2).beta(0.9).axis([-1]), &bits, |t, p| {
        let sum = |term: fn(f64, f64) -> f64| t.iter().zip(p).map(|(t, p)| term(*t, *p)).sum::<f64>();
        let (missed, wrong) = (sum(|t, p| t * (1.0 - p)), sum(|t, p| (1.0 - t) * p));
        1.0 - sum(|t, p| t * p) / (sum(|t, p| t * p) + 0.2 * missed + 0.9 * wrong + 1e-7)
    });
}

#[test]
fn gradients_of_focal_crossentropies_are_the_slopes_of_plain_formulas() {
    let (distributions, bits) = (distributions(), bits());
    fn of_probability(t: f64, p: f64, gamma: f64) -> f64 {
        let right = t * p + (1.0 - t) * (1.0 - p);
        (1.0 - right).powf(gamma) * (-t * p.ln() - (1.0 - t) * (1.0 - p).ln())
    }
    check(&BinaryFocalCrossentropy::default(), &bits, |t, p| mean(t, p, |t, p| of_probability(t, p, 2.0)));
    check(&BinaryFocalCrossentropy::from_logits().gamma(0.5), &distributions, |t, x| {
        mean(t, x, |t, x| of_probability(t, 1.0 / (1.0 + (-x).exp()), 0.5))
    });
    check(&BinaryFocalCrossentropy::default().apply_class_balancing(true).alpha(0.3), &distributions, |t, p| {
        mean(t, p, |t, p| (t * 0.3 + (1.0 - t) * 0.7) * of_probability(t, p, 2.0))
    });
    check(&CategoricalFocalCrossentropy::default().alpha(0.5).gamma(1.5), &distributions, |t, p| {
        let sum: f64 = p.iter().sum();
        -mean(t, p, |t, p| 0.5 * t * (1.0 - p / sum).powf(1.5) * (p / sum).ln()) * t.len() as f64
    });
    check(&CategoricalFocalCrossentropy::from_logits(), &distributions, |t, x| {
        let term = |class: usize| 0.25 * t[class] * ln_softmax(x, class);
        (0..t.len()).map(|class| -term(class) * (1.0 - ln_softmax(x, class).exp()).powi(2)).sum()
    });
}

#[test]
fn a_generalized_gradient_is_the_slope_of_the_power() {
    let (predictions, ids) = (numbers(4), [0, 4, 2, 2, 1, 3, 0]);
    let found = gradient_of(&CategoricalGeneralizedCrossEntropy::new(0.7), &ids, &predictions);
    let slope = |sample: usize| -f64::from(predictions[sample][ids[sample] as usize]).powf(-0.3) / 7.0;
    let of = |sample: usize, class: usize| if ids[sample] as usize == class { slope(sample) as f32 } else { 0.0 };
    let expected: Vec<f32> = (0..35).map(|i| of(i / 5, i % 5)).collect();
    assert_close("generalized", &found, &expected, 1e-6);
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

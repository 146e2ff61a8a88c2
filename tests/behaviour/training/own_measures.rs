//! Losses and metrics of functions, and metrics that give several numbers.

use fusion::losses::ctc_decode;
use fusion::metrics::{Average, ClassAggregation};

use super::*;

model! {
    struct Pair {
        input x: [f32; 4];
        branch h = x => Dense<_, 6, Tanh>;
        output kind = h => Dense<_, 3>;
        output size = h => Dense<_, 1>;
    }
}

model! {
    struct Kinds = [f32; 4] => Dense<_, 3, Softmax>;
}

fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-5 * b.abs().max(1e-3);
    assert!(found.iter().zip(expected).all(near), "{found:?} instead of {expected:?}");
}

#[test]
fn a_loss_of_two_functions_trains_as_the_one_that_it_writes_out() {
    let (x, y) = sums(100);
    let own = LossFunctionWrapper::new(
        "own",
        |y: &[f32; 1], z: &[f32; 1]| (z[0] - y[0]) * (z[0] - y[0]),
        |y: &[f32; 1], z: &[f32; 1], gradient: &mut [f32; 1]| gradient[0] = 2.0 * (z[0] - y[0]),
    );
    let weights: Vec<f32> = (0..100).map(|i| (i % 3) as f32).collect();
    let (mut model, mut same) = (Dropping::new(1), Dropping::new(1));
    let mut trainer = Trainer::new(&mut model, Adam::new(0.01), own).epochs(3).validation_split(0.2).verbose(false);
    let found = trainer.fit(&x, weighted(&y, &weights)).unwrap();
    let mut trainer = Trainer::new(&mut same, Adam::new(0.01), MeanSquaredError);
    trainer = trainer.epochs(3).validation_split(0.2).verbose(false);
    let expected = trainer.fit(&x, weighted(&y, &weights)).unwrap();
    assert_near(&found["loss"], &expected["loss"]);
    assert_near(&found["val_loss"], &expected["val_loss"]);
}

#[test]
fn a_loss_of_the_batch_sees_all_of_it() {
    let (x, y) = sums(700);
    let mean = |y: &[[f32; 1]], z: &[[f32; 1]]| {
        y.iter().zip(z).map(|(y, z)| (z[0] - y[0]) * (z[0] - y[0])).sum::<f32>() / y.len() as f32
    };
    let own = LossFunctionWrapper::of_batch(
        "own",
        move |y: &[[f32; 1]], z: &[[f32; 1]]| {
            assert_eq!(y.len(), 350);
            mean(y, z)
        },
        |y: &[[f32; 1]], z: &[[f32; 1]], gradient: &mut [[f32; 1]]| {
            for (index, gradient) in gradient.iter_mut().enumerate() {
                gradient[0] = 2.0 * (z[index][0] - y[index][0]) / y.len() as f32;
            }
        },
    );
    let (mut model, mut same) = (Dropping::new(1), Dropping::new(1));
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.01), own).batch_size(350).epochs(3).verbose(false);
    let found = trainer.fit(&x, &y).unwrap();
    let mut trainer = Trainer::new(&mut same, Sgd::new(0.01), MeanSquaredError).batch_size(350);
    trainer = trainer.epochs(3).verbose(false);
    assert_near(&found["loss"], &trainer.fit(&x, &y).unwrap()["loss"]);
}

#[test]
fn metrics_of_functions_are_means_under_their_names() {
    let (x, y) = sums(700);
    let mut model = Dropping::new(1);
    let error = |y: &[f32; 1], z: &[f32; 1]| (z[0] - y[0]).abs();
    let mut trainer = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
        .metric(MeanAbsoluteError)
        .metric(MeanMetricWrapper::new("own", error))
        .metric(MeanMetricWrapper::new("near", move |y: &[f32; 1], z: &[f32; 1]| error(y, z) < 0.5))
        .metric(MeanMetricWrapper::of_batch("samples", |y: &[[f32; 1]], _: &[[f32; 1]]| y.len() as f32))
        .metric_of_outputs("together", move |y, z| error(y, z))
        .weighted_metric(MeanMetricWrapper::new("weighted", error))
        .batch_size(400)
        .epochs(2)
        .verbose(false);
    let history = trainer.fit(&x, &y).unwrap();
    for name in ["own", "together", "weighted"] {
        assert_near(&history[name], &history["mean_absolute_error"]);
    }
    // All batches count alike, of 400 and of 300.
    assert_eq!(history["samples"], [350.0; 2]);

    let weights: Vec<f32> = (0..700).map(|i| (i % 2) as f32).collect();
    let scores = trainer.evaluate(&x, weighted(&y, &weights)).unwrap();
    let predicted = trainer.model().predict_batch(&x).unwrap();
    let errors: Vec<f64> = y.iter().zip(&predicted).map(|(y, z)| f64::from(error(y, z))).collect();
    let near = errors.iter().filter(|error| **error < 0.5).count() as f64 / 700.0;
    let odd: f64 = errors.iter().skip(1).step_by(2).sum::<f64>() / 350.0;
    assert_near(&[scores["near"], scores["weighted"]], &[near, odd]);
}

#[test]
fn a_metric_of_several_outputs_sees_each_sample_whole() {
    let (x, size) = sums(50);
    let kind: Vec<u32> = (0..50).map(|i| i % 3).collect();
    let losses = PairLosses { kind: SparseCategoricalCrossentropy::from_logits(), size: MeanSquaredError };
    let mut model = Pair::new(1);
    let score = |kind: u32, size: f32, z: &PairOutput| f64::from(z.kind[kind as usize] * (z.size[0] - size));
    let mut trainer = Trainer::new(&mut model, Adam::default(), losses)
        .metric_of_outputs("both", move |(kind, size), z| score(*kind, size[0], z))
        .verbose(false);
    let scores = trainer.evaluate(&x, PairTargets { kind: &kind, size: &size }).unwrap();
    assert_eq!(scores.keys().collect::<Vec<_>>(), ["both", "kind_loss", "loss", "size_loss"]);
    let predicted = trainer.model().predict_batch(&x).unwrap();
    let sum: f64 = (0..50).map(|i| score(kind[i], size[i][0], &predicted.sample(i))).sum();
    assert_near(&[scores["both"]], &[sum / 50.0]);
}

#[test]
fn each_number_of_a_metric_has_its_name() {
    let x = rows::<4>(40, 0);
    let y: Vec<[f32; 3]> = (0..40).map(|i| std::array::from_fn(|j| f32::from(i % 3 == j))).collect();
    let mut model = Kinds::new(1);
    let mut trainer = Trainer::new(&mut model, Adam::default(), CategoricalCrossentropy::default())
        .metric(Precision::default().thresholds([0.3, 0.6]))
        .metric(Precision::default().thresholds(0.6).named("sure"))
        .metric(Recall::default().thresholds([0.25, 0.5]).class_id(1).named("of_one"))
        .metric(F1Score::default().average(Average::None))
        .metric(F1Score::default())
        .metric(R2Score::default().class_aggregation(ClassAggregation::None).named("r2"))
        .verbose(false);
    let scores = trainer.evaluate(&x, &y).unwrap();
    let names = [
        "f1_score",
        "f1_score_class_0",
        "f1_score_class_1",
        "f1_score_class_2",
        "loss",
        "of_one_at_0.25",
        "of_one_at_0.5",
        "precision_at_0.3",
        "precision_at_0.6",
        "r2_0",
        "r2_1",
        "r2_2",
        "sure",
    ];
    assert_eq!(scores.keys().collect::<Vec<_>>(), names);
    assert_eq!(scores["precision_at_0.6"], scores["sure"]);
    let classes: f64 = (0..3).map(|class| scores[&*format!("f1_score_class_{class}")]).sum();
    assert_near(&[scores["f1_score"]], &[classes / 3.0]);
    let history = trainer.fit(&x, &y).unwrap();
    assert_eq!(history["of_one_at_0.25"].len(), 1);
}

/// With the sum of a batch's losses a step is as many times as large as with their mean, whatever the weights.
#[test]
fn a_sum_makes_a_step_of_the_mean_times_the_samples() {
    let (x, y) = sums(700);
    let counts: Vec<f32> = (0..700).map(|i| (i % 3) as f32).collect();
    let (mut model, mut same) = (Other::new(1), Other::new(1));
    let mut trainer = Trainer::new(&mut model, Sgd::new(1e-4), MeanSquaredError.reduction(Reduction::Sum));
    let mut mean = Trainer::new(&mut same, Sgd::new(0.07), MeanSquaredError);
    for _ in 0..3 {
        let sum = trainer.train_on_batch(&x, weighted(&y, &counts)).unwrap()["loss"];
        let mean = mean.train_on_batch(&x, weighted(&y, &counts)).unwrap()["loss"];
        assert_near(&[sum], &[700.0 * mean]);
    }
    let pairs = weights(&*model).into_iter().zip(weights(&*same));
    pairs.for_each(|(found, expected)| assert!((found - expected).abs() < 1e-5, "{found} {expected}"));
}

model! { struct Other = [f32; 4] => Dense<_, 16, Tanh> => Dense<_, 1>; }

model! { struct Reader = [f32; 12, 5] => Lstm<_, 12>(return_sequences = true) => TimeDistributed<Dense<_, 4>>; }

/// Each label is a hill in one of the first three numbers of some steps.
#[test]
fn labels_without_places_are_learnt() {
    let labels = |sample: usize| [1 + (sample % 3) as u32, 1 + (sample / 3 % 3) as u32, 0];
    let steps = |sample: usize| {
        let of = |label: u32, step: usize| std::array::from_fn(|i| f32::from(i + 1 == label as usize && step % 6 > 1));
        std::array::from_fn(|step| of(labels(sample)[step / 6], step))
    };
    let x: Vec<[[f32; 5]; 12]> = (0..36).map(steps).collect();
    let y: Vec<[u32; 3]> = (0..36).map(labels).collect();
    let mut model = Reader::new(1);
    let mut trainer = Trainer::new(&mut model, Adam::new(0.02), Ctc::<3>).epochs(60).batch_size(12).verbose(false);
    let history = trainer.fit(&x, &y).unwrap();
    assert!(history["loss"][59] < 0.1 * history["loss"][0], "{:?}", &history["loss"]);
    for (output, y) in model.predict_batch(&x).unwrap().iter().zip(&y) {
        assert_eq!(ctc_decode(output), y[..2]);
    }
    let mut trainer = Trainer::new(&mut model, Adam::default(), Ctc::<3>);
    let error = trainer.train_on_batch(&x[..1], &[[1, 0, 2]]).unwrap_err().to_string();
    assert!(error.contains("sample 0") && error.contains("labels are numbered from 1"), "{error}");
}

//! What samples and classes count, in each of the places that take targets.

use super::*;

model! {
    struct Two {
        input x: [f32; 4];
        branch h = x => Dense<_, 5, Tanh>;
        output kind = h => Dense<_, 3, Softmax>;
        output price = h => Dense<_, 1>;
    }
}

type Trained<'a> = Trainer<'a, Two, Sgd, (SparseCategoricalCrossentropy, MeanSquaredError), (u32, [f32; 1])>;

fn two(model: &mut Two) -> Trained<'_> {
    let losses = TwoLosses { kind: SparseCategoricalCrossentropy::default(), price: MeanSquaredError };
    Trainer::new(model, Sgd::new(0.1), losses).epochs(2).batch_size(4).verbose(false)
}

struct Rows {
    x: Vec<[f32; 4]>,
    kind: Vec<u32>,
    price: Vec<[f32; 1]>,
    /// Of each output.
    weights: [Vec<f32>; 2],
}

fn rows_of_two() -> Rows {
    let (x, price) = sums(10);
    let kind = (0..10).map(|i| i % 3).collect();
    let weights = [0, 1].map(|output| (0..10).map(|i| 0.25 * ((i + 3 * output) % 5) as f32).collect());
    Rows { x, kind, price, weights }
}

/// What training with these weights gives: the weights after it, and what it reported.
fn trained(train: impl FnOnce(&mut Two) -> String) -> (Vec<f32>, String) {
    let mut model = Two::new(1);
    let said = train(&mut model);
    (weights(&*model), said)
}

#[test]
fn weighted_targets_are_taken_wherever_there_are_targets() {
    let Rows { x, kind, price, weights: [of_kind, of_price] } = rows_of_two();
    let targets = TwoTargets { kind: &kind, price: &price };
    let of_samples = TwoSampleWeights { kind: &of_kind, price: &of_price };
    let by_option = trained(|model| format!("{:?}", two(model).sample_weight(of_samples).fit(&x, targets).unwrap()));
    let by_name = trained(|model| format!("{:?}", two(model).fit(&x, weighted(targets, of_samples)).unwrap()));
    let in_order = trained(|model| format!("{:?}", two(model).fit(&x, weighted((&kind, &price), of_samples)).unwrap()));
    assert_eq!(by_option, by_name);
    assert_eq!(by_option, in_order);
    assert_ne!(by_option, trained(|model| format!("{:?}", two(model).fit(&x, targets).unwrap())));

    let mut model = Two::new(1);
    let mut trainer = two(&mut model).validation_data(&x, weighted(targets, of_samples)).epochs(1);
    let history = trainer.fit(&x, targets).unwrap();
    let scores = trainer.evaluate(&x, weighted(targets, of_samples)).unwrap();
    assert_eq!(history["val_loss"], [scores["loss"]]);
    assert_ne!(scores["loss"], trainer.evaluate(&x, targets).unwrap()["loss"]);

    // A weight of 0 is a sample that is not there, but for the number of samples.
    let step = |trainer: &mut Trained<'_>, kind: &[u32], weights: &[f32]| {
        let targets = weighted(TwoTargets { kind, price: &price }, weights);
        trainer.train_on_batch(&x, targets).unwrap()["loss"]
    };
    let mut others = kind.clone();
    others[4] = (others[4] + 1) % 3;
    let without: Vec<f32> = (0..10).map(|i| if i == 4 { 0.0 } else { 1.0 }).collect();
    let [one, other] = [&kind, &others].map(|kind| step(&mut two(&mut Two::new(1)), kind, &without));
    assert_eq!(one, other);
    let error = two(&mut model).train_on_batch(&x, weighted(targets, &without[1..])).unwrap_err();
    assert_eq!(error.to_string(), "there are 10 samples, but 9 sample weights");
}

#[test]
fn a_class_counts_as_its_samples_would() {
    let Rows { x, kind, price, weights: [own, _] } = rows_of_two();
    let targets = TwoTargets { kind: &kind, price: &price };
    let by_class = trained(|model| {
        let trainer = two(model).class_weight(TwoClassWeights { kind: &[2.0, 0.5], price: &[] });
        format!("{:?}", trainer.validation_split(0.3).fit(&x, weighted(targets, &own)).unwrap())
    });
    // Beyond the classes that are given one counts 1, and what is validated on counts by itself.
    let of_kind: Vec<f32> = kind.iter().zip(&own).map(|(class, own)| own * [2.0, 0.5, 1.0][*class as usize]).collect();
    let by_sample = trained(|model| {
        let held = TwoTargets { kind: &kind[7..], price: &price[7..] };
        let mut trainer = two(model).validation_data(&x[7..], weighted(held, &own[7..]));
        let of_samples = TwoSampleWeights { kind: &of_kind[..7], price: &own[..7] };
        let targets = TwoTargets { kind: &kind[..7], price: &price[..7] };
        format!("{:?}", trainer.fit(&x[..7], weighted(targets, of_samples)).unwrap())
    });
    assert_eq!(by_class, by_sample);
}

model! { struct Yes = [f32; 4] => Dense<_, 1, Sigmoid>; }
model! { struct OneHot = [f32; 4] => Dense<_, 2, Softmax>; }
model! { struct Steps = [f32; 3, 4] => TimeDistributed<Dense<_, 2, Softmax>>; }

#[test]
fn classes_are_numbers_ids_and_one_hot_rows() {
    let (x, _) = sums(6);
    let classes = [1, 0, 0, 1, 0, 1];
    let one_hot = classes.map(|class| std::array::from_fn::<f32, 2, _>(|i| if i == class { 1.0 } else { 0.0 }));
    let weights: Vec<f32> = classes.iter().map(|class| [1.0, 3.0][*class]).collect();
    let yes = classes.map(|class| [class as f32]);

    let [mut by_class, mut by_sample] = [(); 2].map(|()| OneHot::new(1));
    let loss = CategoricalCrossentropy::default();
    Trainer::new(&mut by_class, Sgd::new(0.1), loss).class_weight([1.0, 3.0]).verbose(false).fit(&x, &one_hot).unwrap();
    Trainer::new(&mut by_sample, Sgd::new(0.1), loss).verbose(false).fit(&x, weighted(&one_hot, &weights)).unwrap();
    assert_eq!(by_class.dense, by_sample.dense);

    let [mut by_class, mut by_sample] = [(); 2].map(|()| Yes::new(1));
    let loss = BinaryCrossentropy::default();
    let numbers: &[f32] = &[1.0, 3.0];
    Trainer::new(&mut by_class, Sgd::new(0.1), loss).class_weight(numbers).verbose(false).fit(&x, &yes).unwrap();
    Trainer::new(&mut by_sample, Sgd::new(0.1), loss).verbose(false).fit(&x, weighted(&yes, &weights)).unwrap();
    assert_eq!(by_class.dense, by_sample.dense);
}

#[test]
fn targets_without_a_class_are_an_error() {
    let (x, y) = sums(3);
    let mut yes = Yes::new(1);
    let mut trainer =
        Trainer::new(&mut yes, Sgd::new(0.1), MeanSquaredError).class_weight(vec![1.0, 3.0]).verbose(false);
    let error = trainer.fit(&x, &y).unwrap_err().to_string();
    assert_eq!(
        error,
        "output `output`: the target of sample 0 is no class that `class_weight` could weigh: classes are ids, whole \
         numbers from 0, or one-hot rows"
    );
    let error = trainer.class_weight([1.0, f32::NAN]).fit(&x, &[[1.0]; 3]).unwrap_err();
    assert_eq!(error.to_string(), "output `output`: the weight of class 1 is NaN or infinite");

    let mut steps = Steps::new(1);
    let loss = SparseCategoricalCrossentropy::default();
    let trainer = Trainer::new(&mut steps, Sgd::new(0.1), loss).class_weight([1.0, 3.0]).verbose(false);
    let error = { trainer }.fit(&[[[0.5; 4]; 3]], &[[0, 1, 1]]).unwrap_err().to_string();
    assert!(error.contains("the target of sample 0 is no class"), "{error}");
}

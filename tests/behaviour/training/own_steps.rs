//! The two halves of a step, by themselves.

use super::*;

model! {
    /// All that a step has beside weights: dropout, moving averages, a penalty.
    struct Whole {
        input x: [f32; 4];
        branch h = x => Dense<_, 6, Tanh>(kernel_regularizer = L2(0.1)) => BatchNormalization<_> => Dropout(0.3);
        output z = h => Dense<_, 1>;
    }
}

model! {
    struct Small = [f32; 4] => Dense<4, 3, Tanh> => Dense<3, 1>;
}

model! {
    struct Two {
        input a: [f32; 4];
        input ids: [u32; 2];
        input c: [f32; 2, 2];
        branch words = ids => Embedding<5, 3> => Flatten;
        branch h = concatenate(a, words) => Dense<_, 6, Tanh>;
        output p = h => Dense<_, 2>;
        branch flat = c => Flatten;
        output q = concatenate(h, flat) => Dense<_, 2, Tanh>;
    }
}

#[test]
fn both_halves_are_a_step() {
    let (x, y) = sums(100);
    let (mut whole, mut halves) = (Whole::new(1), Whole::new(1));
    let trainer = |model| Trainer::new(model, Adam::new(0.01), MeanSquaredError).metric(MeanAbsoluteError).seed(3);
    let (mut of_whole, mut of_halves, mut gradient) = (trainer(&mut whole), trainer(&mut halves), Gradient::new());
    for (x, y) in x.chunks(30).zip(y.chunks(30)) {
        let scores = of_whole.train_on_batch(x, y).unwrap();
        let halves = of_halves.accumulate(x, y, &mut gradient).unwrap();
        assert_eq!(format!("{scores:?}"), format!("{halves:?}"));
        of_halves.apply(&mut gradient).unwrap();
        assert!(weights(gradient.weights()).iter().all(|number| *number == 0.0));
    }
    assert_eq!(of_halves.steps(), 4);
    assert_eq!(weights(&*whole), weights(&*halves));
}

#[test]
fn the_mean_of_two_batches_is_their_gradient_together() {
    let (x, y) = sums(80);
    let mut model = Small::new(2);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError);
    let (mut together, mut apart) = (Gradient::new(), Gradient::new());
    trainer.accumulate(&x, &y, &mut together).unwrap();
    trainer.accumulate(&x[..40], &y[..40], &mut apart).unwrap();
    trainer.accumulate(&x[40..], &y[40..], &mut apart).unwrap();
    apart.scale(0.5);
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(near(&weights(together.weights()), &weights(apart.weights())));
    apart.clear();
    assert!(weights(apart.weights()).iter().all(|number| *number == 0.0));
}

#[test]
fn batches_that_are_accumulated_drop_out_by_numbers_of_their_own() {
    let (x, y) = sums(1);
    let mut model = Dropping::new(1);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError);
    let [mut first, mut second] = [(); 2].map(|()| Gradient::new());
    trainer.accumulate(&x, &y, &mut first).unwrap();
    trainer.accumulate(&x, &y, &mut second).unwrap();
    assert_ne!(weights(first.weights()), weights(second.weights()));
}

#[test]
fn nothing_is_added_by_a_batch_that_is_wrong() {
    let (x, mut y) = sums(60);
    let mut model = Small::new(2);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError);
    let mut gradient = Gradient::new();
    trainer.accumulate(&x, &y, &mut gradient).unwrap();
    let before = weights(gradient.weights());
    // In the second tile, so that the first has its gradient then.
    y[59] = [3e30];
    let error = trainer.accumulate(&x, &y, &mut gradient).unwrap_err();
    assert!(matches!(error, TrainError::LossNotFinite { sample: Some(59), .. }), "{error}");
    assert_eq!(weights(gradient.weights()), before);
    trainer.accumulate(&x[..10], &y[..9], &mut gradient).unwrap_err();
    assert_eq!(weights(gradient.weights()), before);

    gradient.weights_mut().dense.bias[0] = f32::NAN;
    let unmoved = weights(trainer.model());
    let error = trainer.apply(&mut gradient).unwrap_err();
    let expected =
        "the gradient of `dense/bias` became NaN or infinite in step 1; the weights are as they were before that step";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert_eq!(weights(trainer.model()), unmoved);
}

/// A loss as a closure gives the gradient that the same loss of the trainer gives, with the same numbers dropped.
#[test]
fn a_loss_by_hand_is_that_of_the_trainer() {
    let (x, y) = sums(20);
    let mut model = Dropping::new(3);
    let mut by_hand = Gradient::<Dropping>::new().training(Random::new(9).at_step(0));
    let loss = by_hand.add(&model, &x, |outputs, gradients| squared_error(outputs, &y, gradients)).unwrap();
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).seed(9);
    let mut gradient = Gradient::new();
    let scores = trainer.accumulate(&x, &y, &mut gradient).unwrap();
    assert!((scores["loss"] - loss).abs() < 1e-6);
    let pairs = weights(gradient.weights()).into_iter().zip(weights(by_hand.weights()));
    assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6));
}

fn squared_error(outputs: &[[f32; 1]], targets: &[[f32; 1]], gradients: &mut [[f32; 1]]) -> f64 {
    let mut loss = 0.0;
    for ((output, target), gradient) in outputs.iter().zip(targets).zip(gradients) {
        let error = output[0] - target[0];
        loss += f64::from(error * error) / targets.len() as f64;
        gradient[0] = 2.0 * error / targets.len() as f32;
    }
    loss
}

/// Of a loss over both outputs together, with respect to inputs and weights, against differences.
#[test]
fn gradients_of_inputs_and_weights_are_those_of_differences() {
    let (a, c) = (rows::<4>(3, 0), [[[0.3, -0.5], [0.1, 0.9]]; 3]);
    let (ids, mut model) = ([[1, 4], [0, 1], [2, 2]], Two::new(5));
    // Σ p · q, which no sum of losses of each output is.
    let loss_of = |model: &Two, a: &[[f32; 4]], c: &[[[f32; 2]; 2]]| -> f64 {
        let outputs = model.predict_batch(TwoInputs { a, ids: &ids, c }).unwrap();
        let pairs = outputs.p.as_flattened().iter().zip(outputs.q.as_flattened());
        pairs.map(|(p, q)| f64::from(*p) * f64::from(*q)).sum()
    };
    let mut gradient = Gradient::<Two>::new().of_inputs();
    let loss = gradient
        .add(&model, TwoInputs { a: &a, ids: &ids, c: &c }, |outputs, gradients| {
            gradients.p.copy_from_slice(&outputs.q);
            gradients.q.copy_from_slice(&outputs.p);
            let pairs = outputs.p.as_flattened().iter().zip(outputs.q.as_flattened());
            pairs.map(|(p, q)| f64::from(*p) * f64::from(*q)).sum()
        })
        .unwrap();
    assert!((loss - loss_of(&model, &a, &c)).abs() < 1e-6);

    const STEP: f32 = 1e-2;
    let near = |slope: f32, higher: f64, lower: f64| {
        let exact = (higher - lower) / f64::from(2.0 * STEP);
        assert!((f64::from(slope) - exact).abs() < 2e-3, "{slope} for {exact}");
    };
    let of_a = gradient.input::<[f32; 4]>("a").unwrap().to_vec();
    let of_c = gradient.input::<[[f32; 2]; 2]>("c").unwrap().to_vec();
    for (sample, position) in [(0, 0), (1, 3), (2, 2)] {
        let moved = |by: f32| {
            let mut a = a.clone();
            a[sample][position] += by;
            loss_of(&model, &a, &c)
        };
        near(of_a[sample][position], moved(STEP), moved(-STEP));
        let moved = |by: f32| {
            let mut c = c;
            c[sample][1][position % 2] += by;
            loss_of(&model, &a, &c)
        };
        near(of_c[sample][1][position % 2], moved(STEP), moved(-STEP));
    }
    let of_weight = gradient.weights().dense.kernel[2][1];
    let mut moved = |by: f32| {
        model.dense.kernel[2][1] += by;
        let loss = loss_of(&model, &a, &c);
        model.dense.kernel[2][1] -= by;
        loss
    };
    near(of_weight, moved(STEP), moved(-STEP));
    // Ids have no gradient, and what is not there has none.
    assert_eq!(gradient.input::<[f32; 4]>("ids"), None);
    assert_eq!(gradient.input::<[f32; 3]>("a"), None);
    assert_eq!(gradient.input::<[f32; 4]>("d"), None);
}

#[test]
fn a_gradient_that_goes_no_way_back_is_not_made() {
    let model = Two::new(5);
    let mut gradient = Gradient::<Two>::new();
    let inputs = TwoInputs { a: &[[0.5; 4]], ids: &[[1, 5]], c: &[[[0.0; 2]; 2]] };
    let error = gradient.add(&model, inputs, |_, _| unreachable!("the id is out of range")).unwrap_err();
    assert_eq!(error.to_string(), "input `ids`: the id 5 at position 1 of sample 0 is out of range: ids are below 5");
    let inputs = TwoInputs { a: &[[0.5; 4]], ids: &[[1, 4]], c: &[[[0.0; 2]; 2]] };
    gradient.add(&model, inputs, |_, _| 0.0).unwrap();
    assert_eq!(gradient.input::<[f32; 4]>("a"), None);
    assert!(weights(gradient.weights()).iter().all(|number| *number == 0.0));
}

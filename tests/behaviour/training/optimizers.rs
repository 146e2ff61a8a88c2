//! What an optimizer is told of a model's layers, averages of weights, and options that cannot be.

use super::errors::message;
use super::*;

model! {
    struct Deep {
        input x: [f32; 4];
        branch h = x => encoder: Dense<_, 6, Tanh>;
        output y = h => head: Dense<_, 1>;
    }
}

/// The weights after three epochs of a model, and after each of its steps and at the end.
fn averaged(optimizer: Adam) -> (Vec<f32>, Vec<Vec<f32>>) {
    /// Keeps a copy of the weights after each step and at the end.
    struct Watch(Shared<Vec<Vec<f32>>>);
    impl Callback for Watch {
        fn on_batch_end(&mut self, _batch: usize, _logs: &Scores, training: &mut Training<'_>) {
            self.0.borrow_mut().push(weights(training.model::<Deep>().unwrap()));
        }
        fn on_train_end(&mut self, training: &mut Training<'_>) {
            self.0.borrow_mut().push(weights(training.model::<Deep>().unwrap()));
        }
    }
    let ((x, y), seen) = (sums(48), Shared::default());
    let mut model = Deep::new(2);
    Trainer::new(&mut model, optimizer, MeanSquaredError)
        .epochs(3)
        .batch_size(16)
        .shuffle(false)
        .callback(Watch(Rc::clone(&seen)))
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    (weights(&*model), seen.take())
}

#[test]
fn averages_take_the_place_of_the_weights_at_the_end_of_fit() {
    let (_, plain) = averaged(Adam::new(0.01));
    let (last, seen) = averaged(Adam::new(0.01).use_ema(true).ema_momentum(0.75));
    assert_eq!(seen.len(), 3 * 3 + 1);
    assert_eq!(seen[..9], plain[..9], "training goes on from the weights themselves");
    assert_eq!(seen[9], last, "callbacks see the averages at the end");
    let mut expected = plain[0].clone();
    for step in &plain[1..9] {
        expected.iter_mut().zip(step).for_each(|(average, w)| *average = 0.75 * *average + 0.25 * w);
    }
    assert_eq!(last, expected);
    assert_ne!(last, plain[8]);
}

#[test]
fn averages_take_the_place_of_the_weights_when_asked_after_single_steps() {
    let (x, y) = sums(48);
    let mut model = Deep::new(2);
    let optimizer = Adam::new(0.01).use_ema(true).ema_momentum(0.75);
    let mut trainer = Trainer::new(&mut model, optimizer, MeanSquaredError).verbose(false);
    for _ in 0..3 {
        for batch in 0..3 {
            let places = 16 * batch..16 * (batch + 1);
            trainer.train_on_batch(&x[places.clone()], &y[places]).unwrap();
        }
    }
    trainer.finalize_variable_values();
    assert_eq!(weights(&*model), averaged(Adam::new(0.01).use_ema(true).ema_momentum(0.75)).0);
}

#[test]
fn a_layer_whose_learning_rate_is_zero_stays() {
    let (x, y) = sums(48);
    let (mut model, before) = (Deep::new(2), Deep::new(2));
    let optimizer = Adam::new(0.01).learning_rate_of("encoder", 0.0).learning_rate_of("head/bias", 0.0);
    Trainer::new(&mut model, optimizer, MeanSquaredError).verbose(false).fit(&x, &y).unwrap();
    assert_eq!(model.encoder, before.encoder);
    assert_eq!(model.head.bias, before.head.bias);
    assert!(model.head.kernel.iter().zip(&before.head.kernel).all(|(after, before)| after != before));
}

/// The error of a `fit`, which is that of a single step too.
fn says(optimizer: impl Fn() -> Adam) -> String {
    let (x, y) = sums(4);
    let of_fit = message(&mut Deep::new(2), |model| {
        Trainer::new(model, optimizer(), MeanSquaredError).verbose(false).fit(&x, &y).unwrap_err()
    });
    let of_step = message(&mut Deep::new(2), |model| {
        Trainer::new(model, optimizer(), MeanSquaredError).verbose(false).train_on_batch(&x, &y).unwrap_err()
    });
    assert_eq!(of_fit, of_step);
    of_fit
}

#[test]
fn names_that_the_model_does_not_have_are_errors() {
    assert_eq!(
        says(|| Adam::default().learning_rate_of("encodre", 0.1)),
        "the optimizer's `learning_rate_of` names `encodre`, which is no layer and no weight of the model; \
         did you mean `encoder`?"
    );
    assert_eq!(
        says(|| Adam::default().weight_decay(0.1).exclude_from_weight_decay(["bias", "LayerNorm"])),
        "the optimizer's `exclude_from_weight_decay` names `LayerNorm`, which is no layer and no weight of the model; \
         there are: encoder, head, kernel, bias"
    );
}

#[test]
fn options_that_cannot_be_are_errors_before_training() {
    assert_eq!(
        says(|| Adam::default().beta_1(f64::NAN)),
        "the optimizer's `beta_1` is NaN; it must be a number of at least 0 and below 1"
    );
    assert_eq!(
        says(|| Adam::new(CosineDecay::new(0.1, 0))),
        "the `decay_steps` of `CosineDecay` is 0; it must be a number of at least 1"
    );
    assert_eq!(
        says(|| Adam::new(PiecewiseConstantDecay::new([9, 3], [0.1, 0.2, 0.3]))),
        "the boundaries of `PiecewiseConstantDecay` are [9, 3]; each must be above the last"
    );
    assert_eq!(
        says(|| Adam::default().learning_rate_of("head", f64::NAN)),
        "the optimizer's `learning_rate_of` is NaN; it must be a number of at least 0"
    );
    let (x, y) = sums(4);
    let sgd = message(&mut Deep::new(2), |model| {
        Trainer::new(model, Sgd::new(0.1).momentum(2.0), MeanSquaredError).verbose(false).fit(&x, &y).unwrap_err()
    });
    assert_eq!(sgd, "the optimizer's `momentum` is 2; it must be a number of at least 0 and at most 1");
}

//! However a `fit` ends, callbacks finish and nothing is lost; between two of them the model is at hand.

use super::*;

model! {
    struct Small = [f32; 2] => Dense<_, 8, Relu> => Dense<_, 1>;
}

/// Makes the training diverge from an epoch on, as unlucky data do.
struct BlowUp(usize, f32);
impl Callback for BlowUp {
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) {
        if epoch == self.0 {
            training.set_learning_rate(self.1);
        }
    }
}

fn products() -> (Vec<[f32; 2]>, Vec<[f32; 1]>) {
    let x: Vec<[f32; 2]> = (0..100).map(|i| [(i % 10) as f32 * 0.1, (i / 10) as f32 * 0.1]).collect();
    let y = x.iter().map(|x| [x[0] * x[1] + x[0]]).collect();
    (x, y)
}

#[test]
fn the_best_weights_are_restored_where_training_diverges() {
    let (x, y) = products();
    let mut model = Small::new(1);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError)
        .epochs(30)
        .batch_size(10)
        .validation_split(0.2)
        .callback(EarlyStopping::default().patience(3).restore_best_weights(true))
        .callback(BlowUp(8, 1e12))
        .verbose(false);
    let error = trainer.fit(&x, &y).unwrap_err();
    let history = error.history().expect("the epochs before");
    let best = history["val_loss"].iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(trainer.evaluate(&x[80..], &y[80..]).unwrap()["loss"], best);

    let epoch = 1 + history["val_loss"].iter().position(|loss| *loss == best).unwrap();
    let restored = format!("the weights of epoch {epoch} are restored, the best (`val_loss`: {best:.4})");
    assert_eq!(history.notes(), std::slice::from_ref(&restored));
    assert!(matches!(error, TrainError::LossNotFinite { epoch: Some(9), sample: Some(_), .. }), "{error}");
    let says = error.to_string();
    assert!(says.starts_with("the loss became ") && says.contains(&format!("; {restored} (a smaller")), "{says}");
}

#[test]
fn a_callback_that_leaves_no_learning_rate_ends_training_before_a_weight_moves() {
    let (x, y) = products();
    let (mut model, mut shorter) = (Small::new(1), Small::new(1));
    let train = |model, epochs| {
        let trainer = Trainer::new(model, Sgd::new(0.1), MeanSquaredError).epochs(epochs).verbose(false);
        trainer.callback(BlowUp(2, f32::NAN)).fit(&x, &y)
    };
    let error = train(&mut model, 5).unwrap_err();
    assert_eq!(error.to_string(), "the learning rate is NaN; it must be a number of at least 0");
    train(&mut shorter, 2).unwrap();
    assert_eq!(weights(&*model), weights(&*shorter));
}

#[test]
fn what_is_wrong_is_found_to_the_sample_and_the_layer() {
    let (mut x, y) = products();
    x[37] = [1e30, 1e30];
    let mut model = Small::new(1);
    model.dense.kernel = [[1e15; 8]; 2];
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.0), MeanSquaredError).verbose(false);
    let error = trainer.train_on_batch(&x[30..], &y[30..]).unwrap_err();
    let expected = "the loss became NaN in step 1, at sample 7, where `dense` is the first layer to give such a number; \
                    the weights are as they were before that step";
    assert!(error.to_string().starts_with(expected), "{error}");
    // In a shuffled epoch the sample is the one of the data.
    let error = trainer.batch_size(8).fit(&x, &y).unwrap_err();
    assert!(matches!(error, TrainError::LossNotFinite { sample: Some(37), layer: Some("dense"), .. }), "{error}");
}

model! {
    /// What normalizes has moving averages, which a step moves apart from the weights.
    struct Overflowing {
        input a: [f32; 2];
        input b: [f32; 1];
        branch x = a => BatchNormalization<2> => Dense<2, 1>;
        branch y = b => Dense<1, 1>(use_bias = false);
        output z = add(x, y);
    }
}

#[test]
fn a_gradient_that_is_infinite_though_its_loss_is_not_leaves_all_as_it_was() {
    let (a, _) = products();
    let (mut b, mut y) = (vec![[0.0]; 100], vec![[0.0]; 100]);
    let mut model = Overflowing::new(1);
    model.dense_1.kernel = [[1e-30]];
    let trainer = Trainer::new(&mut model, Sgd::new(1e-3), MeanSquaredError).epochs(3).batch_size(50).shuffle(false);
    let mut trainer = trainer.verbose(false);
    trainer.fit((&a, &b), &y).unwrap();
    // The prediction is 1 and the loss 1e22, but the gradient of the kernel 1e30 times -2e10.
    (b[60], y[60]) = ([1e30], [1e12]);
    let before = weights(trainer.model());
    let error = trainer.train_on_batch((&a, &b), &y).unwrap_err();
    let expected = "the gradient of `dense_1/kernel` became NaN or infinite in step 7; \
                    the weights are as they were before that step (a smaller";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert_eq!(weights(trainer.model()), before);
    trainer.train_on_batch((&a[..50], &b[..50]), &y[..50]).unwrap();

    let error = trainer.fit((&a, &b), &y).unwrap_err();
    assert!(matches!(error, TrainError::GradientNotFinite { epoch: Some(1), step: 2, .. }), "{error}");
    assert_eq!(error.history().map(History::epochs), Some(0));
    assert!(weights(trainer.model()).iter().all(|weight| weight.is_finite()));
}

#[test]
fn weights_that_are_no_numbers_cannot_be_evaluated() {
    let (x, y) = products();
    let mut model = Small::new(1);
    model.dense.kernel[0][3] = f32::NAN;
    let error = Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError).verbose(false).evaluate(&x, &y).unwrap_err();
    assert!(
        matches!(&error, TrainError::WeightsWereNotFinite { parameter, .. } if parameter == "dense/kernel"),
        "{error}"
    );
}

#[test]
fn the_model_is_at_hand_between_two_fits() {
    let (x, y) = products();
    let (mut whole, mut visited) = (Small::new(1), Small::new(1));
    let trainer = |model| Trainer::new(model, Adam::default(), MeanSquaredError).epochs(2).verbose(false);
    let mut trainer_of_whole = trainer(&mut whole);
    trainer_of_whole.fit(&x, &y).unwrap();
    trainer_of_whole.fit(&x, &y).unwrap();

    let mut trainer = trainer(&mut visited);
    trainer.fit(&x, &y).unwrap();
    let predicted = trainer.model().predict_batch(&x).unwrap();
    let squares = predicted.iter().zip(&y).map(|(z, y)| f64::from(z[0] - y[0]).powi(2));
    let loss = squares.sum::<f64>() / 100.0;
    assert!((trainer.evaluate(&x, &y).unwrap()["loss"] - loss).abs() < 1e-6);
    let bytes = trainer.model().weights_to_bytes();
    trainer.model_mut().load_weights_from_bytes(&bytes).unwrap();
    trainer.fit(&x, &y).unwrap();
    // 100 samples are 4 batches.
    assert_eq!(trainer.steps(), 16);
    let (model, _adam) = trainer.into_parts();
    assert_eq!(weights(model), weights(&*whole));
}

#[test]
fn samples_are_shuffled_unless_they_are_not_to_be() {
    let (x, y) = products();
    let train = |set: fn(SmallTrainer<'_>) -> SmallTrainer<'_>| {
        let mut model = Small::new(1);
        set(Trainer::new(&mut model, Adam::default(), MeanSquaredError).verbose(false)).fit(&x, &y).unwrap();
        weights(&*model)
    };
    let by_default = train(|trainer| trainer);
    assert_eq!(by_default, train(|trainer| trainer.shuffle(0)));
    assert_eq!(by_default, train(|trainer| trainer.shuffle(true)));
    assert_ne!(by_default, train(|trainer| trainer.shuffle(1)));
    assert_ne!(by_default, train(|trainer| trainer.shuffle(false)));
}

type SmallTrainer<'a> = Trainer<'a, Small, Adam, MeanSquaredError, ([f32; 1],)>;

/// What a `main` that returns an error shows is the text.
#[test]
fn errors_are_shown_as_their_texts() {
    fn texts<E: std::error::Error>(error: E) -> [String; 2] {
        [format!("{error:?}"), error.to_string()]
    }
    let mut model = Small::new(1);
    let errors = [
        texts(Trainer::new(&mut model, Adam::default(), MeanSquaredError).fit(&[[0.5; 2]; 2], &[[0.5]]).unwrap_err()),
        texts(model.load_weights_from_bytes(b"no file").unwrap_err()),
        texts(model.load_weights("no such file").unwrap_err()),
        texts(fusion::rows::<[f32; 2]>(&[1.0]).unwrap_err()),
        texts("AVX2".parse::<fusion::kernels::Level>().unwrap_err()),
    ];
    errors.iter().for_each(|[debug, display]| assert_eq!(debug, display));
}

#[test]
fn a_step_that_fails_keeps_the_gradients_of_the_batches_before() {
    let (x, y) = products();
    let trained = |fails: bool| {
        let mut model = Small::new(1);
        let optimizer = Sgd::new(0.1).gradient_accumulation_steps(3);
        let mut trainer = Trainer::new(&mut model, optimizer, MeanSquaredError);
        for batch in 0..3 {
            if fails && batch == 2 {
                trainer.train_on_batch(&[[f32::MAX; 2]; 4], &[[0.0]; 4]).unwrap_err();
            }
            trainer.train_on_batch(&x[10 * batch..][..10], &y[10 * batch..][..10]).unwrap();
        }
        weights(&*model)
    };
    assert_eq!(trained(true), trained(false));
}

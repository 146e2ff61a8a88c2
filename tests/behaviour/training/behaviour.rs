//! Seeds, a second `fit`, callbacks, weights of samples, generic code.

use super::*;

fn dropping(seed: u64) -> (Vec<f32>, Vec<f64>) {
    let (x, y) = sums(100);
    let mut model = Dropping::new(3);
    let history = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
        .epochs(3)
        .shuffle(1)
        .seed(seed)
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    (weights(&*model), history["loss"].to_vec())
}

#[test]
fn the_same_seed_trains_to_the_same_bits_and_another_does_not() {
    assert_eq!(dropping(1), dropping(1));
    assert_ne!(dropping(1), dropping(2));
}

#[test]
fn evaluation_drops_nothing() {
    let (x, y) = sums(40);
    let mut model = Dropping::new(3);
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError).verbose(false);
    assert_eq!(trainer.evaluate(&x, &y).unwrap()["loss"], trainer.seed(9).evaluate(&x, &y).unwrap()["loss"]);
}

#[test]
fn a_second_fit_goes_on_where_the_first_ended() {
    let (x, y) = sums(70);
    let (mut once, mut twice) = (Dropping::new(3), Dropping::new(3));
    let whole = Trainer::new(&mut once, Adam::new(0.01), MeanSquaredError)
        .shuffle(5)
        .epochs(4)
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    let mut trainer = Trainer::new(&mut twice, Adam::new(0.01), MeanSquaredError).shuffle(5).epochs(2).verbose(false);
    let (first, second) = (trainer.fit(&x, &y).unwrap(), trainer.fit(&x, &y).unwrap());
    assert_eq!(second.epochs(), 2);
    assert_eq!([&first["loss"], &second["loss"]].concat(), whole["loss"]);
    assert_eq!(weights(&*once), weights(&*twice));
}

#[test]
fn shuffling_trains_on_every_sample_in_another_order() {
    let (x, y) = sums(64);
    let train = |shuffle: Option<u64>| {
        let mut model = Plain::new(3);
        // Steps so small that the loss of an epoch is that of the weights at its beginning.
        let trainer = Trainer::new(&mut model, Sgd::new(1e-6), MeanSquaredError).batch_size(8).verbose(false);
        let mut trainer = match shuffle {
            Some(seed) => trainer.shuffle(seed),
            None => trainer.shuffle(false),
        };
        let history = trainer.fit(&x, &y).unwrap();
        (history["loss"][0], weights(&*model))
    };
    let (plain, shuffled) = (train(None), train(Some(1)));
    assert!((plain.0 - shuffled.0).abs() < 1e-4);
    assert_ne!(plain.1, shuffled.1);
    assert_eq!(shuffled, train(Some(1)));
}

#[test]
fn early_stopping_ends_training_and_restores_the_best_weights() {
    let (x, y) = sums(60);
    let mut model = Dropping::new(3);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.4), MeanSquaredError)
        .epochs(500)
        .validation_split(0.3)
        .shuffle(2)
        .callback(EarlyStopping::new("val_loss").patience(4).restore_best_weights(true))
        .verbose(false);
    let history = trainer.fit(&x, &y).unwrap();
    let best = history["val_loss"].iter().copied().fold(f64::INFINITY, f64::min);
    assert!(history.epochs() < 500);
    assert_eq!(history["val_loss"][history.epochs() - 5], best);
    assert_ne!(*history["val_loss"].last().unwrap(), best);
    assert_eq!(trainer.evaluate(&x[42..], &y[42..]).unwrap()["loss"], best);
}

#[test]
fn labels_of_one_number_may_be_flat() {
    let (x, y) = sums(30);
    let flat: Vec<f32> = y.iter().map(|[y]| *y).collect();
    let (mut rows, mut plain) = (Dropping::new(3), Dropping::new(3));
    let trainer = |model| Trainer::new(model, Adam::new(0.01), MeanSquaredError).verbose(false);
    let mut of_rows = trainer(&mut rows);
    of_rows.fit(&x, &y).unwrap();
    of_rows.train_on_batch(&x[..2], &y[..2]).unwrap();
    let mut of_plain = trainer(&mut plain);
    of_plain.fit(&x, &flat).unwrap();
    of_plain.train_on_batch(&x[..2], &flat[..2]).unwrap();
    assert_eq!(of_plain.evaluate(&x, &flat[..]).unwrap()["loss"], of_rows.evaluate(&x, &y).unwrap()["loss"]);
    assert_eq!(
        of_plain.evaluate(&x[..2], &[0.5, 1.0]).unwrap()["loss"],
        of_rows.evaluate(&x[..2], &[[0.5], [1.0]]).unwrap()["loss"]
    );
    let error = of_plain.fit(&x, &flat[1..]).unwrap_err();
    assert_eq!(error.to_string(), "there are 30 samples, but 29 targets for the output `output`");
}

#[test]
fn a_split_validates_on_the_last_samples_and_its_weights() {
    let (x, y) = sums(10);
    let w: Vec<f32> = (0..10).map(|i| i as f32 / 4.0).collect();
    let mut model = Dropping::new(3);
    let history = Trainer::new(&mut model, Sgd::new(0.0), MeanSquaredError)
        .validation_split(0.35)
        .sample_weight(&w)
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    let losses = model.predict_batch(&x).unwrap().into_iter().zip(&y).map(|(z, y)| f64::from(z[0] - y[0]).powi(2));
    let weighted: f64 = losses.zip(&w).skip(6).map(|(loss, w)| loss * f64::from(*w)).sum();
    assert!((history["val_loss"][0] - weighted / 4.0).abs() < 1e-6);
}

#[test]
fn given_validation_data_are_validated_on() {
    let ((x, y), (other_x, other_y)) = (sums(20), (rows::<4>(5, 900), rows::<1>(5, 950)));
    let mut model = Dropping::new(3);
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError)
        .metric(MeanAbsoluteError)
        .validation_data(&other_x, &other_y)
        .verbose(false);
    let history = trainer.fit(&x, &y).unwrap();
    let scores = trainer.evaluate(&other_x, &other_y).unwrap();
    assert_eq!(history["val_loss"], [scores["loss"]]);
    assert_eq!(history["val_mean_absolute_error"], [scores["mean_absolute_error"]]);
}

#[test]
fn a_weight_of_two_is_a_sample_given_twice() {
    let (x, y) = (rows::<4>(2, 0), rows::<1>(2, 100));
    let (mut weighted, mut repeated) = (Plain::new(1), Plain::new(1));
    // Of three samples the first counts 2/3: of two it has to count 4/3 of a half.
    let ours = Trainer::new(&mut weighted, Sgd::new(0.1), MeanSquaredError)
        .sample_weight(&[4.0 / 3.0, 2.0 / 3.0])
        .metric(MeanSquaredError)
        .weighted_metric(MeanSquaredError)
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    let (x, y) = ([x[0], x[0], x[1]], [y[0], y[0], y[1]]);
    let theirs = Trainer::new(&mut repeated, Sgd::new(0.1), MeanSquaredError).verbose(false).fit(&x, &y).unwrap();
    let pairs = weights(&*weighted).into_iter().zip(weights(&*repeated));
    assert!(pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) < 1e-6);

    assert_eq!(ours.keys().collect::<Vec<_>>(), ["loss", "mean_squared_error", "weighted_mean_squared_error"]);
    assert!((ours["loss"][0] - theirs["loss"][0]).abs() < 1e-6);
    assert!((ours["loss"][0] - ours["weighted_mean_squared_error"][0]).abs() < 1e-6);
    assert!((ours["loss"][0] - ours["mean_squared_error"][0]).abs() > 1e-3);
}

model! {
    struct Plain = [f32; 4] => Dense<4, 3, Tanh> => Dense<3, 1>;
}

/// Stops in the middle of the second epoch, and watches.
struct Stop(Shared<Vec<String>>);
impl Callback for Stop {
    fn on_train_begin(&mut self, training: &mut Training<'_>) {
        assert!(training.model::<Plain>().is_some() && training.model::<Dropping>().is_none());
        self.0.borrow_mut().push("begin".into());
    }
    fn on_epoch_begin(&mut self, epoch: usize, _training: &mut Training<'_>) {
        self.0.borrow_mut().push(format!("epoch {epoch}"));
    }
    fn on_batch_end(&mut self, batch: usize, logs: &Scores, training: &mut Training<'_>) {
        assert!(logs["loss"] > 0.0 && logs.get("val_loss").is_none());
        self.0.borrow_mut().push(format!("batch {batch}"));
        if training.steps() == 4 {
            training.stop();
        }
    }
    fn on_epoch_end(&mut self, epoch: usize, logs: &Scores, _training: &mut Training<'_>) {
        assert!(logs["val_loss"] > 0.0);
        self.0.borrow_mut().push(format!("end of epoch {epoch}"));
    }
    fn on_train_end(&mut self, _training: &mut Training<'_>) {
        self.0.borrow_mut().push("end".into());
    }
}

#[test]
fn callbacks_are_called_in_kerass_order_and_can_stop_at_any_batch() {
    let (x, y) = sums(25);
    let seen = Shared::default();
    let mut model = Plain::new(1);
    let history = Trainer::new(&mut model, Adam::default(), MeanSquaredError)
        .epochs(9)
        .batch_size(7)
        .validation_split(0.2)
        .callback(Stop(Rc::clone(&seen)))
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    assert_eq!(history.epochs(), 2);
    let expected = "begin,epoch 0,batch 0,batch 1,batch 2,end of epoch 0,epoch 1,batch 0,end of epoch 1,end";
    assert_eq!(seen.borrow().join(","), expected);
}

#[test]
fn two_batches_that_make_one_step_are_one_batch() {
    let (x, y) = sums(32);
    let trained = |optimizer: Adam, batch_size| {
        let mut model = Plain::new(1);
        let trainer = Trainer::new(&mut model, optimizer, MeanSquaredError).epochs(5).batch_size(batch_size);
        trainer.verbose(false).fit(&x, &y).unwrap();
        weights(&*model)
    };
    let at_once = trained(Adam::new(0.01), 16);
    let in_parts = trained(Adam::new(0.01).gradient_accumulation_steps(2), 8);
    let error = at_once.iter().zip(&in_parts).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(error < 1e-5, "the weights differ by {error}");
}

/// Trains and evaluates any model with one output that this loss fits, and uses it again without
/// `drop(trainer)`.
fn train<M: Model<Network: TrainNetwork + Network<Predictions = Vec<T>>>, T>(
    model: &mut M,
    inputs: <M::Network as Network>::Inputs<'_>,
    targets: &[T],
) -> [f64; 2]
where
    T: Copy + Send + Sync + 'static,
    MeanSquaredError: Losses<M::Network, Targets = (T,)>,
{
    let mut trainer = Trainer::new(model, Adam::new(0.01), MeanSquaredError).epochs(30).verbose(false);
    let history = trainer.fit(inputs, targets).unwrap();
    let scores = trainer.evaluate(inputs, targets).unwrap();
    let outputs = model.predict_batch(inputs).unwrap();
    assert_eq!(outputs.len(), targets.len());
    [history["loss"][0], scores["loss"]]
}

#[test]
fn generic_code_trains_any_model() {
    let (x, y) = sums(50);
    let [before, after] = train(&mut Plain::new(1), PlainInputs { input: &x }, &y);
    assert!(after < before);
    let (a, b) = (rows(50, 0), rows(50, 3000));
    let [before, after] = train(&mut *Fusion::new(1), FusionInputs { a: &a, b: &b }, &y);
    assert!(after < before);
}

#[test]
fn train_on_batch_gives_the_values_of_that_batch_alone() {
    let (x, y) = sums(8);
    let mut model = Plain::new(1);
    let mut trainer =
        Trainer::new(&mut model, Sgd::new(0.0), MeanSquaredError).metric(MeanAbsoluteError).verbose(false);
    let scores = [0..4, 4..8, 0..4].map(|s| trainer.train_on_batch(&x[s.clone()], &y[s]).unwrap());
    assert_eq!(scores[0]["loss"], scores[2]["loss"]);
    assert_eq!(scores[0]["mean_absolute_error"], scores[2]["mean_absolute_error"]);
    assert_ne!(scores[0]["loss"], scores[1]["loss"]);
}

#[test]
fn a_reduced_learning_rate_is_what_the_next_steps_use() {
    let (x, y) = sums(20);
    let mut model = Plain::new(1);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.5), MeanSquaredError)
        .epochs(3)
        // Nothing is an improvement of so much.
        .callback(ReduceLrOnPlateau::new("loss").factor(0.0).patience(1).min_delta(1e9))
        .shuffle(false)
        .verbose(false);
    let history = trainer.fit(&x, &y).unwrap();
    assert_eq!(trainer.evaluate(&x, &y).unwrap()["loss"], history["loss"][2]);
    assert_ne!(history["loss"][1], history["loss"][2]);
}

//! Callbacks decide as Keras's decide on the same losses.

use serde_json::Value;

use crate::prelude::*;
use crate::training::history::Layout;

model! { struct Tiny = [f32; 1] => Dense<1, 1>; }

fn decides_as_keras(case: &str, mut callback: impl Callback) {
    let keras: Value = serde_json::from_str(include_str!("callbacks.json")).unwrap();
    let keras = &keras[case];
    let layout = Layout::new(&["val_loss".to_owned()]);
    let (mut model, mut optimizer, mut stop) = (Tiny::new(1), Sgd::new(0.1), false);
    let (mut rates, mut stopped) = (Vec::new(), None);
    callback.check(layout.names()).unwrap();
    for (epoch, loss) in keras["val_loss"].as_array().unwrap().iter().enumerate() {
        let mut logs = layout.empty();
        layout.set(&mut logs, 0, loss.as_f64().unwrap());
        let (mut notes, mut weights_given, mut averages, mut failure) = (Vec::new(), false, None, None);
        let mut training = Training {
            model: &mut *model,
            optimizer: &mut optimizer,
            steps: 0,
            stop: &mut stop,
            notes: &mut notes,
            weights_given: &mut weights_given,
            averages: &mut averages,
            failure: &mut failure,
        };
        if epoch == 0 {
            callback.on_train_begin(&mut training);
        }
        callback.on_epoch_end(epoch, &logs, &mut training);
        rates.push(Optimizer::learning_rate_at(&optimizer, 0));
        if stop {
            stopped = Some(epoch as u64);
            break;
        }
    }
    assert_eq!(stopped, keras["stopped_at_epoch"].as_u64(), "{case}");
    let expected = keras["learning_rate_after_epoch"].as_array().unwrap();
    assert_eq!(rates, expected.iter().map(|rate| rate.as_f64().unwrap() as f32).collect::<Vec<_>>(), "{case}");
}

#[test]
fn early_stopping() {
    let stopping = || EarlyStopping::new("val_loss").patience(2);
    decides_as_keras("early_stopping_patience_2", stopping());
    decides_as_keras("early_stopping_patience_3_min_delta", stopping().patience(3).min_delta(0.01));
    decides_as_keras("early_stopping_start_from_epoch", stopping().start_from_epoch(5));
}

#[test]
fn reduce_lr_on_plateau() {
    let reduce = || ReduceLrOnPlateau::default().factor(0.5).patience(1);
    decides_as_keras("reduce_lr_patience_1", reduce().min_delta(1e-4));
    decides_as_keras("reduce_lr_cooldown", reduce().cooldown(2).min_lr(0.03));
}

/// The epoch at which training is stopped on these losses.
fn stops(mut callback: EarlyStopping, losses: &[f64]) -> Option<usize> {
    let layout = Layout::new(&["val_loss".to_owned()]);
    let (mut model, mut optimizer, mut stop) = (Tiny::new(1), Sgd::new(0.1), false);
    losses.iter().enumerate().position(|(epoch, loss)| {
        let mut logs = layout.empty();
        layout.set(&mut logs, 0, *loss);
        let (mut notes, mut weights_given, mut averages, mut failure) = (Vec::new(), false, None, None);
        let mut training = Training {
            model: &mut *model,
            optimizer: &mut optimizer,
            steps: 0,
            stop: &mut stop,
            notes: &mut notes,
            weights_given: &mut weights_given,
            averages: &mut averages,
            failure: &mut failure,
        };
        callback.on_epoch_end(epoch, &logs, &mut training);
        stop
    })
}

#[test]
fn a_baseline_has_to_be_beaten_within_the_patience() {
    let stopping = || EarlyStopping::default().patience(2).baseline(0.5);
    assert_eq!(stops(stopping(), &[1.0, 0.9, 0.8, 0.85]), Some(3));
    assert_eq!(stops(stopping(), &[1.0, 0.4, 0.45, 0.45]), Some(3));
    assert_eq!(stops(stopping(), &[0.4, 0.3, 0.2, 0.1]), None);
}

#[test]
fn larger_is_better_where_the_mode_says_so() {
    let stopping = EarlyStopping::default().patience(1).mode(crate::training::Mode::Max);
    assert_eq!(stops(stopping, &[1.0, 2.0, 3.0, 2.5]), Some(3));
}

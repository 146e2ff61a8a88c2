//! Moving averages in place of the weights, for validation and for other callbacks.

use std::cell::RefCell;
use std::rc::Rc;

use fusion::prelude::*;
use serde_json::Value;

use crate::fixture::{assert_close, json};

const TOLERANCE: f32 = 1e-5;
const X: [[f32; 2]; 5] = [[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0], [-0.5, -0.75]];
const Y: [[f32; 1]; 5] = [[1.0], [0.0], [0.5], [-1.0], [2.0]];

model! { struct Line = [f32; 2] => Dense<_, 1>; }

fn flat(model: &Line) -> Vec<f32> {
    [model.dense.kernel.as_flattened(), &model.dense.bias].concat()
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

fn averaged(case: &str, swap: Option<SwapEmaWeights>) {
    let mut model = Line::new(1);
    model.dense.kernel = [[0.5], [0.25]];
    let seen = Rc::new(RefCell::new(Vec::new()));
    let looks = seen.clone();
    let look = LambdaCallback::new().on_epoch_end(move |_, _, training| {
        looks.borrow_mut().push(flat(training.model::<Line>().unwrap()));
    });
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.1).use_ema(true).ema_momentum(0.75), MeanSquaredError)
        .metric(MeanAbsoluteError.named("mae"))
        .epochs(3)
        .batch_size(2)
        .shuffle(false)
        .validation_data(&X, &Y)
        .verbose(false);
    if let Some(swap) = swap {
        trainer = trainer.callback(swap);
    }
    let history = trainer.callback(look).fit(&X, &Y).unwrap();

    let expected = &json("averages.json")[case];
    let of_keras = expected["history"].as_object().unwrap();
    assert_eq!(history.keys().collect::<Vec<_>>(), of_keras.keys().collect::<Vec<_>>());
    for (key, values) in of_keras {
        let found: Vec<f32> = history[key.as_str()].iter().map(|x| *x as f32).collect();
        assert_close(&format!("{case}: {key}"), &found, &numbers(values), TOLERANCE);
    }
    let at_epoch_end = expected["at_epoch_end"].as_array().unwrap();
    assert_eq!(seen.borrow().len(), at_epoch_end.len());
    for (found, keras) in seen.borrow().iter().zip(at_epoch_end) {
        assert_close(&format!("{case}: weights at the end of an epoch"), found, &numbers(keras), TOLERANCE);
    }
    assert_close(&format!("{case}: weights after"), &flat(&model), &numbers(&expected["after"]), TOLERANCE);
}

#[test]
fn averages_take_the_place_of_weights_where_keras_lets_them() {
    averaged("never", None);
    averaged("validation", Some(SwapEmaWeights::new()));
    averaged("epoch", Some(SwapEmaWeights::new().swap_on_epoch(true)));
}

//! Programs that people brought over from Keras and that did not compile once.

use fusion::prelude::*;

model! { struct Masked = [u32; 6] => Embedding<10, 4>(mask_zero = true) => Lstm<_, 3>; }
model! { struct Decayed = [f32; 4] => Dense<_, 8, Relu>(kernel_regularizer = L2(0.01)) => Dense<_, 1>; }
model! { struct Text = [u32; 20] => Embedding<30, 8> => Conv1d<_, 4, 3> => Flatten => Dense<_, 1>; }
model! {
    struct Repeated {
        input sequence: [f32; 5, 3];
        input fixed: [f32; 2];
        branch f = fixed => RepeatVector(5);
        output y = concatenate(sequence, f) => Lstm<_, 3>;
    }
}
model! { struct Series = [f32; 4, 2] => Gru<_, 8> => Dense<_, 1>; }

model! {
    struct Tasks {
        input x: [f32; 4];
        branch h = x => Dense<_, 8, Relu>;
        output a = h => Dense<_, 1, Sigmoid>;
        output b = h => Dense<_, 1, Sigmoid>;
        output c = h => Dense<_, 1, Sigmoid>;
        output d = h => Dense<_, 1, Sigmoid>;
        output e = h => Dense<_, 1, Sigmoid>;
        output f = h => Dense<_, 1, Sigmoid>;
        output g = h => Dense<_, 1, Sigmoid>;
    }
}

model! { struct Classes = [f32; 2] => Dense<_, 3, Softmax>; }

/// Seven outputs train and predict.
fn many_outputs() -> Result<(), TrainError> {
    let mut model = Tasks::new(1);
    let y = [[1.0f32]; 2];
    let loss = BinaryCrossentropy::default;
    let losses = TasksLosses { a: loss(), b: loss(), c: loss(), d: loss(), e: loss(), f: loss(), g: loss() };
    let targets = TasksTargets { a: &y, b: &y, c: &y, d: &y, e: &y, f: &y, g: &y };
    Trainer::new(&mut model, Adam::default(), losses).verbose(0).fit(&[[0.0; 4]; 2], targets)?;
    assert!(model.predict(&[0.0; 4]).g[0] > 0.0);
    Ok(())
}

/// Classes that are rare count more.
fn class_weights() -> Result<(), TrainError> {
    let x: Vec<[f32; 2]> = (0..60).map(|i| [i as f32 / 60.0, 1.0]).collect();
    let y: Vec<u32> = (0..60).map(|i| if i < 50 { 0 } else { 1 + i % 2 }).collect();
    let mut model = Classes::new(1);
    let history = Trainer::new(&mut model, Adam::default(), SparseCategoricalCrossentropy::default())
        .class_weight([1.0, 5.0, 10.0])
        .verbose(false)
        .fit(&x, &y)?;
    assert!(history["loss"][0] > 1.0);
    Ok(())
}

pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    many_outputs()?;
    class_weights()?;
    let _ = (Masked::new(1), Decayed::new(1), Text::new(1), Repeated::new(1), Series::new(1));
    Ok(())
}

//! A model far larger than the stack: 60 MB in a thread that has 256 KB, unoptimized.

use fusion::prelude::*;

model! {
    /// 15 million weights in one layer.
    struct Large = [f32; 4096] => Dense<4096, 3700, Relu> => Dense<_, 1>;
}

#[test]
fn a_large_model_never_is_on_the_stack() {
    const _: () = assert!(Large::WEIGHT_BYTES > 60_000_000);
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    thread.spawn(everything).unwrap().join().unwrap();
}

/// What has a model is cloned as what has any other value.
#[derive(Clone)]
struct Agent {
    online: Box<Large>,
    target: Option<Box<Large>>,
}

/// Made, trained a step, cloned, restored to its best weights, saved, loaded, asked.
fn everything() {
    let mut model = Large::new(1);
    let inputs = vec![[0.01; 4096]; 4];
    let targets = [[1.0], [0.0], [1.0], [0.0]];
    let history = Trainer::new(&mut model, Sgd::new(1e-4), MeanSquaredError)
        .epochs(2)
        .batch_size(4)
        .verbose(false)
        .callback(EarlyStopping::new("loss").restore_best_weights(true))
        .fit(&inputs, &targets)
        .unwrap();
    assert_eq!(history["loss"].len(), 2);

    let copy = model.clone();
    assert_eq!(copy.dense.kernel, model.dense.kernel);
    let mut agent = Agent { online: model.duplicate(), target: None };
    agent.target = Some(agent.online.clone());
    agent.online.dense_1.bias[0] += 1.0;
    let mut other = agent.clone();
    assert_eq!(other.online.dense_1.bias, agent.online.dense_1.bias);
    other.online.clone_from(&copy);
    assert_eq!(other.online.dense_1.bias, copy.dense_1.bias);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.safetensors");
    copy.save_weights(&path).unwrap();
    let mut loaded = Large::new(2);
    loaded.load_weights(&path).unwrap();
    assert_eq!(loaded.predict(&inputs[0]), model.predict(&inputs[0]));
    assert_eq!(loaded.predict_batch(&inputs).unwrap().len(), 4);
}

//! The layers in models: numbers, gradients, state, randomness, files.

use fusion::prelude::*;
use own_layer::{Apart, Centred, Distance, Gesture, MinimalGatedCell, Phrase};

model! {
    /// Between two layers of the library.
    struct Sandwich {
        input x: [f32; 4];
        output y = x => Dense<4, 3, Tanh> => Centred<_>(noise = 0.2) => Dense<_, 2>;
    }
}

model! {
    /// Alone, on a rank of two, without noise.
    struct Alone = [f32; 2, 3] => Centred<3>(momentum = 0.5);
}

model! {
    /// Of two wires, one of which is an input.
    struct Between {
        input x: [f32; 3];
        branch w = x => Dense<3, 3, Tanh>;
        output y = (a = x, b = x) => Distance;
        output z = (b = x, a = w) => Distance => Dense<1, 1>;
    }
}

type Sequence = [[f32; 3]; 2];

fn data() -> (Vec<[f32; 4]>, Vec<[f32; 2]>) {
    let random = fusion::Random::new(3);
    let x: Vec<[f32; 4]> = (0..100).map(|i| std::array::from_fn(|j| random.of_sample(i).uniform(j as u64))).collect();
    let y = x.iter().map(|x| [x[0] - x[1], x[2] * x[3]]).collect();
    (x, y)
}

#[test]
fn it_computes_its_formula_and_moves_its_state() {
    let mut model = Alone::new(1);
    assert_eq!(model.predict(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let mut trainer = Trainer::new(&mut model, Sgd::new(0.0), MeanSquaredError).verbose(false);
    trainer.train_on_batch(&[[[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]], &[[[0.0; 3]; 2]]).unwrap();
    assert_eq!(model.centred.centre, [1.0, 1.5, 2.0]);
    assert_eq!(model.predict(&[[1.0, 2.0, 3.0]; 2]), [[0.0, 0.5, 1.0]; 2]);
}

#[test]
fn it_trains_the_same_from_the_same_seed_and_learns() {
    let (x, y) = data();
    let train = |seed| {
        let mut model = Sandwich::new(1);
        let history = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
            .epochs(60)
            .seed(seed)
            .verbose(false)
            .fit(&x, &y)
            .unwrap();
        (model.weights_to_bytes(), history["loss"].to_vec())
    };
    let (weights, losses) = train(1);
    assert_eq!(weights, train(1).0);
    assert_ne!(weights, train(2).0);
    assert!(losses[59] < losses[0] / 4.0, "{losses:?}");
}

#[test]
fn its_gradient_is_that_of_differences() {
    let (x, y) = data();
    let mut model = Alone::new(1);
    model.centred.gain = [0.5, -1.0, 2.0];
    let (x, y): (Vec<Sequence>, Vec<Sequence>) =
        x.iter().zip(&y).map(|(x, y)| ([[x[0], x[1], x[2]], [x[3], y[0], y[1]]], [[0.1, 0.2, 0.3]; 2])).unzip();
    let loss = |model: &mut Alone| {
        Trainer::new(model, Sgd::new(1.0), MeanSquaredError).verbose(false).evaluate(&x, &y).unwrap()["loss"]
    };
    let mut stepped = model.duplicate();
    Trainer::new(&mut stepped, Sgd::new(1.0), MeanSquaredError).verbose(false).train_on_batch(&x, &y).unwrap();
    for feature in 0..3 {
        let gradient = f64::from(model.centred.gain[feature] - stepped.centred.gain[feature]);
        let nudged = |by: f32| {
            let mut model = model.duplicate();
            model.centred.gain[feature] += by;
            loss(&mut model)
        };
        let difference = (nudged(0.01) - nudged(-0.01)) / 0.02;
        assert!((difference - gradient).abs() < 1e-4, "{feature}: {difference} {gradient}");
    }
}

#[test]
fn its_weights_travel() {
    let model = Sandwich::new(1);
    let mut other = Sandwich::new(2);
    other.load_weights_from_bytes(&model.weights_to_bytes()).unwrap();
    assert_eq!(other.predict(&[0.1; 4]), model.predict(&[0.1; 4]));
    assert!(Sandwich::summary().to_string().contains("centred (Centred)"));
    assert!(Sandwich::summary().to_string().contains("Non-trainable params: 3 (12.00 B)"));
}

#[test]
fn a_layer_of_two_wires_computes_its_formula() {
    let mut model = Apart::new(1);
    model.dense.kernel = [[0.0; 3]; 4];
    model.dense_1.kernel = [[0.0; 3]; 6];
    (model.dense.bias, model.dense_1.bias) = ([1.0, 2.0, 3.0], [1.0, 0.0, -1.0]);
    assert_eq!(model.predict(&[0.5; 4], &[0.5; 6]), [4.0 + 16.0]);
    assert_eq!(Between::new(1).predict(&[1.0, 2.0, 3.0]).y, [0.0]);
}

#[test]
fn a_layer_of_two_wires_trains_both_branches() {
    let (x, _) = data();
    let other: Vec<[f32; 6]> = x.iter().map(|x| std::array::from_fn(|i| x[i % 4] + i as f32 / 10.0)).collect();
    let far: Vec<[f32; 1]> = x.iter().map(|x| [x[0] * x[0]]).collect();
    let mut model = Apart::new(1);
    let before = model.duplicate();
    let history = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
        .epochs(60)
        .verbose(false)
        .fit((&x, &other), &far)
        .unwrap();
    let losses = &history["loss"];
    assert!(losses[59] < losses[0] / 10.0, "{losses:?}");
    assert!(model.dense.kernel != before.dense.kernel && model.dense_1.kernel != before.dense_1.kernel);
}

#[test]
fn the_gradient_of_two_wires_is_that_of_differences() {
    let x: Vec<[f32; 3]> = (0..20).map(|i| std::array::from_fn(|j| ((3 * i + j) % 7) as f32 / 7.0)).collect();
    let (y, z) = (vec![[0.0]; 20], vec![[0.5]; 20]);
    let model = Between::new(3);
    let losses = || BetweenLosses { y: MeanSquaredError, z: MeanSquaredError };
    let targets = BetweenTargets { y: &y, z: &z };
    let loss = |model: &mut Between| {
        Trainer::new(model, Sgd::new(1.0), losses()).verbose(false).evaluate(&x, targets).unwrap()["loss"]
    };
    let mut stepped = model.duplicate();
    Trainer::new(&mut stepped, Sgd::new(1.0), losses()).verbose(false).train_on_batch(&x, targets).unwrap();
    for row in 0..3 {
        let gradient = f64::from(model.dense.kernel[row][1] - stepped.dense.kernel[row][1]);
        let nudged = |by: f32| {
            let mut model = model.duplicate();
            model.dense.kernel[row][1] += by;
            loss(&mut model)
        };
        let difference = (nudged(0.01) - nudged(-0.01)) / 0.02;
        assert!((difference - gradient).abs() < 1e-3 * (1.0 + gradient.abs()), "{row}: {difference} {gradient}");
    }
}

#[test]
fn a_mean_leaves_out_the_steps_that_do_not_count() {
    let mut model = Phrase::new(1);
    let words = &model.embedding.embeddings;
    let mean: [f32; 4] = std::array::from_fn(|i| (words[3][i] + words[5][i] + words[5][i]) / 3.0);
    let found = model.predict(&[3, 0, 5, 5, 0, 0]);
    assert!(found.iter().zip(mean).all(|(found, mean)| (found - mean).abs() < 1e-7), "{found:?} {mean:?}");
    assert_eq!(model.predict(&[0; 6]), [0.0; 4]);

    // What does not count has no gradient, and the others' is shared.
    let before = model.duplicate();
    let mut trainer = Trainer::new(&mut model, Sgd::new(1.0), MeanSquaredError).verbose(false);
    trainer.train_on_batch(&[[3, 0, 5, 5, 0, 0]], &[[1.0; 4]]).unwrap();
    for (id, share) in [(0, 0.0), (3, 1.0 / 3.0), (5, 2.0 / 3.0), (7, 0.0)] {
        let [after, before] = [&model, &before].map(|model| model.embedding.embeddings[id]);
        for ((after, before), found) in after.iter().zip(before).zip(found) {
            assert!((after - before - share * 0.5 * (1.0 - found)).abs() < 1e-6, "{id}: {after} after {before}");
        }
    }
}

#[test]
fn a_cell_learns_along_a_sequence() {
    // Which of the two a sequence is, its direction says: the numbers are the same.
    let sequence = |i: usize, turned: bool| -> [[f32; 3]; 12] {
        std::array::from_fn(|t| {
            let t = if turned { 11 - t } else { t };
            std::array::from_fn(|f| ((3 * i + 2 * f) as f32 * 0.7 + t as f32 / 3.0).sin() * (t + 1) as f32 / 12.0)
        })
    };
    let (x, y): (Vec<_>, Vec<_>) =
        (0..40).map(|i| (sequence(i, i % 2 == 1), if i % 2 == 1 { [0.0, 1.0] } else { [1.0, 0.0] })).unzip();
    let mut model = Gesture::new(1);
    let history = Trainer::new(&mut model, Adam::new(0.01), MeanSquaredError)
        .epochs(80)
        .batch_size(10)
        .verbose(false)
        .fit(&x, &y)
        .unwrap();
    let losses = &history["loss"];
    assert!(losses[79] < losses[0] / 10.0, "{losses:?}");
}

model! {
    struct Twice = [f32; 4, 3] => Rnn<MinimalGatedCell<_, 2>>(return_sequences = true) => Rnn<MinimalGatedCell<_, 2>>;
}

#[test]
fn the_weights_of_a_cell_stand_below_its_name() {
    let summary = Twice::summary().to_string();
    assert!(summary.contains("rnn (RNN)") && summary.contains("rnn_1 (RNN)"), "{summary}");
    let mut names = vec![];
    fusion::weights::walk_ref(&*Twice::new(1), &mut |parameter, _| names.push(parameter.to_string()));
    assert_eq!(names[..2], ["rnn/minimal_gated_cell/gate_kernel", "rnn/minimal_gated_cell/gate_recurrent_kernel"]);
}

//! Steps with several outputs: a layer that gives its state, and a model with two outputs within another one.

use fusion::layers::LstmOptions;
use fusion::prelude::*;
use fusion::weights::{Options, walk_ref};

use crate::graphs::{check, numbers};

model! {
    /// Two outputs.
    pub struct Pair {
        input a: [f32; 4];
        branch x = a => Dense<4, 3, Tanh>;
        output one = x => Dense<3, 2>;
        output two = x => Dense<3, 3, Tanh>;
    }
}

model! {
    /// Three outputs of a layer, of which one is not needed, and two of a model, by their names.
    pub struct Both {
        input x: [f32; 5, 3];
        branch (_, h, c) = x => Lstm<3, 4>(return_state = true);
        branch (second = two, first = one) = h => Pair;
        output z = concatenate(second, c, first) => Dense<9, 1>;
    }
}

type Sequence = [[f32; 3]; 5];
type Memory = Lstm<3, 4>;

/// `(return_state = true)`
struct WithState;
impl OptionsOf<Memory> for WithState {
    const VALUE: LstmOptions = LstmOptions::DEFAULT.return_state(true);
}

fn sequences(samples: usize) -> Vec<Sequence> {
    let flat = numbers::<15>(samples, 1);
    flat.iter().map(|sample| std::array::from_fn(|t| std::array::from_fn(|f| sample[3 * t + f]))).collect()
}

#[test]
fn each_output_goes_where_it_is_bound() {
    let (model, x) = (Both::new(7), sequences(60));
    // The same layers, one by one.
    let mut memory = vec![[0.0; 12]; x.len()];
    let needs = <Memory as Layer<Sequence, WithState>>::NEEDS;
    let mut saved = vec![0.0; needs.kept(false).of(x.len())];
    let cx = &mut fusion::layer::Forward::new(&mut saved, &mut []);
    Layer::<Sequence, WithState>::forward(&model.lstm, cx, &x, &mut memory);
    let z = model.predict_batch(&x).unwrap();
    for ((memory, z), x) in memory.iter().zip(&z).zip(&x) {
        let [output, h, c]: [[f32; 4]; 3] = std::array::from_fn(|part| std::array::from_fn(|u| memory[4 * part + u]));
        assert_eq!(output, h);
        let PairOutput { one, two } = model.pair.predict(&h);
        let joined: Vec<f32> = two.iter().chain(&c).chain(&one).copied().collect();
        let expected: f32 = joined.iter().zip(&model.dense.kernel).map(|(x, [w])| x * w).sum();
        approx::assert_relative_eq!(z[0], expected + model.dense.bias[0], epsilon = 1e-5);
        approx::assert_relative_eq!(z[0], model.predict(x)[0], epsilon = 1e-5);
    }
}

#[test]
fn gradients_of_all_outputs_come_together() {
    let (x, targets) = (sequences(50), numbers::<1>(50, 3));
    check(
        &mut Both::new(4),
        |model| {
            let mut trainer = Trainer::new(model, Sgd::new(1.0), MeanSquaredError).verbose(false);
            trainer.train_on_batch(&x, &targets).unwrap();
        },
        |model| {
            let copy = &mut model.duplicate();
            Trainer::new(copy, Sgd::new(1.0), MeanSquaredError).verbose(false).evaluate(&x, &targets).unwrap()["loss"]
        },
    );
}

#[test]
fn the_summary_says_which_output_goes_where() {
    let summary = Both::summary().line_length(250).to_string();
    for line in [
        "lstm (LSTM)",
        "[(None, 4), (None, 4), (None, 4)]",
        "[(None, 2), (None, 3)]",
        "lstm[0][1]",
        "pair[0][1], lstm[0][2], pair[0][0]",
    ] {
        assert!(summary.contains(line), "{line} is not in\n{summary}");
    }
}

#[test]
fn weights_come_back_from_a_file() {
    let (model, mut other) = (Both::new(1), Both::new(2));
    other.load_weights_from_bytes(&model.weights_to_bytes()).unwrap();
    let all = |model: &Both| {
        let mut all = vec![];
        walk_ref(model, &mut |parameter, values| all.push((parameter.to_string(), values.to_vec())));
        all
    };
    assert_eq!(all(&model), all(&other));
    assert_eq!(all(&model)[0].0, "lstm/lstm_cell/kernel");
}

//! What training does, seen from outside.

mod batches;
mod behaviour;
mod callbacks;
mod ends;
mod errors;
mod gradient;
mod keras;
mod logits;
mod many_rows;
mod optimizers;
mod outputs;
mod own_steps;
mod resume;
mod state;
mod threads;
mod weights_of_samples;

use std::cell::RefCell;
use std::rc::Rc;

use fusion::prelude::*;
use fusion::weights::{Parameters, Random, walk_ref};

model! {
    struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 8, Relu> => Dense<8, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

model! {
    struct Dropping = [f32; 4] => Dense<4, 16, Relu> => Dropout(0.5) => Dense<16, 1>;
}

/// Numbers from −1 to 1 without a pattern.
fn noise(index: usize) -> f32 {
    2.0 * Random::new(5).uniform(index as u64) - 1.0
}

fn rows<const N: usize>(samples: usize, from: usize) -> Vec<[f32; N]> {
    (0..samples).map(|s| std::array::from_fn(|i| noise(from + s * N + i))).collect()
}

/// Rows of four numbers, and a sum that a model can learn.
fn sums(samples: usize) -> (Vec<[f32; 4]>, Vec<[f32; 1]>) {
    let x = rows::<4>(samples, 0);
    let y = x.iter().map(|x| [x.iter().sum()]).collect();
    (x, y)
}

fn weights<P: Parameters>(model: &P) -> Vec<f32> {
    let mut weights = Vec::new();
    walk_ref(model, &mut |_, values| weights.extend_from_slice(values));
    weights
}

/// What a callback of a test sees.
type Shared<T> = Rc<RefCell<T>>;

//! M1 with its weights within the program, as plain numbers, without files, summaries or a heap.

use fusion::prelude::*;
use fusion::shape::zeroed;
use fusion::weights::walk;

model! {
    struct M1 {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<_, 2, Relu> => Dense<_, 1>;
    }
}

static WEIGHTS: &[u8; M1::WEIGHT_BYTES] = include_bytes!("../weights.bin");

fn main() {
    let mut model: M1 = zeroed();
    let mut numbers = WEIGHTS.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    walk([&mut model], &mut |_, [weights]| weights.iter_mut().zip(&mut numbers).for_each(|(to, from)| *to = from));
    println!("{:?}", model.predict(&[0.5; 32], &[0.25; 128]));
}

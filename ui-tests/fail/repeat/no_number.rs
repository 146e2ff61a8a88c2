// 1 error
use fusion::prelude::*;

const DEPTH: usize = 3;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => repeat DEPTH { Dense<_, 32, Relu> } => Dense<_, 1>;
    }
}

fn main() {}

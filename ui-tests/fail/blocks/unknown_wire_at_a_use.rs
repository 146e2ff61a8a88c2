// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 32];
        block gated(x, gate) = x * gate => Dense<_, 8>;
        output z = (x = a, gat = b) => gated => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block residual() => Dense<_, 32, Relu>;
        output z = a => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block residual(x) {
            input b: [f32; 32];
            output x + b;
        }
        output z = a => residual => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block heads(x) {
            output mean = x => Dense<_, 2>;
            output spread = x => Dense<_, 2, Softplus>;
        }
        output (p = mean, q = mean) = a => heads;
    }
}

fn main() {}

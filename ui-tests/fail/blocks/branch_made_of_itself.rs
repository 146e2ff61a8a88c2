// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block circle(x) {
            branch h = x + g => Dense<_, 32>;
            branch g = h => Dense<_, 32>;
            output g;
        }
        output z = a => circle => circle => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Dense<_, 64>(activation = LeakyRelu(slope = 0.1)) => Dense<_, 1>;
    }
}

fn main() {}

// 2 errors
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Dense<_, 64>(activation = LeakyRelu(-0.1)) => Dense<_, 1, Celu(alpha = 0.0)>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 8];
        output z = a => Dense<_, 8>(activity_regularizer = L1(-0.1)) => Dense<_, 1>;
    }
}

fn main() {}

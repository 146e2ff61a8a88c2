// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input x: [f32; 4];
        input y: [f32; 3];
        output z = concatenate(x[..2] * y, x) => Dense<_, 1>;
    }
}

fn main() {}

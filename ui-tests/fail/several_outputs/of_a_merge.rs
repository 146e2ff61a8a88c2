// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input x: [f32; 4];
        branch (h, c) = x + x;
        output z = concatenate(h, c) => Dense<_, 1>;
    }
}

fn main() {}

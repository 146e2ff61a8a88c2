// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 16];
        block narrow(x) => Dense<32, 8, Relu> => Dense<_, 16>;
        branch x = a => narrow;
        branch y = b => narrow => narrow;
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}

fn main() {}

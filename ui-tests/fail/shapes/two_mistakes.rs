// 2 errors
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<30, 8, Relu> => Dense<8, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<32, 4, Relu>;
        output z = concatenate(x, y) => Dense<8, 2, Relu> => Dense<2, 1>;
    }
}

fn main() {}

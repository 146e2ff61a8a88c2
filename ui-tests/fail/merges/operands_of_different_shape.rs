// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 8, Relu>;
        branch y = b => Dense<128, 4, Relu>;
        output z = add(x, y) => Dense<8, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 16];
        layer tower: Dense<8, 4, Relu>;
        branch x = a => Dense<32, 8> => towr;
        branch y = b => Dense<16, 8> => tower;
        output z = add(x, y) => Dense<4, 1>;
    }
}

fn main() {}

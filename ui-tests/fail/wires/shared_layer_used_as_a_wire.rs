// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        layer tower: Dense<32, 4, Relu>;
        output z = tower => Dense<4, 1>;
        output y = a => tower;
    }
}

fn main() {}

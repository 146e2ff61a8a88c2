// 1 error
use fusion::prelude::*;

model! {
    pub struct Twins {
        input a: [f32; 8];
        input b: [f32; 9];
        layer tower: Dense<8, 4, Relu>;
        branch x = a => tower;
        branch y = b => tower;
        output z = subtract(x, y) => Dense<_, 1>;
    }
}

fn main() {}

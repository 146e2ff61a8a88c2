// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 4];
        input b: [f32; 4];
        layer tower: Dense<_, 16>(use_bais = false);
        branch x = a => tower;
        branch y = b => tower;
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}

fn main() {}

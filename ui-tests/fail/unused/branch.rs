// 1 error
#![deny(unused_variables)]
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        branch x = a => Dense<32, 8, Relu>;
        output z = a => Dense<32, 1>;
    }
}

fn main() {}

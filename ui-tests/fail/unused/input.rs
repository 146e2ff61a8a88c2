// 1 error
#![deny(unused_variables)]
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        output z = a => Dense<32, 1>;
    }
}

fn main() {}

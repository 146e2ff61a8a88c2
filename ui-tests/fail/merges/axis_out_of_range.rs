// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        output z = concatenate(a, b, axis = 2) => Dense<160, 1>;
    }
}

fn main() {}

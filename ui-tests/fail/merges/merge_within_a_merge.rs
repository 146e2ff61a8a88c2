// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 4];
        input b: [f32; 4];
        input c: [f32; 8];
        output z = concatenate(add(a, b), c) => Dense<12, 1>;
    }
}

fn main() {}

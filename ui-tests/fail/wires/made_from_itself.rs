// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        branch x = x => Dense<32, 32, Relu>;
        output z = add(a, x) => Dense<32, 1>;
    }
}

fn main() {}

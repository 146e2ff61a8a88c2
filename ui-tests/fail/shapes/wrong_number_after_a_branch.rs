// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        branch x = a => Dense<32, 8, Relu>;
        output z = x => Dense<32, 1>;
    }
}

fn main() {}

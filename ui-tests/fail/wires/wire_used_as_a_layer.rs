// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        branch x = a => Dense<32, 4, Relu>;
        output z = a => x => Dense<4, 1>;
    }
}

fn main() {}

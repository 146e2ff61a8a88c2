// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => repeat 3 { Dense<32, 16, Relu> } => Dense<_, 1>;
    }
}

fn main() {}

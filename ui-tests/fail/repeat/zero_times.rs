// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => repeat 0 { Dense<_, 32, Relu> } => Dense<_, 1>;
    }
}

fn main() {}

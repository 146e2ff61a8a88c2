// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => Dense<30, 8, Relu> => Dense<8, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => Dense<32, 8, Relu> => Dropout(0.5, 0.25) => Dense<8, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

fn rate() -> f32 {
    0.5
}

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => Dense<32, 8, Relu> => Dropout(rate = rate()) => Dense<8, 1>;
    }
}

fn main() {}

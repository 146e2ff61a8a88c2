// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 10, 32];
        output z = a => TimeDistributed<Dense<32, 8, Dropout>> => Flatten => Dense<80, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block Dropout(x) => Dense<_, 8>;
        output z = a => Dense<_, 1>;
    }
}

fn main() {}

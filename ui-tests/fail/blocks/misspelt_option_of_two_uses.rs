// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block regular(x) => Dense<_, 8> => Dropout(rat = 0.5);
        output z = a => regular => regular => Dense<_, 1>;
    }
}

fn main() {}

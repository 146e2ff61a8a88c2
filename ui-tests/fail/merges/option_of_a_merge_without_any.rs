// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        branch x = a => Dense<32, 8>;
        branch y = a => Dense<32, 8>;
        output z = add(x, y, axis = 1) => Dense<8, 1>;
    }
}

fn main() {}

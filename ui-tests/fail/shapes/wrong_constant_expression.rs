// 1 error
use fusion::prelude::*;

const HIDDEN: usize = 64;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => Dense<_, HIDDEN, Relu> => Dense<{ 2 * HIDDEN }, 4, Relu> => Dense<4, 1>;
    }
}

fn main() {}

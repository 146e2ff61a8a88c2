// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block wrong<FACTOR>(x) = add(x, FACTOR) => Dense<_, 8>;
        output z = a => wrong<2> => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block residual(x) = x + x => Dense<_, 8>;
        branch x = a => residual;
        output z = x => residul => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block residual(x) {
            block half(y) => Dense<_, 16>;
            output x;
        }
        output z = a => residual => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block residual(x) {
            branch h = x => Dense<_, 32, Relu> => residual;
            output x + h;
        }
        output z = a => residual => Dense<_, 1>;
    }
}

fn main() {}

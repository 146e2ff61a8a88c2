// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block residual(x) {
            branch h = x => Dense<_, 8, Relu> => Dense<10, 32>;
            output x + h => Activation<Relu>;
        }
        output z = a => residual => residual => Dense<_, 1>;
    }
}

fn main() {}

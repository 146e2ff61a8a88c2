// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block residual<UNITS>(x) {
            branch h = x => Dense<_, UNITS, Relu>;
            output x + h => Activation<Relu>;
        }
        output z = a => residual<32> => residual<16> => Dense<_, 1>;
    }
}

fn main() {}

// 2 errors
#![deny(deprecated)]
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 8, 4];
        branch h = a => Dense<_, 16, Linear, NoBias>(kernel_initializer = HeNormal) => Dense<_, 4, Relu>(use_bias = false);
        output z = h => TimeDistributed<Dense<_, 4, Relu, NoBias>> => Flatten => Dense<_, 1>;
    }
}

fn main() {}

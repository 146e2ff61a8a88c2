// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Reshape([8, 4]) => TimeDistributed<Dense<_, 4>(kernel_regulariser = L2(0.1))> => Flatten => Dense<_, 1>;
    }
}

fn main() {}

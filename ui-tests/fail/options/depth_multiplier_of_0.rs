// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 8, 8, 3];
        output z = a => DepthwiseConv2d<_, 3>(depth_multiplier = 0) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

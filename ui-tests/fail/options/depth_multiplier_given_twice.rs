// 2 errors
use fusion::prelude::*;

model! {
    pub struct Both {
        input a: [f32; 8, 8, 3];
        output z = a => DepthwiseConv2d<_, 3, Relu, UseBias, 3, 2>(depth_multiplier = 2) => Flatten => Dense<_, 1>;
    }
}

model! {
    pub struct Options {
        input a: [f32; 8, 3];
        output z = a => SeparableConv1d<_, 4, 3>(depth_multiplier = 2, depth_multiplier = 2) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

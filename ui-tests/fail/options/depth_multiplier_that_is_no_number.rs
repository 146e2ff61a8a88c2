// 3 errors
use fusion::prelude::*;

model! {
    pub struct Text {
        input a: [f32; 8, 3];
        output z = a => DepthwiseConv1d<_, 3>(depth_multiplier = "2") => Flatten => Dense<_, 1>;
    }
}

model! {
    pub struct Negative {
        input a: [f32; 8, 8, 3];
        output z = a => SeparableConv2d<_, 4, 3>(depth_multiplier = -1) => Flatten => Dense<_, 1>;
    }
}

model! {
    pub struct Type {
        input a: [f32; 8, 8, 3];
        output z = a => DepthwiseConv2d<_, 3>(depth_multiplier = Relu) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

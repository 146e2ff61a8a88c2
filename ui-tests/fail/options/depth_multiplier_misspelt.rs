// 1 error
use fusion::prelude::*;

model! {
    pub struct Misspelt {
        input a: [f32; 8, 3];
        output z = a => DepthwiseConv1d<_, 3>(depth_multipler = 2) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

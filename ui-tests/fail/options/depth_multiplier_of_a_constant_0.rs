// 1 error
use fusion::prelude::*;

const NONE: usize = 0;

model! {
    pub struct Net {
        input a: [f32; 8, 3];
        output z = a => SeparableConv1d<_, 4, 3>(depth_multiplier = NONE) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input image: [f32; 28, 28, 1];
        output z = image => Conv2d<1, 8, 3>(strides = 2, dilation_rate = 2) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

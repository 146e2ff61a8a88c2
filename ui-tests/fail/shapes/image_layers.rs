// 2 errors
use fusion::prelude::*;

model! {
    pub struct Digits {
        input image: [f32; 28, 28, 1];
        output z = image => Conv2d<1, 8, 3, Relu>(strides = 0) => MaxPooling2d(40) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input image: [f32; 28, 28, 1];
        output z = image => Conv2d<1, 8, 3>(padding = Sam) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

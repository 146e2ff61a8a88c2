// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input video: [f32; 2, 2, 2, 10, 28, 28, 3];
        output z = video => Flatten => Dense<_, 1>;
    }
}

fn main() {}

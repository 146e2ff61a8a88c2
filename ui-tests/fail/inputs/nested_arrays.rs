// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input image: [[f32; 28]; 28];
        output z = image => Flatten => Dense<784, 1>;
    }
}

fn main() {}

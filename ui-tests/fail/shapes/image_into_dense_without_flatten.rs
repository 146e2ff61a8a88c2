// 1 error
use fusion::prelude::*;

model! {
    pub struct Digits {
        input image: [f32; 28, 28, 1];
        output digit = image => Dense<784, 10>;
    }
}

fn main() {}

// 1 error
//! The logs of validation data have this name.
use fusion::prelude::*;

model! {
    pub struct Valued {
        input a: [f32; 3];
        output val = a => Dense<_, 1>;
        output x = a => Dense<_, 1>;
    }
}

fn main() {}

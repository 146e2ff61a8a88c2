// 1 error
//! An input without any number.
use fusion::prelude::*;

model! {
    pub struct Nothing {
        input a: [f32; 0];
        output z = a => Dense<_, 1>;
    }
}

fn main() {}

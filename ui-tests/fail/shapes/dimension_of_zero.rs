// 1 error
//! A layer without any output.
use fusion::prelude::*;

model! {
    pub struct Nothing = [f32; 4] => Dense<4, 0>;
}

fn main() {}

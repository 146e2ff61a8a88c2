// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input words: [u32; 20];
        output z = concatenate(a, words) => Dense<52, 1>;
    }
}

fn main() {}

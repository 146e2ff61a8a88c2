// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 4];
        input b: [f32; 8];
        output z = a => concatenate(b) => Dense<12, 1>;
    }
}

fn main() {}

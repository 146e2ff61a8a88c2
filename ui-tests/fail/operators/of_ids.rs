// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input x: [u32; 4];
        input y: [u32; 4];
        output z = x + y => Embedding<8, 4> => Flatten => Dense<_, 1>;
    }
}

fn main() {}

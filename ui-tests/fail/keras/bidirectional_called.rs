// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 10, 4];
        output z = a => Bidirectional(Lstm<_, 8>) => Dense<_, 1>;
    }
}

fn main() {}

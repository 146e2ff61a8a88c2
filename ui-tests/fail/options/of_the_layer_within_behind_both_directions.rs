// 2 errors
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 10, 4];
        branch x = a => Bidirectional<Lstm<_, 8>>(return_sequences = true) => Flatten;
        branch y = a => Bidirectional<Lstm<_, 8>>(merge_mod = Sum);
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}

fn main() {}

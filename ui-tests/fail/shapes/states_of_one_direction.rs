// 2 errors
use fusion::prelude::*;

model! {
    pub struct Net {
        input sequence: [f32; 10, 4];
        input h: [f32; 8];
        input c: [f32; 8];
        input wide: [f32; 9];
        branch x = (sequence = sequence, h = h, c = c) => Bidirectional<Lstm<_, 8>>;
        branch y = (sequence = sequence, forward_h = h, backward_h = wide) => Bidirectional<Gru<_, 8>>;
        output z = concatenate(x, y) => Dense<_, 1>;
    }
}

fn main() {}

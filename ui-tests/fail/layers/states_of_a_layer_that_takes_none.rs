// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input film: [f32; 10, 8, 8, 1];
        input h: [f32; 6, 6, 4];
        output z = (sequence = film, forward_h = h, forward_c = h, backward_h = h, backward_c = h)
            => Bidirectional<ConvLstm2d<_, 4, 3>> => Flatten => Dense<_, 1>;
    }
}

fn main() {}

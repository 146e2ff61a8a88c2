// 3 errors
use fusion::prelude::*;

model! {
    pub struct Net {
        input x: [f32; 5, 8];
        branch a = x => Attention;
        branch b = x => MultiHeadAttention<_, 2, 4>(dropout = 0.1);
        branch c = x => AdditiveAttention<_>;
        output z = concatenate(a, b, c) => Flatten => Dense<_, 1>;
    }
}

fn main() {}

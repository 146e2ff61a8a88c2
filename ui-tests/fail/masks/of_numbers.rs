// 1 error
use fusion::prelude::*;

model! {
    pub struct Series = [f32; 6, 4] => Embedding<9, 4>(mask_zero = true) => Lstm<_, 8>;
}

fn main() {}

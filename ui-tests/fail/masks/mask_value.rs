// 1 error
use fusion::prelude::*;

model! {
    pub struct Series = [f32; 6, 4] => Masking(f32::NAN) => Lstm<_, 8>;
}

fn main() {}

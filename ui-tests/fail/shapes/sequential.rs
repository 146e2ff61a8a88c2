// 1 error
use fusion::prelude::*;

model! {
    pub struct Net = [f32; 10] => Dense<12, 64, Relu> => Dense<64, 1>;
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion<const N: usize> {
        input a: [f32; N];
        output z = a => Dense<N, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block half(x) => Dense<_, 16>;
        output z = a => first: half => Dense<_, 1>;
    }
}

fn main() {}

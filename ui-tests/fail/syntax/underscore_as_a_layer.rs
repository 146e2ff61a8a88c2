// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input x: [f32; 4];
        output z = x => _ => Dense<_, 2>;
    }
}

fn main() {}

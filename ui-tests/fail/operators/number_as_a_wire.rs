// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input x: [f32; 4];
        branch one = 1.0;
        output z = x + one => Dense<_, 1>;
    }
}

fn main() {}

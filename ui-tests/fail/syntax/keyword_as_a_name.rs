// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input type: [f32; 32];
        output z = type => Dense<32, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block tower<DEPTH>(x) => repeat DEPTH { Dense<_, 16, Relu> };
        output z = a => tower<{ 1 + 2 }> => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Inner {
        input a: [f32; 4];
        input b: [f32; 4];
        output y = a + b => Dense<_, 2>;
    }
}

model! {
    pub struct Fusion {
        input x: [f32; 4];
        input y: [f32; 4];
        branch h = (x + y, b = y) => Inner;
        output z = h => Dense<_, 1>;
    }
}

fn main() {}

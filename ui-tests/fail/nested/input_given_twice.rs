// 1 error
use fusion::prelude::*;

model! {
    pub struct Inner {
        input a: [f32; 4];
        input b: [f32; 3];
        output z = concatenate(a, b) => Dense<7, 5, Relu>;
    }
}

model! {
    pub struct Outer {
        input p: [f32; 4];
        input q: [f32; 3];
        output z = (a = p, b = q, a = p) => Inner => Dense<5, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Inner {
        input a: [f32; 4];
        output y = a => Dense<4, 2>;
        output z = a => Dense<4, 3>;
    }
}

model! {
    pub struct Outer {
        input p: [f32; 4];
        output z = p => Inner => Dense<2, 1>;
    }
}

fn main() {}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Tickets {
        input x: [f32; 4];
        output priority = x => Dense<_, 1, Sigmoid>;
        output department = x => Dense<_, 3, Softmax>;
    }
}

model! {
    pub struct Fusion {
        input x: [f32; 4];
        branch (p = priority, q = priority) = x => Tickets;
        output z = concatenate(p, q) => Dense<_, 1>;
    }
}

fn main() {}

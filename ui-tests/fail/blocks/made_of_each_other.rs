// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        block first(x) => Dense<_, 8> => second;
        block second(x) => Dense<_, 8> => first;
        output z = a => first => Dense<_, 1>;
    }
}

fn main() {}

// 1 error
//! Losses and targets are tuples of at most six.
use fusion::prelude::*;

model! {
    pub struct Many {
        input a: [f32; 3];
        output b = a => Dense<_, 1>;
        output c = a => Dense<_, 1>;
        output d = a => Dense<_, 1>;
        output e = a => Dense<_, 1>;
        output f = a => Dense<_, 1>;
        output g = a => Dense<_, 1>;
        output h = a => Dense<_, 1>;
    }
}

fn main() {}

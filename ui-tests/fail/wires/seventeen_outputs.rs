// 1 error
//! Losses and targets are tuples of at most sixteen.
use fusion::prelude::*;

model! {
    pub struct Many {
        input a: [f32; 3];
        output o1 = a => Dense<_, 1>;
        output o2 = a => Dense<_, 1>;
        output o3 = a => Dense<_, 1>;
        output o4 = a => Dense<_, 1>;
        output o5 = a => Dense<_, 1>;
        output o6 = a => Dense<_, 1>;
        output o7 = a => Dense<_, 1>;
        output o8 = a => Dense<_, 1>;
        output o9 = a => Dense<_, 1>;
        output o10 = a => Dense<_, 1>;
        output o11 = a => Dense<_, 1>;
        output o12 = a => Dense<_, 1>;
        output o13 = a => Dense<_, 1>;
        output o14 = a => Dense<_, 1>;
        output o15 = a => Dense<_, 1>;
        output o16 = a => Dense<_, 1>;
        output o17 = a => Dense<_, 1>;
    }
}

fn main() {
    let [o17] = Many::new(1).predict(&[0.0; 3]).o17;
    println!("{o17}");
}

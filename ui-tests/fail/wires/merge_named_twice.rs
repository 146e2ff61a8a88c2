// 1 error
//! A merge's name is a layer's name.
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 3];
        input b: [f32; 5];
        branch x = a => all: Dense<_, 4>;
        output z = all: concatenate(x, b) => Dense<9, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Fusion::new(42).predict(&[0.0; 3], &[0.0; 5]);
    println!("{z:?}");
}

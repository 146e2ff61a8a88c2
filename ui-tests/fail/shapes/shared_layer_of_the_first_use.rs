// 1 error
use fusion::prelude::*;

model! {
    pub struct Twins {
        input a: [f32; 8];
        input b: [f32; 9];
        layer tower: Dense<_, 4, Relu>;
        branch x = a => tower;
        branch y = b => tower;
        output z = subtract(x, y) => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Twins::new(42).predict(&[0.0; 8], &[0.0; 9]));
}

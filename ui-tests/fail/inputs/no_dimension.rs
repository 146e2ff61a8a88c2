// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; ];
        input b: [f32; 3];
        output z = concatenate(a, b) => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Fusion::new(42).predict(&[0.0; 1], &[0.0; 3]));
}

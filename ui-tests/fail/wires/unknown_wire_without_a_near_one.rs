// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<_, 4, Relu>;
        output z = concatenate(x, image) => Dense<8, 1>;
    }
}

fn main() {
    println!("{:?}", Fusion::new(42).predict(&[0.0; 32], &[0.0; 128]));
}

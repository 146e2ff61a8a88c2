// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        branch x = a => Dense<32, 4, Relu>;
        branch x = a => Dense<32, 8, Relu>;
        output z = x => Dense<4, 1>;
    }
}

fn main() {
    println!("{:?}", Fusion::new(42).predict(&[0.0; 32]));
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => hidden: Dense<32, 8, Relu> => hidden: Dense<8, 1>;
    }
}

fn main() {
    println!("{:?}", Fusion::new(42).predict(&[0.0; 32]));
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Dense<_, _> => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Net::new(42).predict(&[0.0; 32]));
}

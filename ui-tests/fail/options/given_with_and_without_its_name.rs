// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Dropout(0.9, rate = 0.1) => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Net::new(42).predict(&[0.0; 32]));
}

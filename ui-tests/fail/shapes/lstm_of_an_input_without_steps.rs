// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Lstm<_, 8> => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Net::new(1).predict(&[0.0; 32]));
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a: [f32; 10, 3];
        output z = a => Lstm<_, 16> => Lstm<_, 8> => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Net::new(42).predict(&[[0.0; 3]; 10]));
}

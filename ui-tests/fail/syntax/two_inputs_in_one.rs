// 1 error
use fusion::prelude::*;

model! {
    pub struct Net {
        input a, b: [f32; 3];
        output z = concatenate(a, b) => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Net::new(42).predict_batch(NetInputs { a: &[[0.0; 3]; 2], b: &[[0.0; 3]; 2] }));
}

// 1 error
use fusion::prelude::*;

type Hidden = Dense<31, 8, Relu>;

model! {
    pub struct Net {
        input a: [f32; 32];
        output z = a => Hidden => Dense<_, 1>;
    }
}

fn main() {
    println!("{:?}", Net::new(1).predict(&[0.0; 32]));
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => Dense<32, 8, Relu>(kernel_initializer = HeNorml) => Dense<8, 1>;
    }
}

fn main() {}

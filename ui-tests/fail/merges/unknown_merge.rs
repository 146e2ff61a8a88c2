// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<32, 4, Relu>;
        branch y = b => Dense<128, 4, Relu>;
        output z = concat(x, y) => Dense<8, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Fusion::new(42).predict(&[0.0; 32], &[0.0; 128]);
    println!("{z:?}");
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        output z = concatenate(a => Dense<32, 4>, b) => Dense<132, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Fusion::new(42).predict(&[0.0; 32], &[0.0; 128]);
    println!("{z:?}");
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        let x = a => Dense<32, 8, Relu>;
        output z = x => Dense<8, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Fusion::new(42).predict(&[0.0; 32]);
    println!("{z:?}");
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        layer drop: Dropout(0.5);
        branch x = a => drop => Dense<32, 8, Relu>;
        output z = x => drop(0.25) => Dense<8, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Fusion::new(42).predict(&[0.0; 32]);
    println!("{z:?}");
}

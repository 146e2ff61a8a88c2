// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output x = a => Dense<32, 4, Relu>;
        output z = x => Dense<4, 1>;
    }
}

fn main() {
    let output = Fusion::new(42).predict(&[0.0; 32]);
    println!("{:?} {:?}", output.x, output.z);
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        layer same: Dense<32, 32, Relu>;
        branch x = a => same;
        output z = x => #[frozen] same => Dense<32, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Fusion::new(42).predict(&[0.0; 32]);
    println!("{z:?}");
}

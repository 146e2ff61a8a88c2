// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 32];
        output z = concatenate(a, b) => Dense<64, 1>;
    }
}

fn main() {
    let model = Fusion::new(42);
    model.predict(&[0.0; 32], &[1.0; 32]);
}

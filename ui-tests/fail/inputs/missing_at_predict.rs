// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        output z = concatenate(a, b) => Dense<160, 1>;
    }
}

fn main() {
    let model = Fusion::new(42);
    model.predict(&[0.0; 32]);
}

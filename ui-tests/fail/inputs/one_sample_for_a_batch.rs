// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        output z = concatenate(a, b) => Dense<_, 1>;
    }
}

fn main() {
    let (a, b) = ([[0.0; 32]; 4], [[0.0; 128]; 4]);
    println!("{:?}", Fusion::new(42).predict_batch(FusionInput { a: &a[0], b: &b[0] }));
}

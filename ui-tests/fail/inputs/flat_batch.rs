// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 32];
        output z = a => Dense<32, 1>;
    }
}

fn main() {
    let model = Fusion::new(42);
    let flat: Vec<f32> = vec![0.0; 320];
    model.predict_batch(&flat).unwrap();
}

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
    let rows = vec![[0.0_f32; 32]; 4];
    model.predict_batch((&rows, &rows)).unwrap();
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {
        input age: [f32; 32];
        input height: [f32; 32];
        output z = concatenate(age, height) => Dense<64, 1>;
    }
}

fn main() {
    let model = Fusion::new(42);
    let rows = vec![[0.0_f32; 32]; 4];
    model.predict_batch(FusionInputs { age: &rows, hight: &rows }).unwrap();
}

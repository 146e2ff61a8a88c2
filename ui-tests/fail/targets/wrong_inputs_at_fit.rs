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
    let mut model = Fusion::new(42);
    let (a, prices) = (vec![[0.0_f32; 32]; 8], vec![[0.0_f32; 1]; 8]);
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError);
    trainer.fit((&a, &a), &prices).unwrap();
}

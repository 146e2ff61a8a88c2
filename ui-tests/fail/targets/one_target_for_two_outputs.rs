// 1 error
use fusion::prelude::*;

model! {
    pub struct Tickets {
        input text: [f32; 16];
        output priority = text => Dense<16, 1>;
        output department = text => Dense<16, 4>;
    }
}

fn main() {
    let mut model = Tickets::new(42);
    let (rows, priorities) = (vec![[0.0_f32; 16]; 8], vec![[0.0_f32; 1]; 8]);
    let mut trainer = Trainer::new(&mut model, Adam::default(), (MeanSquaredError, MeanSquaredError));
    trainer.fit(&rows, &priorities).unwrap();
}

// 1 error
use fusion::prelude::*;

model! { pub struct Price = [f32; 16] => Dense<16, 2>; }

fn main() {
    let mut model = Price::new(42);
    let (rows, prices) = (vec![[0.0_f32; 16]; 8], vec![0.0_f32; 16]);
    let mut trainer = Trainer::new(&mut model, Adam::default(), MeanSquaredError);
    trainer.fit(&rows, &prices).unwrap();
}

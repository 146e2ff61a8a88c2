// 1 error
use fusion::prelude::*;

model! { pub struct Digits = [f32; 16] => Dense<16, 10>; }

fn main() {
    let mut model = Digits::new(42);
    let (rows, classes) = (vec![[0.0_f32; 16]; 8], vec![3_u32; 8]);
    let mut trainer = Trainer::new(&mut model, Adam::default(), CategoricalCrossentropy::from_logits());
    trainer.fit(&rows, &classes).unwrap();
}

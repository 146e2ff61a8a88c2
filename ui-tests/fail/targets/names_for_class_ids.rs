// 1 error
use fusion::prelude::*;

model! { pub struct Pets = [f32; 2] => Dense<_, 3, Softmax>; }

fn main() {
    let mut model = Pets::new(42);
    let (rows, names) = (vec![[0.0_f32; 2]; 2], vec!["cat".to_string(), "dog".to_string()]);
    let mut trainer = Trainer::new(&mut model, Adam::default(), SparseCategoricalCrossentropy::default());
    trainer.fit(&rows, &names).unwrap();
}

// 1 error
use fusion::prelude::*;

model! { pub struct Pets = [f32; 2] => Dense<_, 3, Softmax>; }

fn main() {
    let mut model = Pets::new(42);
    let mut trainer = Trainer::new(&mut model, Adam::default(), SparseCategoricalCrossentropy::default());
    trainer.fit(&[[0.0; 2]; 2], &[0, -1]).unwrap();
}

// 1 error
use fusion::prelude::*;

model! { pub struct Pets = [f32; 2] => Dense<_, 3, Softmax>; }

fn main() {
    let mut model = Pets::new(42);
    let loss = SparseCategoricalCrossentropy::default();
    let _ = Trainer::new(&mut model, Adam::default(), loss).shuffle("yes");
}

// 1 error
//! A layer of the user's own explains itself as a built-in does.
use fusion::prelude::*;
use own_layer::Centred;

model! {
    pub struct Sandwich = [f32; 4] => Dense<4, 3, Tanh> => Centred<9>(noise = 0.1) => Dense<9, 1>;
}

fn main() {}

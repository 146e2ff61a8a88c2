// 1 error
//! An option out of range, in the words of a layer of the user's own.
use fusion::prelude::*;
use own_layer::Centred;

model! {
    pub struct Sandwich = [f32; 4] => Dense<4, 3, Tanh> => Centred<3>(momentum = 1.5) => Dense<3, 1>;
}

fn main() {}

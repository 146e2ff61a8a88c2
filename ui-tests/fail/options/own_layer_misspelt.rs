// 1 error
//! The options of a layer of the user's own are checked like those of a built-in.
use fusion::prelude::*;
use own_layer::Centred;

model! {
    pub struct Sandwich = [f32; 4] => Dense<4, 3, Tanh> => Centred<3>(nose = 0.1) => Dense<3, 1>;
}

fn main() {}

// 1 error
//! A layer of several wires of the user's own explains itself as a built-in does.
use fusion::prelude::*;
use own_layer::Distance;

model! {
    pub struct Apart {
        input x: [f32; 3];
        input y: [f32; 3];
        output z = (a = x, c = y) => Distance;
    }
}

fn main() {}

// 1 error
//! So do its operands.
use fusion::prelude::*;
use own_layer::Distance;

model! {
    pub struct Apart {
        input x: [f32; 3];
        input y: [f32; 4];
        output z = (a = x, b = y) => Distance;
    }
}

fn main() {}

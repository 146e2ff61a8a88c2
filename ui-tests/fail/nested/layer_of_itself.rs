// 1 error
//! A model cannot contain itself.
use fusion::prelude::*;

model! {
    pub struct Mirror {
        input a: [f32; 3];
        output z = a => Mirror;
    }
}

fn main() {}

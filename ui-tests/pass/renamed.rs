//! The crate under another name, and its own name taken by something else.
extern crate fusion as networks;

mod fusion {}

use networks::prelude::*;

model! {
    pub struct Fusion {
        input a: [f32; 3];
        input b: [u32; 2];
        branch ids = b => Embedding<10, 3> => Flatten;
        output z = concatenate(a, ids) => Dense<_, 1>;
    }
}

fn main() {
    let _: [f32; 1] = Fusion::new(1).predict(&[0.0; 3], &[1, 2]);
}

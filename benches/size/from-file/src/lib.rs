//! The model, for the program and for what writes its file.

use fusion::prelude::*;

model! {
    /// The model of the README.
    pub struct M1 {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<_, 2, Relu> => Dense<_, 1>;
    }
}

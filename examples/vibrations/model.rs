//! The model, for the program that trains it and for the one on the microcontroller.

use fusion::prelude::*;

model! {
    /// What a machine does, by how it shakes and by how warm it is.
    pub struct Vibrations {
        input acceleration: [f32; 32];
        input temperature: [f32; 2];
        branch shakes = acceleration => Dense<_, 16, Relu> => Dense<_, 8, Relu>;
        branch warmth = temperature => Dense<_, 4, Relu>;
        output state = concatenate(shakes, warmth) => Dense<_, 8, Relu> => Dense<_, 3, Softmax>;
    }
}

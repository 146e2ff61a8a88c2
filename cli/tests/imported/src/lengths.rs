//! Keras's model `lengths`, as `fusion import` wrote it. Its weights are in `lengths.safetensors`.

use fusion::prelude::*;

model! {
    /// `encoder` of the Keras model.
    pub struct Encoder {
        input steps: [f32; 7, 3];
        output y = steps => Gru<_, 4>(return_sequences = true);
    }
}

model! {
    /// Keras's model `lengths`.
    pub struct Lengths {
        input x: [f32; 7, 3];
        output y = x => Encoder => Lstm<_, 3> => Dense<_, 2>;
    }
}

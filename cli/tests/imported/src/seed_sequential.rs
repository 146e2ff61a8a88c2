//! A model of Keras, as `fusion import` wrote it. Its weights are in `seed_sequential.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of Keras.
    pub struct SeedSequential = [f32; 10] => Dense<_, 64, Relu> => Dense<_, 32, Relu>
        => Dense<_, 1>;
}

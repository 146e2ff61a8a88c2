//! A model of Keras, as `fusion import` wrote it. Its weights are in `seed_functional.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of Keras.
    pub struct SeedFunctional {
        input features: [f32; 10];
        output y = features => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 1>;
    }
}

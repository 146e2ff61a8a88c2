//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_seed_functional.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasSeedFunctional {
        input features: [f32; 10];
        output y = features => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 1>;
    }
}

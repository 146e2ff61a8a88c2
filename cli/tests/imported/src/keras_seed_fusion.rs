//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_seed_fusion.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasSeedFusion {
        input a: [f32; 32];
        input b: [f32; 128];
        branch a_features = a => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch b_features = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output y = concatenate(a_features, b_features) => Dense<_, 2, Relu> => Dense<_, 1>;
    }
}

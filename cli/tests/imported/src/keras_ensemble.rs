//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_ensemble.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasEnsemble {
        input features: [f32; 16];
        branch h = features => Dense<_, 8, Relu> => Dense<_, 1>;
        branch h_2 = features => Dense<_, 8, Relu> => Dense<_, 1>;
        branch sum = h + h_2;
        branch h_3 = features => Dense<_, 8, Relu> => Dense<_, 1>;
        branch sum_2 = sum + h_3;
        output y = 0.333_333_34 * sum_2;
    }
}

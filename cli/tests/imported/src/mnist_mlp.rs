//! Keras's model `mnist_model`, as `fusion import` wrote it. Its weights are in `mnist_mlp.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `mnist_model`.
    pub struct MnistMlp {
        input features: [f32; 64];
        output y = features => Dense<_, 24, Relu> => Dense<_, 24, Relu> => Dense<_, 10>;
    }
}

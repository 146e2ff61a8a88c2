//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_mnist_mlp.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasMnistMlp {
        input features: [f32; 64];
        output y = features => Dense<_, 24, Relu> => Dense<_, 24, Relu> => Dense<_, 10>;
    }
}

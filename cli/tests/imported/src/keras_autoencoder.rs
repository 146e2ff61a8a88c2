//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_autoencoder.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasAutoencoder {
        input img: [f32; 12, 12, 1];
        output y = img => Conv2d<_, 4, 3, Relu> => Conv2d<_, 6, 3, Relu> => MaxPooling2d(2)
            => Conv2d<_, 6, 3, Relu>(padding = Same) => Conv2d<_, 4, 3, Relu> => GlobalMaxPooling2d
            => Reshape([2, 2, 1]) => Conv2dTranspose<_, 4, 3, Relu> => UpSampling2d(3)
            => Conv2dTranspose<_, 1, 3, Relu>(padding = Same);
    }
}

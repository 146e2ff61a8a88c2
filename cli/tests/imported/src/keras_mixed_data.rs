//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_mixed_data.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasMixedData {
        input attributes: [f32; 10];
        input photo: [f32; 16, 16, 3];
        branch attributes_features = attributes => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch photo_features = photo => Conv2d<_, 4, 3, Relu>(padding = Same)
            => BatchNormalization<_> => MaxPooling2d(2) => Conv2d<_, 8, 3, Relu>(padding = Same)
            => BatchNormalization<_> => MaxPooling2d(2) => Flatten => Dense<_, 16, Relu>
            => BatchNormalization<_> => Dense<_, 4, Relu>;
        output y = concatenate(attributes_features, photo_features) => Dense<_, 4, Relu>
            => Dense<_, 1>;
    }
}

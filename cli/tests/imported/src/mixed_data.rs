//! Keras's model `mixed_data`, as `fusion import` wrote it. Its weights are in `mixed_data.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `mixed_data`.
    pub struct MixedData {
        input attributes: [f32; 10];
        input photo: [f32; 16, 16, 3];
        branch attributes_features = attributes => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch photo_features = photo => Conv2d<_, 4, 3>(padding = Same) => Activation<Relu>
            => BatchNormalization<_> => MaxPooling2d(2) => Conv2d<_, 8, 3>(padding = Same)
            => Activation<Relu> => BatchNormalization<_> => MaxPooling2d(2) => Flatten
            => Dense<_, 16> => Activation<Relu> => BatchNormalization<_> => Dense<_, 4, Relu>;
        output y = concatenate(attributes_features, photo_features) => Dense<_, 4, Relu>
            => Dense<_, 1>;
    }
}

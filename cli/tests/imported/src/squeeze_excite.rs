//! Keras's model `squeeze_excite`, as `fusion import` wrote it. Its weights are in `squeeze_excite.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `squeeze_excite`.
    pub struct SqueezeExcite {
        input image: [f32; 8, 8, 3];
        branch h = image => SeparableConv2d<_, 6, 3, Relu>(padding = Same)
            => DepthwiseConv2d<_, 3, Relu6>;
        branch gate = h => GlobalAveragePooling2d(keepdims = true) => Conv2d<_, 3, 1, Relu>
            => Conv2d<_, 6, 1, Sigmoid>;
        output y = h * gate => AveragePooling2d(2) => Flatten => Dense<_, 4>;
    }
}

//! A model of TensorFlow, as `fusion import` wrote it. Its weights are in `keras_toy_resnet.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of TensorFlow.
    pub struct KerasToyResnet {
        input img: [f32; 16, 16, 3];
        block residual(x) {
            branch h = x => repeat 2 { Conv2d<_, 12, 3, Relu>(padding = Same) };
            output h + x;
        }
        output y = img => Conv2d<_, 8, 3, Relu> => Conv2d<_, 12, 3, Relu> => MaxPooling2d(3)
            => repeat 2 { residual } => Conv2d<_, 12, 3, Relu> => GlobalAveragePooling2d
            => Dense<_, 16, Relu> => Dense<_, 10>;
    }
}

//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `script_toy_resnet.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct ScriptToyResnet {
        input image: [f32; 16, 16, 3];
        branch pooled = image => stem_0: Conv2d<_, 8, 3, Relu>(padding = Same) => ZeroPadding2d(1)
            => MaxPooling2d(3, strides = 2);
        branch layer1_0_conv2 = pooled => layer1_0_conv1: Conv2d<_, 8, 3, Relu>(padding = Same)
            => layer1_0_conv2: Conv2d<_, 8, 3>(padding = Same);
        branch sum = layer1_0_conv2 + pooled => Activation<Relu>;
        branch layer1_1_conv2 = sum => layer1_1_conv1: Conv2d<_, 8, 3, Relu>(padding = Same)
            => layer1_1_conv2: Conv2d<_, 8, 3>(padding = Same);
        branch sum_2 = layer1_1_conv2 + sum => Activation<Relu>;
        branch layer2_conv2 = sum_2 => ZeroPadding2d(1)
            => layer2_conv1: Conv2d<_, 12, 3, Relu>(strides = 2)
            => layer2_conv2: Conv2d<_, 12, 3>(padding = Same);
        branch layer2_shortcut = sum_2 => layer2_shortcut: Conv2d<_, 12, 1>(strides = 2);
        output scores = layer2_conv2 + layer2_shortcut => Activation<Relu> => GlobalAveragePooling2d
            => fc: Dense<_, 10>;
    }
}

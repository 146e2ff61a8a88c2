//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `script_squeeze_excite.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct ScriptSqueezeExcite {
        input image: [f32; 8, 8, 3];
        branch depthwise = image => expand: Conv2d<_, 8, 1, HardSilu>
            => depthwise: DepthwiseConv2d<_, 3, Relu6>(padding = Same);
        branch excite = depthwise => GlobalAveragePooling2d => squeeze: Dense<_, 4, Relu>
            => excite: Dense<_, 8, Sigmoid>;
        output scores = depthwise * excite => AveragePooling2d(2) => Flatten
            => classify: Dense<_, 4>;
    }
}

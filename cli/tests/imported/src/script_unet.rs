//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `script_unet.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct ScriptUnet {
        input image: [f32; 8, 8, 1];
        branch down1_2 = image => down1_0: Conv2d<_, 4, 3, Relu>(padding = Same)
            => down1_2: Conv2d<_, 4, 3, Relu>(padding = Same);
        branch down2_2 = down1_2 => MaxPooling2d(2)
            => down2_0: Conv2d<_, 6, 3, Relu>(padding = Same)
            => down2_2: Conv2d<_, 6, 3, Relu>(padding = Same);
        branch raise2 = down2_2 => MaxPooling2d(2)
            => bottom_0: Conv2d<_, 8, 3, Relu>(padding = Same)
            => bottom_2: Conv2d<_, 8, 3, Relu>(padding = Same)
            => raise2: Conv2dTranspose<_, 6, 2>(strides = 2);
        branch raised = concatenate(raise2, down2_2) => up2_0: Conv2d<_, 6, 3, Relu>(padding = Same)
            => up2_2: Conv2d<_, 6, 3, Relu>(padding = Same) => UpSampling2d(2);
        output mask_of = concatenate(raised, down1_2)
            => up1_0: Conv2d<_, 4, 3, Relu>(padding = Same)
            => up1_2: Conv2d<_, 4, 3, Relu>(padding = Same) => mask: Conv2d<_, 1, 1, Sigmoid>;
    }
}

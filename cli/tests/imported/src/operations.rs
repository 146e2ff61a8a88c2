//! Keras's model `operations`, as `fusion import` wrote it. Its weights are in `operations.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `operations`.
    pub struct Operations {
        input x: [f32; 4, 6];
        branch h = x => Activation<Gelu(approximate = true)>;
        branch h_2 = x => Activation<Gelu>;
        branch h_3 = x => Softmax(axis = 1);
        branch h_4 = x => Activation<Softmax>;
        branch h_5 = x => Activation<LogSoftmax>;
        branch h_6 = x => Activation<LeakyRelu(0.1)>;
        branch h_7 = x => Activation<Elu(0.5)>;
        branch h_8 = x => Activation<Celu(0.7)>;
        branch h_9 = x => Activation<Threshold(0.1, 0.2)>;
        branch h_10 = x => Activation<Squareplus(2.0)>;
        branch h_11 = x => Activation<HardShrink(0.2)>;
        branch h_12 = x => Activation<SoftShrink(0.2)>;
        branch h_13 = x => Activation<Relu6>;
        branch h_14 = x => Softmax(axis = 1);
        branch joined = concatenate(h, h_2, h_3, h_4, h_5, h_6, h_7, h_8, h_9, h_10, h_11, h_12, h_13, h_14, axis = 1)
            => Reshape([336]);
        output y = joined;
        output y_2 = joined => Reshape([56, 6]) => Permute([2, 1]);
        output y_3 = x => Glu(axis = 1);
    }
}

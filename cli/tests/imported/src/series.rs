//! Keras's model `series`, as `fusion import` wrote it. Its weights are in `series.safetensors`.

use fusion::prelude::*;

model! {
    /// Keras's model `series`.
    pub struct Series {
        input series: [f32; 12, 3];
        input static_: [f32; 5];
        branch series_pooled = series => Conv1d<_, 6, 3, Relu>(padding = Causal)
            => BatchNormalization<_> => MaxPooling1d(2)
            => Bidirectional<Gru<_, 4>(return_sequences = true)> => GlobalAveragePooling1d;
        branch static_features = static_ => Dense<_, 8, Sigmoid>;
        output y = series_pooled * static_features => LayerNormalization<_> => Dense<_, 2>;
    }
}

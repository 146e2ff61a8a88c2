//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `script_sequences.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct ScriptSequences {
        input series: [f32; 8, 5];
        branch (states_2, state_h) = series
            => conv: Conv1d<_, 6, 3>(padding = Same, dilation_rate = 2)
            => norm: GroupNormalization<_>(2, epsilon = 1e-5) => slope: PRelu<[[f32; 1]; 1]>
            => Gru<_, 5>(return_sequences = true)
            => Gru<_, 5>(return_sequences = true, return_state = true);
        output last = state_h;
        output states = states_2;
    }
}

//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `script_tickets.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct ScriptTickets {
        input title: [u32; 7];
        input body: [u32; 11];
        input tags: [f32; 6];
        branch title_lstm = title => title_embedding: Embedding<50, 6> => title_lstm: Lstm<_, 8>;
        branch body_pooled = body => body_embedding: Embedding<50, 6>
            => body_lstm: Bidirectional<Lstm<_, 4>(return_sequences = true)>
            => GlobalAveragePooling1d;
        branch joined = concatenate(title_lstm, body_pooled, tags);
        output route = joined => department: Dense<_, 4>;
        output urgent = joined => priority: Dense<_, 1, Sigmoid>;
    }
}

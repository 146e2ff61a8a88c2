//! A model of `PyTorch`, as `fusion import` wrote it. Its weights are in `torch_tickets.safetensors`.

use fusion::prelude::*;

model! {
    /// A model of `PyTorch`.
    pub struct TorchTickets {
        input title: [u32; 7];
        input body: [u32; 11];
        input tags: [f32; 6];
        branch title_encoded = title => title_embedding: Embedding<50, 6> => Lstm<_, 8>;
        branch body_pooled = body => body_embedding: Embedding<50, 6>
            => Bidirectional<Lstm<_, 4>(return_sequences = true)> => GlobalAveragePooling1d;
        branch joined = concatenate(title_encoded, body_pooled, tags);
        output route = joined => department: Dense<_, 4>;
        output urgent = joined => priority: Dense<_, 1, Sigmoid>;
    }
}

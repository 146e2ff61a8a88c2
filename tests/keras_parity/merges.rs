//! The layers of several wires, a line a case: what goes in, the layer with its options, what comes out.
//!
//! Each line makes the tests of `layer_case`.

use fusion_core::layers::*;
use fusion_core::weights::{Configured, Defaults, Options, OptionsOf, OptionsWithin};

use crate::layer_case::{Case, alone, layer_case};

const TOLERANCE: f32 = 1e-6;

type Image<const H: usize, const W: usize, const C: usize> = [[[f32; C]; W]; H];

layer_case! { TOLERANCE:
    add: "Add", (x: [f32; 5], y: [f32; 5]) => Add => [f32; 5];
    subtract: "Subtract", (x: [f32; 5], y: [f32; 5]) => Subtract => [f32; 5];
    multiply: "Multiply", (x: [f32; 5], y: [f32; 5], z: [f32; 5]) => Multiply => [f32; 5];
    average: "Average", (x: [f32; 5], y: [f32; 5], z: [f32; 5]) => Average => [f32; 5];
    maximum: "Maximum", (x: [f32; 5], y: [f32; 5]) => Maximum => [f32; 5];
    minimum: "Minimum", (x: [f32; 5], y: [f32; 5]) => Minimum => [f32; 5];
    add_broadcast: "Add", (x: Image<4, 5, 3>, y: Image<1, 1, 3>) => Add => Image<4, 5, 3>;
    add_broadcast_rank: "Add", (x: [f32; 3], y: Image<4, 5, 3>, z: [[f32; 1]; 5]) => Add => Image<4, 5, 3>;
    multiply_broadcast: "Multiply", (x: Image<4, 5, 3>, y: Image<1, 1, 3>) => Multiply => Image<4, 5, 3>;
    multiply_broadcast_each: "Multiply",
        (x: Image<4, 1, 3>, y: Image<1, 5, 3>, z: Image<4, 5, 1>) => Multiply => Image<4, 5, 3>;
    subtract_broadcast: "Subtract", (x: [[f32; 3]; 1], y: [[f32; 3]; 4]) => Subtract => [[f32; 3]; 4];
    subtract_broadcast_rank: "Subtract", (x: [[f32; 3]; 4], y: [[f32; 3]; 1]) => Subtract => [[f32; 3]; 4];
    subtract_broadcast_vector: "Subtract", (x: [f32; 3], y: [[f32; 3]; 4]) => Subtract => [[f32; 3]; 4];
    multiply_broadcast_number: "Multiply", (x: [[f32; 3]; 4], y: f32) => Multiply => [[f32; 3]; 4];
    maximum_broadcast_vector: "Maximum", (x: [[f32; 3]; 4], y: [f32; 3]) => Maximum => [[f32; 3]; 4];
    average_broadcast: "Average", (x: [[f32; 3]; 4], y: [[f32; 3]; 1]) => Average => [[f32; 3]; 4];
    maximum_broadcast: "Maximum", (x: [[f32; 3]; 4], y: [[f32; 1]; 4]) => Maximum => [[f32; 3]; 4];
    minimum_broadcast: "Minimum", (x: [[f32; 3]; 4], y: [[f32; 1]; 1]) => Minimum => [[f32; 3]; 4];
    concatenate: "Concatenate", (x: [f32; 5], y: [f32; 3]) => Concatenate => [f32; 8];
    concatenate_rank3_axis1: "Concatenate",
        (x: [[f32; 3]; 4], y: [[f32; 3]; 2]) => Concatenate [axis = 1] => [[f32; 3]; 6];
    concatenate_rank3_last: "Concatenate", (x: [[f32; 3]; 4], y: [[f32; 2]; 4]) => Concatenate => [[f32; 5]; 4];
    concatenate_rank3_axis2: "Concatenate",
        (x: [[f32; 3]; 4], y: [[f32; 2]; 4]) => Concatenate [axis = 2] => [[f32; 5]; 4],
        numbers_of("concatenate_rank3_last");
    stack: "Stack", (x: [[f32; 3]; 4], y: [[f32; 3]; 4]) => Stack [axis = 1] => [[[f32; 3]; 4]; 2];
    stack_last: "Stack", (x: [[f32; 3]; 4], y: [[f32; 3]; 4]) => Stack [axis = -1] => [[[f32; 2]; 3]; 4];
    dot: "Dot", (x: [f32; 5], y: [f32; 5]) => Dot [axes = 1] => [f32; 1], tolerance(1e-5);
    dot_normalized: "Dot", (x: [f32; 5], y: [f32; 5]) => Dot [axes = 1, normalize = true] => [f32; 1], tolerance(1e-5);
    lstm_from_states: "LSTM", (sequence: [[f32; 3]; 5], h: [f32; 4], c: [f32; 4]) => Lstm<3, 4> => [f32; 4], tolerance(1e-5);
    lstm_from_states_backwards: "LSTM",
        (sequence: [[f32; 3]; 5], h: [f32; 4], c: [f32; 4])
        => Lstm<3, 4> [return_sequences = true, return_state = true, go_backwards = true] => [f32; 28], tolerance(1e-5);
    gru_from_state: "GRU",
        (sequence: [[f32; 3]; 5], h: [f32; 4]) => Gru<3, 4> [return_sequences = true] => [[f32; 4]; 5], tolerance(1e-5);
    gru_reset_before_from_state: "GRU",
        (sequence: [[f32; 3]; 5], h: [f32; 4]) => Gru<3, 4, Use<false>> => [f32; 4], tolerance(1e-5);
    simple_rnn_from_state: "SimpleRNN",
        (sequence: [[f32; 3]; 5], h: [f32; 4]) => SimpleRnn<3, 4> => [f32; 4], tolerance(1e-5);
    lstm_dropout_from_states: "LSTM",
        (sequence: [[f32; 3]; 5], h: [f32; 4], c: [f32; 4])
        => Lstm<3, 4> [dropout = 0.3, recurrent_dropout = 0.3] => [f32; 4], numbers_of("lstm_from_states");
    bidirectional_from_states: "Bidirectional",
        (
            sequence: [[f32; 3]; 5],
            forward_h: [f32; 3], forward_c: [f32; 3], backward_h: [f32; 3], backward_c: [f32; 3]
        )
        => Bidirectional<Lstm<3, 3>> => [f32; 6], tolerance(1e-5);
    bidirectional_gru_from_states: "Bidirectional",
        (sequence: [[f32; 3]; 5], forward_h: [f32; 3], backward_h: [f32; 3])
        => Bidirectional<Gru<3, 3>> [merge_mode = MergeMode::Mul; Gru<3, 3>: return_sequences = true, return_state = true]
        => [f32; 21], tolerance(1e-5);
    hashed_crossing: "HashedCrossing", (a: [u32; 1], b: [u32; 1]) => HashedCrossing [positional = 50] => [u32; 1];
    hashed_crossing_one_hot: "HashedCrossing",
        (a: [u32; 1], b: [u32; 1], c: [u32; 1])
            => HashedCrossing [num_bins = 5, output_mode = OutputMode::OneHot] => [f32; 5];
    attention: "Attention", (query: [[f32; 6]; 4], value: [[f32; 6]; 5]) => Attention => [[f32; 6]; 4], tolerance(1e-5);
    attention_scaled: "Attention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 5]) => Attention<DotScore, UseScale> => [[f32; 6]; 4], tolerance(1e-5);
    attention_concat: "Attention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 5]) => Attention<ConcatScore> => [[f32; 6]; 4], tolerance(1e-5);
    attention_concat_scaled: "Attention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 5]) => Attention<ConcatScore, UseScale> => [[f32; 6]; 4],
        tolerance(1e-5);
    attention_three: "Attention",
        (query: [[f32; 6]; 4], value: [[f32; 3]; 5], key: [[f32; 6]; 5]) => Attention => [[f32; 3]; 4], tolerance(1e-5);
    attention_causal: "Attention",
        (query: [[f32; 6]; 5], value: [[f32; 6]; 4]) => Attention [use_causal_mask = true] => [[f32; 6]; 5],
        tolerance(1e-5);
    attention_dropout: "Attention",
        (query: [[f32; 6]; 5], value: [[f32; 6]; 4]) => Attention [dropout = 0.5, use_causal_mask = true]
        => [[f32; 6]; 5],
        numbers_of("attention_causal"), tolerance(1e-5);
    additive_attention: "AdditiveAttention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 5]) => AdditiveAttention<6> => [[f32; 6]; 4], tolerance(1e-5);
    additive_attention_no_scale: "AdditiveAttention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 5]) => AdditiveAttention<6, NoScale> => [[f32; 6]; 4], tolerance(1e-5);
    additive_attention_three: "AdditiveAttention",
        (query: [[f32; 6]; 5], value: [[f32; 3]; 5], key: [[f32; 6]; 5])
        => AdditiveAttention<6> [use_causal_mask = true] => [[f32; 3]; 5], tolerance(1e-5);
    multi_head_attention: "MultiHeadAttention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 4]) => MultiHeadAttention<6, 2, 3> => [[f32; 6]; 4],
        tolerance(1e-5), without_effect(&["key/bias"]);
    multi_head_attention_cross: "MultiHeadAttention",
        (query: [[f32; 6]; 4], value: [[f32; 8]; 5])
        => MultiHeadAttention<6, 2, 3, UseBias, 8, 4> => [[f32; 6]; 4],
        tolerance(1e-5), without_effect(&["key/bias"]);
    multi_head_attention_three: "MultiHeadAttention",
        (query: [[f32; 6]; 4], value: [[f32; 8]; 5], key: [[f32; 6]; 5])
        => MultiHeadAttention<6, 2, 3, UseBias, 8, 3, 7, 6> => [[f32; 7]; 4],
        tolerance(1e-5), without_effect(&["key/bias"]);
    multi_head_attention_causal: "MultiHeadAttention",
        (query: [[f32; 6]; 5], value: [[f32; 6]; 5])
        => MultiHeadAttention<6, 3, 2> [use_causal_mask = true] => [[f32; 6]; 5],
        tolerance(1e-5), without_effect(&["key/bias"]);
    multi_head_attention_no_bias: "MultiHeadAttention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 4]) => MultiHeadAttention<6, 2, 3, NoBias> => [[f32; 6]; 4],
        tolerance(1e-5);
    multi_head_attention_dropout: "MultiHeadAttention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 4]) => MultiHeadAttention<6, 2, 3> [dropout = 0.3] => [[f32; 6]; 4],
        numbers_of("multi_head_attention"), tolerance(1e-5), without_effect(&["key/bias"]);
    group_query_attention: "GroupedQueryAttention",
        (query: [[f32; 6]; 4], value: [[f32; 6]; 5]) => GroupQueryAttention<6, 3, 4, 2> => [[f32; 6]; 4],
        tolerance(1e-5), without_effect(&["key/bias"]);
    group_query_attention_causal: "GroupedQueryAttention",
        (query: [[f32; 6]; 5], value: [[f32; 8]; 5])
        => GroupQueryAttention<6, 3, 4, 2, NoBias, 8> [use_causal_mask = true] => [[f32; 6]; 5], tolerance(1e-5);
    dot_sequences: "Dot", (x: [[f32; 6]; 4], y: [[f32; 6]; 5]) => Dot [axes = 2] => [[f32; 5]; 4], tolerance(1e-5);
    dot_matrix: "Dot",
        (x: [[f32; 6]; 4], y: [[f32; 5]; 6]) => Dot [axes_of_each = [2, 1]] => [[f32; 5]; 4], tolerance(1e-5);
    dot_axis1: "Dot", (x: [[f32; 6]; 4], y: [[f32; 5]; 4]) => Dot [axes = 1] => [[f32; 5]; 6], tolerance(1e-5);
    dot_normalized_sequences: "Dot",
        (x: [[f32; 6]; 4], y: [[f32; 6]; 5]) => Dot [axes = 2, normalize = true] => [[f32; 5]; 4], tolerance(1e-5);
    dot_ranks: "Dot", (x: [[f32; 6]; 4], y: [f32; 6]) => Dot [axes_of_each = [2, 1]] => [f32; 4], tolerance(1e-5);
    dot_cubes: "Dot",
        (x: Image<2, 3, 4>, y: [[f32; 5]; 4]) => Dot [axes_of_each = [3, 1]] => Image<2, 3, 5>, tolerance(1e-5);
}

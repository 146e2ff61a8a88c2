//! Masks: small models in which one travels.

use crate::layer_case::{Case, alone};
use fusion::prelude::*;
use fusion_core::layer::{Several, Wire, Wires};
use fusion_core::weights::Defaults;
use own_layer::MinimalGatedCell;

const TOLERANCE: f32 = 1e-5;

type Words = [u32; 6];
type Sequence<const FEATURES: usize> = [[f32; FEATURES]; 6];

/// The inputs of models with two.
macro_rules! two {
    ($name:ident: $a:ty, $b:ty) => {
        struct $name;
        impl Wires for $name {
            const WIRES: &'static [Wire] = &[Wire::of::<$a>("a"), Wire::of::<$b>("b")];
        }
    };
}
two!(TwoWords: Words, Words);
two!(WordsAndNumbers: Words, Sequence<4>);
type TwoOfWords = Several<TwoWords, 2>;
type Beside = Several<WordsAndNumbers, 2>;

/// A case a line: a model, what goes in and what comes out, and the model.
macro_rules! mask_cases {
    ($($name:ident: $model:ident, $in:ty => $out:ty { $($body:tt)* })+) => {
        $(mod $name {
            use super::*;

            model! {
                // Some lose their masks.
                #[allow(deprecated)]
                pub struct $model { $($body)* }
            }

            pub fn parity() {
                let model = alone::<$model, Defaults, $in, $out>();
                Case::new(stringify!($name), "Functional", TOLERANCE, model)
                    .in_folder("masks")
                    .without_effect(&["multi_head_attention/key/bias", "grouped_query_attention/key/bias"])
                    .agrees_with_keras();
            }

            #[test]
            fn output_and_gradients_are_kerass() {
                parity();
            }
        })+
        /// For the page of parity.
        pub const PARITY: &[fn()] = &[$($name::parity),+];
    };
}

mask_cases! {
    lstm: Last, Words => [f32; 3] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Lstm<_, 3>;
    }
    lstm_sequences: All, Words => Sequence<3> {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Lstm<_, 3>(return_sequences = true);
    }
    lstm_backwards: Backwards, Words => Sequence<3> {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Lstm<_, 3>(return_sequences = true, go_backwards = true);
    }
    lstm_state: State, Words => [f32; 24] {
        input a: [u32; 6];
        branch (all, h, c) =
            a => Embedding<9, 4>(mask_zero = true) => Lstm<_, 3>(return_sequences = true, return_state = true);
        output z = all;
        output last = h;
        output cell = c;
    }
    lstm_zero_output: ZeroOutput, Words => Sequence<3> {
        input a: [u32; 6];
        output z = a
            => Embedding<9, 4>(mask_zero = true)
            => Lstm<_, 3>(return_sequences = true, zero_output_for_mask = true);
    }
    gru: LastOfGru, Words => [f32; 3] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Gru<_, 3>;
    }
    gru_backwards: GruBackwards, Words => Sequence<3> {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true)
            => Gru<_, 3>(use_bias = false, return_sequences = true, go_backwards = true);
    }
    gru_reset_before: GruResetBefore, Words => Sequence<3> {
        input a: [u32; 6];
        output z = a
            => Embedding<9, 4>(mask_zero = true)
            => Gru<_, 3>(reset_after = false, return_sequences = true, zero_output_for_mask = true);
    }
    simple_rnn: LastOfSimpleRnn, Words => [f32; 6] {
        input a: [u32; 6];
        branch (output, h) = a => Embedding<9, 4>(mask_zero = true) => SimpleRnn<_, 3>(use_bias = false, return_state = true);
        output z = concatenate(output, h);
    }
    simple_rnn_relu: SimpleRnnRelu, Words => Sequence<3> {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => SimpleRnn<_, 3>(activation = Relu, return_sequences = true);
    }
    rnn: LastOfRnn, Words => [f32; 3] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Rnn<MinimalGatedCell<_, 3>>;
    }
    rnn_sequences: RnnBackwards, Words => Sequence<3> {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true)
            => Rnn<MinimalGatedCell<_, 3>>(return_sequences = true, go_backwards = true);
    }
    rnn_zero_output: RnnZeroOutput, Words => Sequence<3> {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true)
            => Rnn<MinimalGatedCell<_, 3>>(return_sequences = true, zero_output_for_mask = true);
    }
    bidirectional: Both, Words => [f32; 6] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Bidirectional<Lstm<_, 3>>;
    }
    bidirectional_sequences: BothSequences, Words => Sequence<6> {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Bidirectional<Gru<_, 3>(return_sequences = true)>;
    }
    bidirectional_then_lstm: BothThenLstm, Words => [f32; 2] {
        input a: [u32; 6];
        branch (all, _, _, _, _) = a
            => Embedding<9, 4>(mask_zero = true)
            => Bidirectional<Lstm<_, 3>(return_sequences = true, return_state = true)>(merge_mode = Mul);
        output z = all => Lstm<_, 2>;
    }
    bidirectional_apart: BothApart, Words => [f32; 2] {
        input a: [u32; 6];
        branch (_, backward) = a
            => Embedding<9, 4>(mask_zero = true)
            => Bidirectional<Lstm<_, 3>(return_sequences = true)>(merge_mode = None);
        output z = backward => Lstm<_, 2>;
    }
    two_lstms: Two, Words => [f32; 2] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Lstm<_, 3>(return_sequences = true) => Lstm<_, 2>;
    }
    two_lstms_with_state: TwoWithState, Words => [f32; 2] {
        input a: [u32; 6];
        branch (all, _, _) =
            a => Embedding<9, 4>(mask_zero = true) => Lstm<_, 3>(return_sequences = true, return_state = true);
        output z = all => Lstm<_, 2>;
    }
    two_rnns: TwoRnns, Words => [f32; 2] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Lstm<_, 3>(return_sequences = true) => Gru<_, 2>;
    }
    masking: OfNumbers, Sequence<3> => [f32; 3] {
        input a: [f32; 6, 3];
        output z = a => Masking(-1.0) => Lstm<_, 3>;
    }
    masking_gru_sequences: OfNumbersInAllSteps, Sequence<3> => Sequence<3> {
        input a: [f32; 6, 3];
        output z = a => Masking(-1.0) => Gru<_, 3>(return_sequences = true);
    }
    dense_between: DenseBetween, Words => [f32; 3] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Dense<_, 5, Tanh> => Lstm<_, 3>;
    }
    normalized_between: NormalizedBetween, Words => [f32; 3] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Dropout(0.5) => LayerNormalization<_> => Lstm<_, 3>;
    }
    flatten_drops_it: Flat, Words => [f32; 2] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Flatten => Dense<_, 2>;
    }
    time_distributed: EachStep, Words => [f32; 3] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => TimeDistributed<Dense<_, 2>> => Lstm<_, 3>;
    }
    lstm_of_each_step: LstmOfEachStep, [[u32; 4]; 3] => [[f32; 3]; 3] {
        input a: [u32; 3, 4];
        output z = a => Embedding<9, 4>(mask_zero = true) => TimeDistributed<Lstm<_, 3>>;
    }
    add_then_lstm: AddThenLstm, Words => [f32; 3] {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        branch d = e => Dense<_, 4>;
        output z = add(e, d) => Lstm<_, 3>;
    }
    add_then_rnn: AddThenRnn, Words => [f32; 3] {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        branch d = e => Dense<_, 4>;
        output z = add(e, d) => Gru<_, 3>;
    }
    add_two_masks: AddTwoMasks, TwoOfWords => [f32; 3] {
        input a: [u32; 6];
        input b: [u32; 6];
        branch x = a => Embedding<9, 4>(mask_zero = true);
        branch y = b => Embedding<9, 4>(mask_zero = true);
        output z = add(x, y) => Lstm<_, 3>;
    }
    add_without_mask: AddWithoutMask, Beside => [f32; 3] {
        input a: [u32; 6];
        input b: [f32; 6, 4];
        branch x = a => Embedding<9, 4>(mask_zero = true);
        output z = add(x, b) => Lstm<_, 3>;
    }
    dot_drops_it: DotDropsIt, Words => [[f32; 2]; 4] {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        branch d = e => Dense<_, 2>;
        output z = dot(e, d, axes = 1);
    }
    concatenate_then_lstm: ConcatenateThenLstm, Words => [f32; 3] {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        branch d = e => Dense<_, 2>;
        output z = concatenate(e, d) => Lstm<_, 3>;
    }
    concatenate_then_rnn: ConcatenateThenRnn, Words => [f32; 3] {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        branch d = e => Dense<_, 2>;
        output z = concatenate(e, d) => Gru<_, 3>;
    }
    concatenate_two_masks: ConcatenateTwoMasks, TwoOfWords => [f32; 3] {
        input a: [u32; 6];
        input b: [u32; 6];
        branch x = a => Embedding<9, 4>(mask_zero = true);
        branch y = b => Embedding<9, 4>(mask_zero = true);
        output z = concatenate(x, y) => Lstm<_, 3>;
    }
    concatenate_without_mask: ConcatenateWithoutMask, Beside => Sequence<3> {
        input a: [u32; 6];
        input b: [f32; 6, 4];
        branch x = a => Embedding<9, 4>(mask_zero = true);
        output z = concatenate(b, x) => Lstm<_, 3>(return_sequences = true);
    }
    concatenate_steps: ConcatenateSteps, TwoOfWords => [f32; 3] {
        input a: [u32; 6];
        input b: [u32; 6];
        branch x = a => Embedding<9, 4>(mask_zero = true);
        branch y = b => Embedding<9, 4>(mask_zero = true);
        output z = concatenate(x, y, axis = 1) => Lstm<_, 3>;
    }
    concatenate_steps_without_mask: ConcatenateStepsWithoutMask, Beside => [f32; 3] {
        input a: [u32; 6];
        input b: [f32; 6, 4];
        branch x = a => Embedding<9, 4>(mask_zero = true);
        output z = concatenate(b, x, axis = 1) => Lstm<_, 3>;
    }
    attention: OfItself, Words => Sequence<4> {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = e, value = e) => Attention;
    }
    attention_query: MaskedQuery, Beside => Sequence<4> {
        input a: [u32; 6];
        input b: [f32; 6, 4];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = e, value = b) => Attention(use_scale = true);
    }
    attention_causal: CausalOfItself, Words => Sequence<4> {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = e, value = e) => Attention(use_causal_mask = true);
    }
    attention_then_lstm: AttentionThenLstm, TwoOfWords => [f32; 3] {
        input a: [u32; 6];
        input b: [u32; 6];
        branch x = a => Embedding<9, 4>(mask_zero = true);
        branch y = b => Embedding<9, 4>(mask_zero = true);
        output z = (query = x, value = y) => Attention => Lstm<_, 3>;
    }
    additive_attention: MaskedValue, Beside => Sequence<4> {
        input a: [u32; 6];
        input b: [f32; 6, 4];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = b, value = e) => AdditiveAttention<_>;
    }
    self_attention: SelfAttention, Words => Sequence<4> {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = e, value = e) => MultiHeadAttention<_, 2, 3>;
    }
    self_attention_causal: CausalSelfAttention, Words => Sequence<4> {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = e, value = e) => MultiHeadAttention<_, 2, 3>(use_causal_mask = true);
    }
    self_attention_dropout: DroppingSelfAttention, Words => Sequence<4> {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = e, value = e) => MultiHeadAttention<_, 2, 3>(dropout = 0.5);
    }
    cross_attention: CrossAttention, Beside => Sequence<4> {
        input a: [u32; 6];
        input b: [f32; 6, 4];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = b, value = e) => MultiHeadAttention<_, 2, 3>;
    }
    attention_of_three: OfThree, TwoOfWords => Sequence<4> {
        input a: [u32; 6];
        input b: [u32; 6];
        branch x = a => Embedding<9, 4>(mask_zero = true);
        branch y = b => Embedding<9, 4>(mask_zero = true);
        output z = (query = x, value = x, key = y) => MultiHeadAttention<_, 2, 3>;
    }
    grouped_attention: Grouped, Words => Sequence<4> {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        output z = (query = e, value = e) => GroupQueryAttention<_, 3, 2, 1>;
    }
    transformer: Transformer, Words => [f32; 3] {
        input a: [u32; 6];
        branch e = a => Embedding<9, 4>(mask_zero = true);
        branch attended = (query = e, value = e) => MultiHeadAttention<_, 2, 3>;
        output z = add(e, attended) => Lstm<_, 3>;
    }
    average_pooling: Mean, Words => [f32; 4] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => GlobalAveragePooling1d;
    }
    max_pooling: MostOfAll, Words => [f32; 4] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => GlobalMaxPooling1d;
    }
    conv1d_drops_it: Windows, Words => [[f32; 3]; 5] {
        input a: [u32; 6];
        output z = a => Embedding<9, 4>(mask_zero = true) => Conv1d<_, 3, 2>;
    }
    model_in_model: ModelInModel, Words => [f32; 3] {
        input a: [u32; 6];
        output z = a => Encoder => Lstm<_, 3>;
    }
    batch_normalization: Normalized, Sequence<3> => [f32; 3] {
        input a: [f32; 6, 3];
        output z = a => Masking(-1.0) => BatchNormalization<_> => Lstm<_, 3>;
    }
}

model! {
    /// A model that makes a mask within.
    pub struct Encoder = [u32; 6] => Embedding<9, 4>(mask_zero = true) => Dense<_, 3, Tanh>;
}

//! Masks: small models in which one travels, and losses and metrics of outputs with masks.

use fusion::prelude::*;
use fusion_core::layer::{Several, Wire, Wires};
use fusion_core::weights::Defaults;
use own_layer::MinimalGatedCell;
use serde_json::Value;

use crate::fixture::{assert_close, json};
use crate::layer_case::{Case, alone};

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

model! {
    // `Flatten` loses the mask.
    #[allow(deprecated)]
    struct Masked {
        input x: [f32; 4, 2];
        branch masked = x => Masking;
        output p = masked => Dense<_, 1>;
        output q = masked => Dense<_, 3, Softmax>;
        output r = masked => Flatten => Dense<_, 1>;
    }
}

const STEPS: [[[f32; 2]; 4]; 5] = [
    [[1.0, 2.0], [0.0, 0.0], [-1.0, 0.5], [0.25, -2.0]],
    [[0.0, 0.0], [0.0, 0.0], [3.0, 1.0], [-0.5, -0.75]],
    [[0.0; 2]; 4],
    [[1.0, -1.0], [0.5, 2.0], [-2.0, 1.0], [0.0, 0.0]],
    [[0.125, 1.0], [2.0, -0.5], [1.0, 1.0], [-1.0, -1.0]],
];
const OF_P: [f32; 5] = [0.5, 1.0, 0.0, 2.0, 3.0];
const OF_Q: [f32; 5] = [1.0, 0.25, 4.0, 1.0, 0.5];
const OF_R: [f32; 5] = [2.0, 1.0, 1.0, 0.5, 0.0];

/// From −`end` to `end`, as many as there are.
fn line<const COUNT: usize>(end: f32) -> [f32; COUNT] {
    core::array::from_fn(|i| end * (2.0 * i as f32 / (COUNT as f32 - 1.0) - 1.0))
}

/// Trains with these loss weights and, where there are any, each output's sample weights.
fn trained(case: &str, [p, q, r]: [f32; 3], weights: Option<[&[f32; 5]; 3]>) {
    let loss_weights = MaskedLossWeights { p, q, r };
    let mut model = Masked::new(1);
    model.dense.kernel = [[0.5], [0.25]];
    model.dense_1.kernel = [[1.0, 0.0, -0.5], [0.0, 1.0, 0.25]];
    model.dense_2.kernel = line::<8>(0.5).map(|x| [x]);
    let p: [[[f32; 1]; 4]; 5] = core::array::from_fn(|i| core::array::from_fn(|j| [line::<20>(1.0)[4 * i + j]]));
    let q: [[u32; 4]; 5] = core::array::from_fn(|i| core::array::from_fn(|j| ((4 * i + j) * 7 % 3) as u32));
    let targets = MaskedTargets { p: &p, q: &q, r: &[[1.0], [0.0], [0.5], [-1.0], [2.0]] };
    let losses = MaskedLosses { p: MeanSquaredError, q: SparseCategoricalCrossentropy::default(), r: MeanSquaredError };
    let mae = || MeanAbsoluteError.named("mae");
    let trainer = Trainer::new(&mut model, Sgd::new(0.1), losses)
        .metric(MaskedMetrics { p: mae(), q: SparseCategoricalAccuracy, r: mae() })
        .metric(MaskedMetrics { p: RootMeanSquaredError, q: (), r: () })
        .weighted_metric(MaskedMetrics {
            p: MeanSquaredError.named("mse"),
            q: SparseCategoricalCrossentropy::default(),
            r: MeanSquaredError.named("mse"),
        })
        .weighted_metric(MaskedMetrics { p: BinaryAccuracy, q: (), r: () })
        .loss_weights(loss_weights)
        .epochs(3)
        .batch_size(2)
        .validation_data(&STEPS, targets)
        .verbose(false);
    let mut trainer = match weights {
        Some([p, q, r]) => trainer.sample_weight(MaskedSampleWeights { p, q, r }),
        None => trainer,
    };
    let history = trainer.fit(&STEPS, targets).unwrap();
    let scores = trainer.evaluate(&STEPS, targets).unwrap();
    check(case, &history, &scores, &model);
}

fn check(case: &str, history: &History, scores: &Scores, model: &Masked) {
    let expected = &json("masked_outputs.json")[case];
    let numbers =
        |value: &Value| -> Vec<f32> { value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect() };
    let of_keras = expected["history"].as_object().unwrap();
    assert_eq!(history.keys().collect::<Vec<_>>(), of_keras.keys().collect::<Vec<_>>());
    for (key, values) in of_keras {
        let found: Vec<f32> = history[key.as_str()].iter().map(|x| *x as f32).collect();
        assert_close(&format!("{case}: {key}"), &found, &numbers(values), TOLERANCE);
    }
    for (key, value) in expected["evaluate"].as_object().unwrap() {
        let keras = value.as_f64().unwrap();
        assert!(
            (scores[key.as_str()] - keras).abs() < 1e-5 * keras.abs().max(1.0),
            "{case}: {key} is {keras}, not {}",
            scores[key.as_str()]
        );
    }
    let weights = expected["weights"].as_array().unwrap();
    let found: [&[f32]; 6] = [
        model.dense.kernel.as_flattened(),
        &model.dense.bias,
        model.dense_1.kernel.as_flattened(),
        &model.dense_1.bias,
        model.dense_2.kernel.as_flattened(),
        &model.dense_2.bias,
    ];
    assert_eq!(weights.len(), found.len());
    for (found, keras) in found.iter().zip(weights) {
        assert_close(&format!("{case}: weights"), found, &numbers(keras), TOLERANCE);
    }
}

#[test]
fn losses_and_metrics_leave_out_what_does_not_count() {
    const ALIKE: &[f32; 5] = &[1.0, 0.5, 2.0, 0.0, 1.5];
    trained("plain", [1.0; 3], None);
    trained("loss_weights", [0.5, 2.0, 0.25], None);
    trained("weights_alike", [1.0; 3], Some([ALIKE; 3]));
    trained("weights_of_each", [1.0; 3], Some([&OF_P, &OF_Q, &OF_R]));
}

//! Layers of sequences, ids and batches: against their formulas in `f64`, and what they say.

use fusion_core::activations::Tanh;
use fusion_core::layer::{Forward, Layer, State, TrainLayer};
use fusion_core::layers::*;
use fusion_core::shape::{Shape, Tensor};
use fusion_core::weights::{Configured, Defaults, NoOptions, Options, OptionsOf, OptionsWithin, Parameters, Random};

use crate::layer_case::random_numbers;
use formulas::*;
use harness::*;

mod formulas;
mod harness;

/// Options as a type.
macro_rules! options {
    ($name:ident: $layer:ty = $($call:tt)*) => {
        struct $name;
        impl OptionsOf<$layer> for $name {
            const VALUE: <$layer as Configured>::Options =
                <<$layer as Configured>::Options as Options>::DEFAULT $($call)*;
        }
    };
}

// Below the macro, which they use.
mod conv_lstm;
mod lstm;

options!(AllSteps: Lstm<3, 4> = .return_sequences(true));
options!(SixByFour: Reshape = .positional([6, 4]));
options!(RestByTwo: Reshape = .target_shape([Reshape::REST, 2]));
options!(Faster: BatchNormalization<3> = .momentum(0.5).epsilon(0.1));
options!(HalfOfEach: Dropout = .positional(0.5));
impl OptionsOf<TimeDistributed<Dropout>> for HalfOfEach {
    const VALUE: NoOptions = NoOptions;
}
impl OptionsWithin for HalfOfEach {
    type Within = Self;
}

#[test]
fn batch_normalization_is_its_formula() {
    type Rows = [[f32; 3]; 4];
    let x = &random_rows::<Rows>(5, 3);
    check::<BatchNormalization<3>, Defaults, _, Rows>(x, |w, x| batch_normalization(w, x, 3, 1e-3, false));
    check_training::<BatchNormalization<3>, Defaults, _, Rows>(x, |w, x| batch_normalization(w, x, 3, 1e-3, true));
    check_training::<BatchNormalization<3>, Faster, _, Rows>(x, |w, x| batch_normalization(w, x, 3, 0.1, true));
    // More features than are added up side by side.
    let x = &random_rows::<[f32; 37]>(6, 4);
    check_training::<BatchNormalization<37>, Defaults, _, [f32; 37]>(x, |w, x| {
        batch_normalization(w, x, 37, 1e-3, true)
    });
}

#[test]
fn frozen_batch_normalization_works_as_in_inference() {
    let layer = random_layer::<BatchNormalization<3>>();
    let (x, dy) = (random_rows::<[f32; 3]>(5, 3), random_numbers(15, 4));
    let frozen = run::<_, Defaults, _, [f32; 3]>(&*layer, &x, &dy, FROZEN);
    let inference = run::<_, Defaults, _, [f32; 3]>(&*layer, &x, &dy, INFERENCE);
    assert_eq!((frozen.y, frozen.dx), (inference.y, inference.dx));
    assert_eq!((frozen.gradient.gamma, frozen.gradient.beta), ([0.0; 3], [0.0; 3]));
    assert_ne!(inference.gradient.gamma, [0.0; 3]);
}

#[test]
fn batch_normalization_of_a_large_batch_far_from_zero() {
    let mut layer = random_layer::<BatchNormalization<3>>();
    let x: Vec<[f32; 3]> = random_rows(50_000, 5).iter().map(|x: &[f32; 3]| x.map(|x| 300.0 + x)).collect();
    let dy = random_numbers(150_000, 6);
    let mut run = run::<_, Defaults, _, [f32; 3]>(&*layer, &x, &dy, TRAINING);
    let (weights, rows) = (all_weights(&*layer), wide(Tensor::numbers(&x)));
    assert_near("output", Tensor::numbers(&run.y), &batch_normalization(&weights, &rows, 3, 1e-3, true));
    let expected = batch_normalization_gradients(&weights, &rows, &wide(&dy), 3, 1e-3);
    assert_near("dx", Tensor::numbers(&run.dx), &expected.0);
    assert_near("gamma", &run.gradient.gamma, &expected.1);
    assert_near("beta", &run.gradient.beta, &expected.2);

    let (mean, variance) = (layer.moving_mean, layer.moving_variance);
    Layer::<[f32; 3], Faster>::update_state(&mut *layer, &mut State::new(x.len(), &mut run.saved));
    let (batch_mean, batch_variance) = moments(&rows, 3);
    let half = |old: [f32; 3], new: &[f64]| -> Vec<f64> {
        old.iter().zip(new).map(|(a, b)| (f64::from(*a) + b) / 2.0).collect()
    };
    assert_near("moving mean", &layer.moving_mean, &half(mean, &batch_mean));
    assert_near("moving variance", &layer.moving_variance, &half(variance, &batch_variance));
}

#[test]
fn embedding_adds_up_the_gradients_of_an_id() {
    let layer = random_layer::<Embedding<5, 2>>();
    let x: [[[u32; 2]; 2]; 2] = [[[0, 3], [3, 4]], [[4, 3], [0, 0]]];
    let dy: Vec<f32> = (0..16).map(|i| i as f32).collect();
    let run = run::<_, Defaults, _, [[[f32; 2]; 2]; 2]>(&*layer, &x, &dy, TRAINING);
    assert_eq!(run.y[1], [[layer.embeddings[4], layer.embeddings[3]], [layer.embeddings[0]; 2]]);
    assert_eq!(run.gradient.embeddings, [[26.0, 29.0], [0.0; 2], [0.0; 2], [16.0, 19.0], [14.0, 16.0]]);
    let run = harness::run::<_, Defaults, _, [[[f32; 2]; 2]; 2]>(&*layer, &x, &dy, FROZEN);
    assert_eq!(run.gradient.embeddings, [[0.0; 2]; 5]);
}

#[test]
fn embedding_names_the_id_that_is_out_of_range() {
    type Ids = [[u32; 2]; 3];
    let (layer, in_time) = (random_layer::<Embedding<5, 2>>(), random_layer::<TimeDistributed<Embedding<5, 2>>>());
    let check = |x: &[Ids]| {
        Layer::<Ids>::check(&*layer, &mut Forward::new(&mut [], &mut []), x).map_err(|error| error.to_string())
    };
    assert_eq!(check(&[[[0, 1], [2, 3], [4, 0]]]), Ok(()));
    let text = "the id 5 at position 3 of sample 1 is out of range: ids are below 5";
    assert_eq!(check(&[[[0; 2]; 3], [[0, 1], [2, 5], [9, 0]]]), Err(text.to_owned()));
    assert_eq!(
        Layer::<Ids>::check(&*in_time, &mut Forward::new(&mut [], &mut []), &[[[0; 2]; 3], [[0, 1], [2, 5], [9, 0]]])
            .unwrap_err()
            .to_string(),
        text
    );
}

#[test]
fn time_distributed_is_the_layer_at_every_step() {
    type Inner = Lstm<3, 4>;
    type Sequences = [[[f32; 3]; 5]; 2];
    let x = &random_rows::<Sequences>(5, 7);
    check::<TimeDistributed<Inner>, Defaults, _, [[f32; 4]; 2]>(x, |w, x| lstm(w, x, (5, 3, 4), (false, false)));
    let layer = random_layer::<TimeDistributed<Inner>>();
    check_tiles::<_, Defaults, Sequences, [[f32; 4]; 2]>(&*layer, 7, &[3, 4]);
    let x = &random_rows::<[[f32; 3]; 5]>(4, 8);
    check::<TimeDistributed<Activation<Tanh>>, Defaults, _, [[f32; 3]; 5]>(x, |_, x| {
        x.iter().map(|x| x.tanh()).collect()
    });
}

#[test]
fn time_distributed_batch_normalization_sees_one_step_at_a_time() {
    type Sequence = [[f32; 3]; 4];
    let x = random_rows::<Sequence>(6, 9);
    let step = |x: &[f64], t: usize| -> Vec<f64> { x.chunks(12).flat_map(|x| x[3 * t..3 * t + 3].to_vec()).collect() };
    let formula = move |w: &[f64], x: &[f64]| -> Vec<f64> {
        let steps: Vec<Vec<f64>> = (0..4).map(|t| batch_normalization(w, &step(x, t), 3, 1e-3, true)).collect();
        (0..6).flat_map(|n| steps.iter().flat_map(move |y| y[3 * n..3 * n + 3].to_vec())).collect()
    };
    check_training::<TimeDistributed<BatchNormalization<3>>, Defaults, _, Sequence>(&x, formula);

    let mut layer = random_layer::<TimeDistributed<BatchNormalization<3>>>();
    let mut expected = wide(&layer.layer.moving_mean);
    let mut run = run::<_, Defaults, _, Sequence>(&*layer, &x, &random_numbers(72, 10), TRAINING);
    Layer::<Sequence>::update_state(&mut *layer, &mut State::new(6, &mut run.saved));
    for t in 0..4 {
        let (mean, _) = moments(&step(&wide(Tensor::numbers(&x)), t), 3);
        expected.iter_mut().zip(mean).for_each(|(moving, mean)| *moving = 0.99 * *moving + 0.01 * mean);
    }
    assert_near("moving mean", &layer.layer.moving_mean, &expected);
}

#[test]
fn time_distributed_dropout_draws_apart_at_every_step_and_alike_in_tiles() {
    let layer = TimeDistributed { layer: Dropout };
    let ones = [[[1.0; 16]; 3]; 4];
    let whole = run::<_, HalfOfEach, _, [[f32; 16]; 3]>(&layer, &ones, &[1.0; 192], TRAINING).y;
    assert_ne!(whole[0][0], whole[0][1]);
    assert_ne!(whole[0][1], whole[1][0]);
    let mut tile = [[[0.0; 16]; 3]; 2];
    let cx = &mut Forward::new(&mut [], &mut []).training(TRAINING.random.from_sample(2));
    Layer::<[[f32; 16]; 3], HalfOfEach>::forward(&layer, cx, &ones[2..], &mut tile);
    assert_eq!(tile, whole[2..]);
}

#[test]
fn reshape_keeps_the_order_and_takes_the_rest() {
    assert_eq!(<Reshape as Layer<[[f32; 4]; 3], RestByTwo>>::OUTPUT.shape, Shape::new(&[6, 2]));
    let x = [[[1.0, 2.0, 3.0, 4.0]]];
    let run = run::<_, RestByTwo, _, [[f32; 2]; 2]>(&Reshape, &x, &[5.0, 6.0, 7.0, 8.0], TRAINING);
    assert_eq!((run.y, run.dx), (vec![[[1.0, 2.0], [3.0, 4.0]]], vec![[[5.0, 6.0, 7.0, 8.0]]]));
}

#[test]
fn what_is_wrong_with_an_input() {
    let says = message::<BatchNormalization<3>, Defaults, [f32; 4]>("BatchNormalization", &["3"], "");
    let mend = "write `BatchNormalization<4>` or `BatchNormalization<_>`";
    assert_eq!(says, format!("`BatchNormalization<3>` takes 3 features, but input `x` gives it 4; {mend}"));
    let numbers = "put `Embedding<IDS, FEATURES>` before it, or declare the input as `f32`";
    let says = message::<BatchNormalization<3>, Defaults, [u32; 3]>("BatchNormalization", &["3"], "");
    assert_eq!(
        says,
        format!("`BatchNormalization<3>` takes numbers (`f32`), but input `x` gives it `u32` ids, [3]; {numbers}")
    );

    let says = message::<Embedding<9, 4>, Defaults, [[f32; 5]; 2]>("Embedding", &["9", "4"], "");
    let mend = "declare the input as `[u32; 2, 5]`";
    assert_eq!(
        says,
        format!("`Embedding<9, 4>` takes ids (`u32`), but input `x` gives it `f32` numbers, [2, 5]; {mend}")
    );
    let says = message::<Embedding<9, 4>, Defaults, [[[[[[u32; 1]; 1]; 1]; 1]; 1]; 1]>("Embedding", &["9", "4"], "");
    assert_eq!(
        says,
        "`Embedding<9, 4>` takes ids of at most five dimensions, as its vectors are one more, but input `x` gives it \
         [1, 1, 1, 1, 1, 1]"
    );

    let says = message::<Lstm<3, 4>, Defaults, [f32; 3]>("Lstm", &["3", "4"], "");
    let advice =
        "an input is one as `[f32; steps, features]`, an `Lstm` before it gives one with `(return_sequences = true)`";
    assert_eq!(says, format!("`Lstm<3, 4>` takes a sequence [steps, 3], but input `x` gives it [3]; {advice}"));
    let says = message::<Lstm<3, 4>, AllSteps, [[f32; 2]; 5]>("Lstm", &["3", "4"], "(return_sequences = true)");
    let (layer, mend) = (
        "`Lstm<3, 4>(return_sequences = true)`",
        "write `Lstm<2, 4>(return_sequences = true)` or `Lstm<_, 4>(return_sequences = true)`",
    );
    assert_eq!(says, format!("{layer} takes 3 features, but input `x` gives it 2 (the last of [5, 2]); {mend}"));
    let says = message::<Lstm<3, 4>, Defaults, [[u32; 3]; 5]>("Lstm", &["3", "4"], "");
    assert_eq!(
        says,
        format!("`Lstm<3, 4>` takes numbers (`f32`), but input `x` gives it `u32` ids, [5, 3]; {numbers}")
    );
}

#[test]
fn what_time_distributed_says() {
    type Steps = TimeDistributed<Dense<3, 4>>;
    let (name, arguments) = ("TimeDistributed", &["Dense<3, 4>"]);
    assert_eq!(
        message::<Steps, Defaults, [f32; 3]>(name, arguments, ""),
        "`TimeDistributed<Dense<3, 4>>` takes a sequence, [steps, features] or [steps, …], but input `x` gives it [3]"
    );
    assert_eq!(
        message::<Steps, Defaults, [[f32; 2]; 5]>(name, arguments, ""),
        "`TimeDistributed<Dense<3, 4>>` takes 3 features at each step, but input `x` gives it 2 (the last of [5, 2]); \
         write 2 or `_` in its place"
    );
    assert_eq!(
        message::<TimeDistributed<Lstm<3, 4>>, Defaults, [[f32; 3]; 5]>(name, &["Lstm<3, 4>"], ""),
        "`TimeDistributed<Lstm<3, 4>>` takes a sequence [steps, 3] at each step, but input `x` gives it [5, 3]"
    );
    assert_eq!(
        message::<TimeDistributed<BatchNormalization<3>>, Defaults, [[u32; 3]; 5]>(
            name,
            &["BatchNormalization<3>"],
            ""
        ),
        "`TimeDistributed<BatchNormalization<3>>` takes numbers (`f32`) at each step, but input `x` gives it `u32` \
         ids, [5, 3]; put `Embedding<IDS, FEATURES>` before it, or declare the input as `f32`"
    );
    assert_eq!(
        message::<TimeDistributed<Embedding<9, 4>>, Defaults, [[[[[[u32; 1]; 1]; 1]; 1]; 1]; 6]>(
            name,
            &["Embedding<9, 4>"],
            ""
        ),
        "`TimeDistributed<Embedding<9, 4>>` would give [1, 1, 1, 1, 1, 4] at each step, which with the steps is more \
         than six dimensions, but input `x` gives it [6, 1, 1, 1, 1, 1]"
    );
}

#[test]
fn what_reshape_says() {
    options!(Two: Reshape = .positional([Reshape::REST, Reshape::REST]));
    options!(Five: Reshape = .positional([1, 1, 1, 1, 1, 1, 8]));
    options!(None: Reshape = .positional([0, 8]));
    let number = "a sample of that shape has 9 numbers";
    assert_eq!(
        message::<Reshape, SixByFour, [[f32; 3]; 3]>("Reshape", &[], "([6, 4])"),
        format!("`Reshape([6, 4])` takes 24 numbers, but input `x` gives it [3, 3]; {number}")
    );
    assert_eq!(
        message::<Reshape, RestByTwo, [[f32; 3]; 3]>("Reshape", &[], "([Reshape::REST, 2])"),
        format!("`Reshape([Reshape::REST, 2])` takes a multiple of 2 numbers, but input `x` gives it [3, 3]; {number}")
    );
    assert_eq!(
        message::<Reshape, Defaults, [f32; 8]>("Reshape", &[], ""),
        "`Reshape` needs a target shape; write the dimensions of a sample, as in `Reshape([6, 4])`"
    );
    let says = |text: String| text.split_once(": ").unwrap().1.to_owned();
    let open = message::<Reshape, Two, [f32; 8]>("Reshape", &[], "([Reshape::REST, Reshape::REST])");
    assert_eq!(says(open.replace("::", "")), "only one dimension can be `ReshapeREST`");
    assert_eq!(says(message::<Reshape, Five, [f32; 8]>("Reshape", &[], "(…)")), "a sample has at most six dimensions");
    assert_eq!(says(message::<Reshape, None, [f32; 8]>("Reshape", &[], "(…)")), "a dimension must be at least 1");
}

#[test]
fn what_the_options_of_batch_normalization_say() {
    options!(Momentum: BatchNormalization<3> = .momentum(1.5));
    options!(Epsilon: BatchNormalization<3> = .epsilon(f32::NAN));
    let layer = "`BatchNormalization<3>(…)`: ";
    assert_eq!(
        message::<BatchNormalization<3>, Momentum, [f32; 3]>("BatchNormalization", &["3"], "(…)"),
        format!("{layer}the momentum must be from 0 to 1")
    );
    assert_eq!(
        message::<BatchNormalization<3>, Epsilon, [f32; 3]>("BatchNormalization", &["3"], "(…)"),
        format!("{layer}epsilon must be a number of at least 0")
    );
}

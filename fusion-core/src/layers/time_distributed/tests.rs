use super::*;
use crate::Random;
use crate::activations::Tanh;
use crate::layers::testing::{Run, differences, initialized, run, run_in, says};
use crate::layers::{
    Activation, BatchNormalization, Dense, Dropout, DropoutOptions, Embedding, Flatten, Lstm, LstmOptions,
};
use crate::shape::{ElementType, Shape, zeroed_box};
use crate::weights::{Defaults, NoOptions, Options, Parameters, walk_ref};

type Each<L> = TimeDistributed<L>;

/// A row of matrices.
type Videos = [[[f32; 3]; 2]; 4];

#[test]
fn the_shape_is_that_of_the_layer_behind_the_steps() {
    assert_eq!(<Each<Dense<3, 4>> as Layer<Videos>>::OUTPUT.shape, Shape::new(&[4, 2, 4]));
    assert_eq!(<Each<Lstm<3, 4>> as Layer<Videos>>::OUTPUT.shape, Shape::new(&[4, 4]));
    assert_eq!(<Each<Dense<3, 4>> as Layer<Videos>>::NEEDS.multiplications, 4 * 2 * 12);
    assert_eq!(<Each<Dense<3, 4>> as Layer<Videos>>::DETAILS, "Dense linear");
    assert_eq!(<Each<Dense<3, 4>> as Configured>::NAME, "time_distributed");
}

struct WithState;
impl OptionsOf<Lstm<3, 4>> for WithState {
    const VALUE: LstmOptions = LstmOptions::DEFAULT.return_state(true);
}
impl OptionsOf<Each<Lstm<3, 4>>> for WithState {
    const VALUE: NoOptions = NoOptions;
}
impl OptionsWithin for WithState {
    type Within = Self;
}

#[test]
fn a_layer_with_several_outputs_is_told() {
    let sentence = says::<Each<Lstm<3, 4>>, WithState, Videos>().unwrap();
    assert_eq!(sentence, "takes a layer with one output");
    assert!(<Each<Lstm<3, 4>> as Layer<Videos, WithState>>::OUTPUT.parts.is_empty());
}

#[test]
fn weights_stand_below_the_names_that_keras_gives() {
    fn paths<L: Parameters>() -> Vec<String> {
        let mut paths = vec![];
        walk_ref(&*zeroed_box::<L>(), &mut |parameter, _| paths.push(parameter.to_string()));
        paths
    }
    assert_eq!(paths::<Each<Dense<3, 4>>>(), ["dense/kernel", "dense/bias"]);
    assert_eq!(paths::<Each<Each<Dense<3, 4>>>>()[0], "time_distributed/dense/kernel");
    assert_eq!(paths::<Each<Lstm<3, 4>>>()[2], "lstm/lstm_cell/bias");
    assert_eq!(paths::<Each<BatchNormalization<3>>>()[2], "batch_normalization/moving_mean");
    assert_eq!(<Each<BatchNormalization<3>> as Parameters>::NON_TRAINABLE, 6);
}

fn videos<const COUNT: usize>() -> [Videos; COUNT] {
    let mut at = 0.0_f32;
    [[[[(); 3]; 2]; 4]; COUNT].map(|video| {
        video.map(|step| {
            step.map(|row| {
                row.map(|()| {
                    at += 0.7;
                    at.sin()
                })
            })
        })
    })
}

#[test]
fn every_step_goes_through_the_layer() {
    let formula = |w: &[f64], x: &[f64]| -> Vec<f64> {
        let y = |x: &[f64], o: usize| w[12 + o] + (0..3).map(|i| x[i] * w[4 * i + o]).sum::<f64>();
        x.chunks(3).flat_map(|x| (0..4).map(|o| y(x, o)).collect::<Vec<_>>()).collect()
    };
    differences::<_, Defaults, Videos, [[[f32; 4]; 2]; 4]>(
        &*initialized::<Each<Dense<3, 4>>>(),
        &videos::<3>(),
        formula,
    );
    differences::<_, Defaults, Videos, [[[f32; 4]; 2]; 4]>(
        &*initialized::<Each<Each<Dense<3, 4>>>>(),
        &videos::<3>(),
        formula,
    );
    let tanh = |_: &[f64], x: &[f64]| x.iter().map(|x| libm::tanh(*x)).collect();
    differences::<_, Defaults, Videos, Videos>(&Each::<Activation<Tanh>>::default(), &videos::<2>(), tanh);
}

#[test]
fn a_layer_with_memory_has_its_own_at_each_step() {
    let layer = initialized::<Each<Lstm<3, 4>>>();
    let Run { y, .. } = run::<_, Defaults, _, [[f32; 4]; 4]>(&*layer, &videos::<3>());
    for (video, y) in videos::<3>().iter().zip(y) {
        let alone = run::<_, Defaults, _, [f32; 4]>(&layer.layer, video);
        assert!(alone.y.iter().flatten().zip(y.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}

#[test]
fn batch_normalization_sees_one_step_at_a_time() {
    type Sequence = [[f32; 2]; 3];
    let mut layer = initialized::<Each<BatchNormalization<2>>>();
    let x: [Sequence; 4] = core::array::from_fn(|n| {
        core::array::from_fn(|t| core::array::from_fn(|f| ((6 * n + 2 * t + f) as f32 * 0.7).sin() + t as f32))
    });
    let found = run_in::<_, Defaults, _, Sequence>(&*layer, &x, true);
    let mut gradient = [0.0; 2];
    for t in 0..3 {
        let step = x.map(|x| x[t]);
        let (mut saved, mut scratch) = ([f32::NAN; 6], [f32::NAN; 4]);
        let (mut y, mut dx, mut sum) = ([[0.0; 2]; 4], [[0.0; 2]; 4], layer.layer.clone());
        let mut cx = Forward::new(&mut saved, &mut []).training(Random::new(0));
        Layer::<[f32; 2]>::forward(&layer.layer, &mut cx, &step, &mut y);
        assert!(y.iter().zip(&found.y).all(|(alone, y)| *alone == y[t]));
        let mut dy: Vec<[f32; 2]> = found.dy.iter().map(|dy| dy[t]).collect();
        let mut cx = Backward::new(Some(&mut sum), &mut saved, &mut scratch).training(Random::new(0));
        TrainLayer::<[f32; 2]>::backward(&layer.layer, &mut cx, &step, &y, &mut dy, Some(&mut dx));
        assert!(dx.iter().zip(&found.dx).all(|(alone, dx)| *alone == dx[t]));
        gradient.iter_mut().zip(sum.beta).zip(layer.layer.beta).for_each(|((sum, with), before)| *sum += with - before);
    }
    let all = found.gradient.layer.beta;
    assert!(all.iter().zip(gradient).all(|(all, sum)| (all - sum).abs() < 1e-6), "{all:?}, {gradient:?}");

    // Each step moves the moving mean.
    let (mut saved, mut scratch) = ([f32::NAN; 18], [f32::NAN; 16]);
    let mut cx = Forward::new(&mut saved, &mut scratch).training(Random::new(0));
    Layer::<Sequence>::forward(&*layer, &mut cx, &x, &mut [[[0.0; 2]; 3]; 4]);
    let mut expected = layer.layer.moving_mean;
    for t in 0..3 {
        for (feature, moving) in expected.iter_mut().enumerate() {
            let mean = x.iter().map(|x| x[t][feature]).sum::<f32>() / 4.0;
            *moving = 0.99 * *moving + 0.01 * mean;
        }
    }
    Layer::<Sequence>::update_state(&mut *layer, &mut State::new(4, &mut saved));
    let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
    assert!(layer.layer.moving_mean.iter().zip(&expected).all(near));
}

struct Half;
impl OptionsOf<Dropout> for Half {
    const VALUE: DropoutOptions = DropoutOptions::DEFAULT.positional(0.5);
}
impl OptionsOf<Each<Dropout>> for Half {
    const VALUE: NoOptions = NoOptions;
}
impl OptionsWithin for Half {
    type Within = Self;
}

#[test]
fn dropout_draws_apart_at_every_step_and_alike_in_tiles() {
    type Steps = [[f32; 16]; 3];
    let (layer, ones) = (Each { layer: Dropout }, [[[1.0; 16]; 3]; 4]);
    let random = Random::new(7);
    let (mut whole, mut tile) = ([[[0.0; 16]; 3]; 4], [[[0.0; 16]; 3]; 2]);
    let forward = |x: &[Steps], y: &mut [Steps], random| {
        Layer::<Steps, Half>::forward(&layer, &mut Forward::new(&mut [], &mut []).training(random), x, y);
    };
    forward(&ones, &mut whole, random);
    forward(&ones[2..], &mut tile, random.from_sample(2));
    assert_ne!(whole[0][0], whole[0][1]);
    assert_ne!(whole[0][1], whole[1][0]);
    assert_eq!(tile, whole[2..]);
}

#[test]
fn ids_are_checked_and_their_gradients_squared_at_every_step() {
    type Words = [[u32; 2]; 3];
    let layer = initialized::<Each<Embedding<5, 2>>>();
    let x: [Words; 2] = [[[0; 2]; 3], [[0, 1], [2, 3], [4, 0]]];
    let cx = &mut Forward::new(&mut [], &mut []);
    assert_eq!(Layer::<Words>::check(&*layer, cx, &x), Ok(()));
    let error = Layer::<Words>::check(&*layer, cx, &[x[0], [[0, 1], [2, 5], [9, 0]]]).unwrap_err();
    assert_eq!(error.to_string(), "the id 5 at position 3 of sample 1 is out of range: ids are below 5");

    let (mut gradient, mut squares) = (zeroed_box::<Each<Embedding<5, 2>>>(), zeroed_box::<Each<Embedding<5, 2>>>());
    let y = [[[[0.0; 2]; 2]; 3]; 2];
    let mut dy = [[[[2.0, 3.0]; 2]; 3]; 2];
    let mut cx = Backward::new(Some(&mut *gradient), &mut [], &mut []).with_squares(Some(&mut *squares));
    TrainLayer::<Words>::backward(&*layer, &mut cx, &x, &y, &mut dy, None);
    assert_eq!((gradient.layer.embeddings[0], gradient.layer.embeddings[4]), ([16.0, 24.0], [2.0, 3.0]));
    assert_eq!((squares.layer.embeddings[0], squares.layer.embeddings[4]), ([32.0, 72.0], [4.0, 9.0]));

    assert_eq!(<Each<Flatten> as Layer<[Words; 2]>>::OUTPUT.element, ElementType::U32);
}

/// A layer that looks at the whole batch, takes numbers and refuses those of which one is negative.
#[derive(Clone, fusion_macros::Parameters)]
struct NoNegatives;
impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for NoNegatives {
    const OUTPUT: Output = Output::new(In::SHAPE);
    const NEEDS: Needs = Needs::NONE.scratch(Floats::per_sample(1)).couples_samples(true);
    fn check(&self, cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        assert!(cx.scratch.len() >= x.len());
        let Some(index) = In::numbers(x).iter().position(|x| *x < 0.0) else { return Ok(()) };
        let length = In::SHAPE.length();
        Err(InputError { wire: 0, sample: index / length, position: index % length, id: 0, bound: 0 })
    }
    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        Out::memory_mut(y).copy_from_slice(In::memory(x));
    }
}

#[test]
fn what_looks_at_the_whole_batch_is_checked_step_by_step() {
    type Steps = [[f32; 2]; 3];
    let layer = Each { layer: NoNegatives };
    let mut scratch = vec![0.0; <Each<NoNegatives> as Layer<Steps>>::NEEDS.scratch.of(2)];
    let cx = &mut Forward::new(&mut [], &mut scratch);
    let mut x: [Steps; 2] = [[[1.0; 2]; 3]; 2];
    assert_eq!(Layer::<Steps>::check(&layer, cx, &x), Ok(()));
    x[1][2][1] = -1.0;
    let error = Layer::<Steps>::check(&layer, cx, &x).unwrap_err();
    assert_eq!((error.sample, error.position), (1, 5));
    // The memory is whole again.
    let mut y = [[[0.0; 2]; 3]; 2];
    Layer::<Steps>::forward(&layer, cx, &x, &mut y);
    assert_eq!(y, x);
}

#[test]
fn what_is_wrong_is_said_of_each_step() {
    assert_eq!(
        says::<Each<Dense<3, 4>>, Defaults, [f32; 3]>().unwrap(),
        "takes a sequence, [steps, features] or [steps, …]"
    );
    assert_eq!(says::<Each<Dense<3, 4>>, Defaults, [[f32; 2]; 5]>().unwrap(), "takes 3 features at each step");
    assert_eq!(says::<Each<Dropout>, Defaults, [[f32; 2]; 5]>().unwrap(), "needs a rate at each step");
    assert_eq!(
        says::<Each<Lstm<3, 4>>, Defaults, [[f32; 3]; 5]>().unwrap(),
        "takes a sequence [steps, 3] at each step"
    );
    assert_eq!(
        says::<Each<BatchNormalization<3>>, Defaults, [[u32; 3]; 5]>().unwrap(),
        "takes numbers (`f32`) at each step"
    );
    assert_eq!(
        says::<Each<Embedding<9, 4>>, Defaults, [[[[[[u32; 1]; 1]; 1]; 1]; 1]; 6]>().unwrap(),
        "would give [1, 1, 1, 1, 1, 4] at each step, which with the steps is more than six dimensions"
    );
    assert_eq!(
        says::<Each<NoNegatives>, Defaults, [[u32; 1]; 6]>().unwrap(),
        "cannot take ids to a layer that looks at the whole batch"
    );
}

use super::*;
use crate::layers::testing::{Run, differences, initialized, run, run_in, says};
use crate::shape::Shape;
use crate::weights::{Defaults, Options, Parameters};

type Two = BatchNormalization<2>;

struct Half;
impl OptionsOf<Two> for Half {
    const VALUE: BatchNormalizationOptions = BatchNormalizationOptions::DEFAULT.momentum(0.5).epsilon(0.0);
}
struct Beyond;
impl OptionsOf<Two> for Beyond {
    const VALUE: BatchNormalizationOptions = BatchNormalizationOptions::DEFAULT.momentum(1.5);
}
struct Negative;
impl OptionsOf<Two> for Negative {
    const VALUE: BatchNormalizationOptions = BatchNormalizationOptions::DEFAULT.epsilon(-1.0);
}

fn layer() -> Box<Two> {
    let mut layer = initialized::<Two>();
    layer.moving_variance = [0.25, 2.0];
    layer
}

#[test]
fn the_features_must_be_those_of_the_type() {
    assert_eq!(<Two as Layer<[[f32; 2]; 3]>>::OUTPUT.shape, Shape::new(&[3, 2]));
    assert_eq!(says::<Two, Half, [[f32; 2]; 3]>(), None);
    assert_eq!(says::<Two, Defaults, [f32; 3]>().unwrap(), "takes 2 features");
    assert!(says::<Two, Defaults, [u32; 2]>().unwrap().starts_with("takes numbers"));
    assert_eq!(says::<Two, Beyond, [f32; 2]>().unwrap(), "the momentum must be from 0 to 1");
    assert_eq!(says::<Two, Negative, [f32; 2]>().unwrap(), "epsilon must be a number of at least 0");
    assert_eq!((<Two as Parameters>::COUNT, <Two as Parameters>::NON_TRAINABLE), (8, 4));
}

struct First;
impl OptionsOf<Two> for First {
    const VALUE: BatchNormalizationOptions = BatchNormalizationOptions::DEFAULT.axis(1);
}

#[test]
fn the_features_lie_on_any_axis() {
    assert_eq!(<Two as Layer<[[f32; 3]; 2], First>>::OUTPUT.shape, Shape::new(&[2, 3]));
    assert_eq!(says::<Two, First, [[f32; 3]; 2]>(), None);
    assert_eq!(says::<Two, First, [[f32; 2]; 3]>().unwrap(), "takes 2 features along its axis");
    let deviation = |weights: &[f64], i: usize| libm::sqrt(weights[6 + i] + 1e-3);
    differences::<_, First, [[f32; 3]; 2], [[f32; 3]; 2]>(
        &*layer(),
        &[[[0.3, 7.0, -1.0], [-1.0, 0.5, 0.2]], [[1.2, -0.4, 0.1], [0.0, 2.0, -2.0]]],
        |w, x| (0..6).map(|i| w[i / 3] * (x[i] - w[4 + i / 3]) / deviation(w, i / 3) + w[2 + i / 3]).collect(),
    );
}

#[test]
fn inference_takes_the_moving_statistics() {
    let deviation = |weights: &[f64], i: usize| libm::sqrt(weights[6 + i] + 1e-3);
    differences::<_, Defaults, [[f32; 2]; 2], [[f32; 2]; 2]>(
        &*layer(),
        &[[[0.3, 7.0], [-1.0, 0.5]], [[1.2, -0.4], [0.0, 2.0]]],
        |w, x| (0..4).map(|i| w[i % 2] * (x[i] - w[4 + i % 2]) / deviation(w, i % 2) + w[2 + i % 2]).collect(),
    );
}

/// What training makes of a batch, in `f64`.
fn formula(gamma: &[f64], beta: &[f64], batch: &[f64]) -> Vec<f64> {
    let count = (batch.len() / 2) as f64;
    let column = |i: usize| batch.iter().skip(i % 2).step_by(2);
    let mean = |i: usize| column(i).sum::<f64>() / count;
    let variance = |i: usize| column(i).map(|x| (x - mean(i)) * (x - mean(i))).sum::<f64>() / count;
    let y = |(i, x): (usize, &f64)| gamma[i % 2] * (x - mean(i)) / libm::sqrt(variance(i) + 1e-3) + beta[i % 2];
    batch.iter().enumerate().map(y).collect()
}

#[test]
fn training_goes_through_the_statistics_of_the_batch() {
    let (layer, x) = (layer(), [[[0.3_f32, 7.0], [-1.0, 0.5]], [[1.2, -0.4], [0.1, 2.0]]]);
    let Run { y, dy, dx, gradient } = run_in::<_, Defaults, _, [[f32; 2]; 2]>(&*layer, &x, true);
    let wide = |x: &[f32]| x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
    let [x, y, dy, dx] = [&x[..], &y, &dy, &dx].map(|rows| wide(rows.as_flattened().as_flattened()));
    let all = [wide(&layer.gamma), wide(&layer.beta), x].concat();
    let of = |all: &[f64]| formula(&all[..2], &all[2..4], &all[4..]);
    let loss = |all: &[f64]| of(all).iter().zip(&dy).map(|(y, dy)| y * dy).sum::<f64>();
    let slope = |index: usize| {
        let (mut up, mut down) = (all.clone(), all.clone());
        (up[index], down[index]) = (all[index] + 1e-6, all[index] - 1e-6);
        (loss(&up) - loss(&down)) / 2e-6
    };
    let found = [wide(&gradient.gamma), wide(&gradient.beta), dx].concat();
    assert!(y.iter().zip(of(&all)).all(|(y, expected)| (y - expected).abs() < 1e-6), "{y:?}");
    for (index, found) in found.iter().enumerate() {
        assert!((found - slope(index)).abs() < 2e-6, "{index}: {found}, but the formula gives {}", slope(index));
    }
    assert_eq!((gradient.moving_mean, gradient.moving_variance), ([0.0; 2], [0.0; 2]));
}

#[test]
fn a_frozen_layer_trains_as_in_inference() {
    let (layer, x) = (layer(), [[0.3, 7.0], [-1.0, 0.5]]);
    let inference = run::<_, Defaults, _, [f32; 2]>(&*layer, &x);
    let (mut saved, mut scratch, mut y, mut dx) = ([f32::NAN; 6], [f32::NAN; 4], [[0.0; 2]; 2], [[0.0; 2]; 2]);
    let random = crate::Random::new(0);
    let mut cx = Forward::new(&mut saved, &mut []).training(random).trainable(false);
    Layer::<[f32; 2]>::forward(&*layer, &mut cx, &x, &mut y);
    let mut cx = Backward::new(None, &mut saved, &mut scratch).training(random);
    TrainLayer::<[f32; 2]>::backward(&*layer, &mut cx, &x, &y, &mut inference.dy.clone(), Some(&mut dx));
    assert_eq!((&y[..], &dx[..]), (&inference.y[..], &inference.dx[..]));
}

#[test]
fn moving_statistics_follow_the_batch() {
    let (mut layer, mut saved, mut y) = (layer(), [f32::NAN; 6], [[0.0; 2]; 2]);
    (layer.moving_mean, layer.moving_variance) = ([2.0, 0.0], [3.0, 1.0]);
    let mut cx = Forward::new(&mut saved, &mut []).training(crate::Random::new(0));
    Layer::<[f32; 2], Half>::forward(&*layer, &mut cx, &[[0.0, 4.0], [2.0, 8.0]], &mut y);
    Layer::<[f32; 2], Half>::update_state(&mut *layer, &mut State::new(0, &mut saved));
    assert_eq!((layer.moving_mean, layer.moving_variance), ([2.0, 0.0], [3.0, 1.0]));
    Layer::<[f32; 2], Half>::update_state(&mut *layer, &mut State::new(2, &mut saved));
    assert_eq!((layer.moving_mean, layer.moving_variance), ([1.5, 3.0], [2.0, 2.5]));
}

use super::*;
use crate::layers::testing::{differences, initialized, says};
use crate::shape::Shape;
use crate::weights::{Defaults, Options, Parameters};

type Three = LayerNormalization<3>;

struct Half;
impl OptionsOf<Three> for Half {
    const VALUE: LayerNormalizationOptions = LayerNormalizationOptions::DEFAULT.epsilon(0.5);
}
struct Negative;
impl OptionsOf<Three> for Negative {
    const VALUE: LayerNormalizationOptions = LayerNormalizationOptions::DEFAULT.epsilon(-1.0);
}

#[test]
fn the_features_must_be_those_of_the_type() {
    assert_eq!(<Three as Layer<[[f32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[2, 3]));
    assert_eq!(says::<Three, Half, [[f32; 3]; 2]>(), None);
    assert_eq!(says::<Three, Defaults, [f32; 4]>().unwrap(), "takes 3 features");
    assert!(says::<Three, Defaults, [u32; 3]>().unwrap().starts_with("takes numbers"));
    assert_eq!(says::<Three, Negative, [f32; 3]>().unwrap(), "epsilon must be a number of at least 0");
    assert_eq!((<Three as Parameters>::COUNT, <Three as Parameters>::NON_TRAINABLE), (6, 0));
}

/// The formula in `f64`, of flat weights and one flat sample.
fn formula(features: usize, epsilon: f64) -> impl Fn(&[f64], &[f64]) -> Vec<f64> {
    move |weights, x| {
        let of_row = |x: &[f64]| {
            let mean = x.iter().sum::<f64>() / features as f64;
            let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / features as f64;
            let y = |i: usize| weights[i] * (x[i] - mean) / libm::sqrt(variance + epsilon) + weights[features + i];
            (0..features).map(y).collect::<Vec<_>>()
        };
        x.chunks(features).flat_map(of_row).collect()
    }
}

#[test]
fn each_vector_is_normalized_by_itself() {
    let x = [[[0.3, 7.0, -1.0], [-1.0, 0.5, 0.25]], [[1.2, -0.4, 0.1], [0.0, 2.0, 2.0]]];
    differences::<_, Defaults, [[f32; 3]; 2], [[f32; 3]; 2]>(&*initialized::<Three>(), &x, formula(3, 1e-3));
    differences::<_, Half, [[f32; 3]; 2], [[f32; 3]; 2]>(&*initialized::<Three>(), &x, formula(3, 0.5));
}

struct Of<const AXIS: isize>;
impl<const AXIS: isize> OptionsOf<Two> for Of<AXIS> {
    const VALUE: LayerNormalizationOptions = LayerNormalizationOptions::DEFAULT.axis(AXIS);
}
type Two = LayerNormalization<2>;
type Cube = [[[f32; 3]; 2]; 4];

struct Outer;
impl<const FEATURES: usize> OptionsOf<LayerNormalization<FEATURES>> for Outer {
    const VALUE: LayerNormalizationOptions = LayerNormalizationOptions::DEFAULT.axes([3, 1]).shape([4, 3]);
}
struct Unshaped;
impl<const FEATURES: usize> OptionsOf<LayerNormalization<FEATURES>> for Unshaped {
    const VALUE: LayerNormalizationOptions = LayerNormalizationOptions::DEFAULT.axes([1, 3]);
}

fn cubes() -> [Cube; 2] {
    let mut at = 0.0_f32;
    [[[[(); 3]; 2]; 4]; 2].map(|x| {
        x.map(|x| {
            x.map(|x| {
                x.map(|()| {
                    at += 0.7;
                    at.sin()
                })
            })
        })
    })
}

/// The formula in `f64` where a number's vector and its place in there are known.
fn formula_of(weights: &[f64], x: &[f64], place: impl Fn(usize) -> (usize, usize)) -> Vec<f64> {
    let features = weights.len() / 2;
    let y = |at: usize| {
        let (vector, feature) = place(at);
        let of: Vec<f64> = (0..x.len()).filter(|i| place(*i).0 == vector).map(|i| x[i]).collect();
        let mean = of.iter().sum::<f64>() / features as f64;
        let variance = of.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / features as f64;
        weights[feature] * (x[at] - mean) / libm::sqrt(variance + 1e-3) + weights[features + feature]
    };
    (0..x.len()).map(y).collect()
}

#[test]
fn vectors_lie_along_any_axes() {
    differences::<_, Of<2>, Cube, Cube>(&*initialized::<Two>(), &cubes(), |weights, x| {
        formula_of(weights, x, |i| (i / 6 * 3 + i % 3, i / 3 % 2))
    });
    let layer = initialized::<LayerNormalization<12>>();
    differences::<_, Outer, Cube, Cube>(&*layer, &cubes(), |weights, x| {
        formula_of(weights, x, |i| (i / 3 % 2, i / 6 * 3 + i % 3))
    });
}

#[test]
fn there_are_as_many_features_as_lie_along_the_axes() {
    type Twelve = LayerNormalization<12>;
    assert_eq!(says::<Twelve, Outer, Cube>(), None);
    assert_eq!(says::<Two, Outer, Cube>().unwrap(), "takes 2 features along its axes");
    assert_eq!(says::<Twelve, Unshaped, Cube>().unwrap(), "needs the shape of its weights");
    let other = says::<Twelve, Outer, [[[f32; 4]; 2]; 3]>().unwrap();
    assert_eq!(other, "along the axes a sample has [3, 4]; write `shape = [3, 4]`");
    assert!(says::<Two, Of<4>, Cube>().unwrap().starts_with("a sample is [4, 2, 3], so its axes are 1 to 3"));
    let entries = <Twelve as Parameters<Outer>>::ENTRIES;
    assert!(matches!(&entries[0].kind, crate::weights::Kind::Array(array) if array.shape == Shape::new(&[4, 3])));
}

#[test]
fn vectors_longer_than_the_lanes_are_whole() {
    type Long = LayerNormalization<37>;
    let x = [core::array::from_fn(|i| (i * i % 11) as f32 - 4.0), core::array::from_fn(|i| 0.1 * i as f32)];
    differences::<_, Defaults, [f32; 37], [f32; 37]>(&*initialized::<Long>(), &x, formula(37, 1e-3));
}

#[test]
fn a_vector_far_from_zero_keeps_its_digits() {
    let (x, mut y) = ([[1e4_f32 + 1.0, 1e4 + 2.0, 1e4 + 3.0]], [[0.0_f32; 3]]);
    let layer: Three = LayerNormalization { gamma: [1.0; 3], beta: [0.0; 3] };
    <Three as Layer<[f32; 3]>>::forward(&layer, &mut Forward::new(&mut [], &mut []), &x, &mut y);
    let expected = 1.0 / libm::sqrt(2.0 / 3.0 + 1e-3) as f32;
    for (y, expected) in y[0].iter().zip([-expected, 0.0, expected]) {
        assert!((y - expected).abs() < 1e-5, "{y}");
    }
}

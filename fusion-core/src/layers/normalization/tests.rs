//! The layer alone.

use super::*;
use crate::layers::testing::{differences, run, says};
use crate::shape::Shape;
use crate::weights::{Defaults, Options, Parameters, walk_ref};

struct Invert;
impl OptionsOf<Normalization<2>> for Invert {
    const VALUE: NormalizationOptions = NormalizationOptions::DEFAULT.invert(true);
}

macro_rules! given {
    ($($name:ident: $($option:ident = $value:expr),+;)+) => {
        $(struct $name;
        impl<S: Tensor<Element = f32>> OptionsOf<Normalization<2, S>> for $name {
            const VALUE: NormalizationOptions = NormalizationOptions::DEFAULT$(.$option($value))+;
        })+
    };
}
given! {
    Given2: mean = &[1.0, -2.0], variance = &[4.0, 0.25];
    OneForAll: mean = &1.0, variance = &[4.0, 0.25];
    MeanAlone: mean = &1.0;
    VarianceAlone: variance = &1.0;
    Three: mean = &[1.0; 3], variance = &[1.0; 3];
    Negative: mean = &-1.0, variance = &-1.0;
}

type Rows = [[f32; 2]; 3];
type OfRows = Normalization<2, [[f32; 1]; 3]>;

const LAYER: Normalization<2> = Normalization { mean: [1.0, -2.0], variance: [4.0, 0.0] };

#[test]
fn the_features_must_be_those_of_the_type() {
    assert_eq!(<Normalization<3> as Layer<[[f32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[2, 3]));
    assert_eq!(says::<Normalization<3>, Defaults, [[f32; 3]; 2]>(), None);
    assert_eq!(says::<Normalization<3>, Defaults, [f32; 4]>().unwrap(), "takes 3 features");
    assert!(says::<Normalization<3>, Defaults, [u32; 3]>().unwrap().starts_with("takes numbers"));
}

#[test]
fn a_constant_feature_is_divided_by_epsilon() {
    let run = run::<_, Defaults, _, [f32; 2]>(&LAYER, &[[2.0, -2.0], [-1.0, -1.0]]);
    assert_eq!(run.y, [[0.5, 0.0], [-1.0, 1e7]]);
    assert_eq!(run.dx, run.dy.iter().map(|dy| [dy[0] / 2.0, dy[1] / EPSILON]).collect::<Vec<_>>());
}

#[test]
fn invert_is_the_way_back() {
    let normal = run::<_, Defaults, _, [[f32; 2]; 2]>(&LAYER, &[[[2.0, -2.0], [-1.5, -2.0]]]);
    let back = run::<_, Invert, _, [[f32; 2]; 2]>(&LAYER, &normal.y);
    assert_eq!(back.y, [[[2.0, -2.0], [-1.5, -2.0]]]);
}

#[test]
fn the_gradient_is_that_of_differences() {
    let layer: Normalization<2> = Normalization { mean: [1.0, -2.0], variance: [4.0, 0.3] };
    let deviation = |weights: &[f64], i: usize| libm::sqrt(weights[2 + i]);
    differences::<_, Defaults, [f32; 2], [f32; 2]>(&layer, &[[0.3, 7.0]], |weights, x| {
        (0..2).map(|i| (x[i] - weights[i]) / deviation(weights, i)).collect()
    });
    differences::<_, Invert, [f32; 2], [f32; 2]>(&layer, &[[0.3, 7.0]], |weights, x| {
        (0..2).map(|i| weights[i] + x[i] * deviation(weights, i)).collect()
    });
}

#[test]
fn adapt_takes_the_moments_of_all_positions() {
    let mut layer: Normalization<2> = Normalization { mean: [0.0; 2], variance: [1.0; 2] };
    layer.adapt(&[[[1e4, 1.0], [1e4 + 1.0, 2.0]], [[1e4, 3.0], [1e4 + 1.0, 6.0]]]).unwrap();
    assert_eq!((layer.mean, layer.variance), ([1e4 + 0.5, 3.0], [0.25, 3.5]));
}

#[test]
fn adapt_keeps_the_statistics_of_the_places_that_have_their_own() {
    let rows = [[[1.0, 3.0], [5.0, 5.0], [0.0, 2.0]], [[1.0, 3.0], [7.0, 7.0], [0.0, 4.0]]];
    let mut steps = OfRows { mean: [[0.0]; 3], variance: [[1.0]; 3] };
    steps.adapt(&rows).unwrap();
    assert_eq!((steps.mean, steps.variance), ([[2.0], [6.0], [1.5]], [[1.0], [1.0], [2.75]]));
    let mut all: Normalization<2, f32> = Normalization { mean: 0.0, variance: 1.0 };
    all.adapt(&[[1.0, 2.0], [3.0, 6.0]]).unwrap();
    assert_eq!((all.mean, all.variance), (3.0, 3.5));
    let mut each: Normalization<2, Rows> = Normalization { mean: [[0.0; 2]; 3], variance: [[1.0; 2]; 3] };
    each.adapt(&rows).unwrap();
    assert_eq!(each.mean, [[1.0, 3.0], [6.0, 6.0], [0.0, 3.0]]);
}

#[test]
fn after_an_error_the_layer_is_as_it_was() {
    let mut layer = LAYER;
    let error = layer.adapt(&[[1.0, 2.0], [f32::NAN, 3.0]]).unwrap_err();
    assert!(matches!(error, AdaptError::NotFinite { row: 1, position: 0, .. }), "{error}");
    assert_eq!(layer.adapt::<[f32; 2]>(&[]), Err(AdaptError::NoRows));
    assert_eq!(layer, LAYER);
}

#[test]
fn statistics_are_those_of_their_places() {
    let layer = OfRows { mean: [[0.5], [-1.0], [2.0]], variance: [[1.0], [4.0], [0.3]] };
    let x = [[[1.0, 3.0], [5.0, 4.0], [0.1, 2.0]]];
    differences::<_, Defaults, Rows, Rows>(&layer, &x, |weights, x| {
        (0..6).map(|i| (x[i] - weights[i / 2]) / libm::sqrt(weights[3 + i / 2])).collect()
    });
    assert_eq!(<OfRows as Layer<[[f32; 2]; 3]>>::OUTPUT.shape, Shape::new(&[3, 2]));
    assert_eq!(
        says::<OfRows, Defaults, [[f32; 2]; 4]>().unwrap(),
        "has a mean for each place of [3, 1], where 1 is for all"
    );
    assert!(says::<OfRows, Defaults, [f32; 2]>().is_some());
    assert_eq!(says::<Normalization<2, f32>, Defaults, [[f32; 2]; 4]>(), None);
}

#[test]
fn given_statistics_are_no_weights() {
    let layer: Normalization<2> = Normalization { mean: [f32::NAN; 2], variance: [f32::NAN; 2] };
    let run = run::<_, Given2, _, [f32; 2]>(&layer, &[[2.0, -2.0]]);
    assert_eq!((run.y, run.dx), (vec![[0.5, 0.0]], vec![[run.dy[0][0] / 2.0, run.dy[0][1] / 0.5]]));
    assert_eq!(super::tests::run::<_, OneForAll, _, [f32; 2]>(&layer, &[[2.0, -2.0]]).y, [[0.5, -6.0]]);
    assert_eq!(<Normalization<2> as Parameters<Given2>>::COUNT, 0);
    assert_eq!(<Normalization<2> as Parameters>::COUNT, 4);
}

#[test]
fn given_statistics_go_together() {
    fn of<O: OptionsOf<Normalization<2>>>() -> String {
        says::<Normalization<2>, O, [f32; 2]>().unwrap()
    }
    let together = "`mean` and `variance` are given together or not at all";
    assert_eq!((of::<MeanAlone>().as_str(), of::<VarianceAlone>().as_str()), (together, together));
    assert_eq!(of::<Three>(), "`mean` is [3], but has to be [2] or one number, `&0.5`");
    assert_eq!(of::<Negative>(), "`variance` must be finite and not negative");
}

#[test]
fn no_optimizer_moves_it() {
    let mut names = vec![];
    walk_ref(&LAYER, &mut |parameter, values| {
        names.push((parameter.name(), parameter.trainable, values.to_vec()));
    });
    assert_eq!(names, [("mean", false, vec![1.0, -2.0]), ("variance", false, vec![4.0, 0.0])]);
    assert_eq!(<Normalization<2> as Parameters>::NON_TRAINABLE, 4);
}

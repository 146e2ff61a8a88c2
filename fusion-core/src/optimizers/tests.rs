//! What all optimizers do around their formulas, and rules that keep something else than a number for each weight.

use core::ops::Bound::{Excluded, Unbounded};

use fusion_macros::Parameters;

use super::*;
use crate::shape::{Shape, zeroed_box};
use crate::weights::{Initializer, walk};

/// Vectors for ids, whose gradient comes in rows; an array of another length than whole vectors; one of ones that no
/// optimizer moves.
#[repr(C)]
#[derive(Clone, PartialEq, Debug, Parameters)]
struct Net {
    #[parameter(sparse)]
    vectors: [[f32; 2]; 4],
    #[parameter(initializer = Initializer::Zeros)]
    other: [f32; 3],
    #[parameter(trainable = false, initializer = Initializer::Zeros)]
    frozen: [f32; 5],
    kernel: [[f32; 7]; 5],
}

/// Four uses of the ids 1, 1, 1 and 2, as a layer adds them up: their gradients and the squares of these.
fn gradients() -> (Box<Net>, Box<Net>) {
    let (mut gradient, mut squares) = (zeroed_box::<Net>(), zeroed_box::<Net>());
    for (id, dy) in [(1, [1.0, 2.0]), (1, [2.0, -1.0]), (1, [3.0, 0.5]), (2, [4.0_f32, 4.0])] {
        for ((g, square), dy) in gradient.vectors[id].iter_mut().zip(&mut squares.vectors[id]).zip(dy) {
            *g += dy;
            *square += dy * dy;
        }
    }
    gradient.other = [1.0, 2.0, 2.0];
    gradient.frozen = [1e6; 5];
    (gradient, squares)
}

/// The weights after one step from zero.
fn after_a_step(optimizer: &impl Optimizer) -> Box<Net> {
    let (mut net, (mut gradient, mut squares)) = (zeroed_box::<Net>(), gradients());
    optimizer.apply(0, &mut *net, &mut *gradient, Some(&mut *squares), &mut OptimizerState::default());
    let zero = zeroed_box::<Net>();
    assert_eq!((&*gradient, &*squares), (&*zero, &*zero));
    assert_eq!((net.frozen, net.kernel), (zero.frozen, zero.kernel));
    net
}

/// The weights that Keras 3.15.1 on TensorFlow has after `Adam(0.5, beta_1=0.5, beta_2=0.5, epsilon=0.1)` made one step
/// with these gradients: it clips by the squares of the rows, and keeps rows apart after `clipnorm` only.
#[test]
fn gradients_in_rows_are_clipped_as_keras_clips_them() {
    let adam = || Adam::new(0.5).beta_1(0.5).beta_2(0.5).epsilon(0.1);
    let check = |optimizer: Adam, vectors: [[f32; 2]; 2], other: [f32; 2]| {
        let net = after_a_step(&optimizer);
        assert_eq!((net.vectors[0], net.vectors[3]), ([0.0; 2], [0.0; 2]));
        let found = [net.vectors[1], net.vectors[2], [net.other[0], net.other[1]]].concat();
        let expected = [vectors[0], vectors[1], other].concat();
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 2e-7, "{found:?} instead of {expected:?} with {optimizer:?}");
        }
        assert_eq!(net.other[1], net.other[2]);
    };
    check(adam(), [[-0.772_582_8, -0.308_298_23], [-0.482_926; 2]], [-0.438_050_3, -0.466_979_56]);
    check(adam().clipnorm(2.0), [[-0.706_236_5, -0.268_096_57], [-0.443_831_8; 2]], [-0.412_496_27, -0.452_052_53]);
    check(
        adam().global_clipnorm(2.0),
        [[-0.458_094_8, -0.366_056_8], [-0.439_670_35; 2]],
        [-0.322_817_56, -0.392_331_9],
    );
}

#[test]
fn what_is_within_the_bounds_stays_as_it_is() {
    let free = after_a_step(&Adam::new(0.5));
    assert_eq!(after_a_step(&Adam::new(0.5).clipnorm(7.2)), free);
    // What was a sum of rows is a gradient like others to these two, whose moments are its squares.
    let sum = after_a_step(&Sgd::new(0.5));
    assert_eq!(after_a_step(&Sgd::new(0.5).global_clipnorm(7.8)), sum);
    assert_eq!(after_a_step(&Sgd::new(0.5).clipvalue(6.0)), sum);
    assert_eq!(after_a_step(&Sgd::new(0.5).clipvalue(1.5)).vectors[1], [-0.75, -0.75]);
}

#[test]
fn a_norm_that_is_no_number_is_seen_in_the_weights() {
    for optimizer in [Sgd::new(0.1).clipnorm(1.0), Sgd::new(0.1).global_clipnorm(1.0)] {
        for bad in [f32::NAN, f32::INFINITY] {
            let (mut net, mut gradient) = (zeroed_box::<Net>(), zeroed_box::<Net>());
            gradient.other[1] = bad;
            optimizer.apply(0, &mut *net, &mut *gradient, None, &mut OptimizerState::default());
            assert!(net.other[1].is_nan(), "{bad} with {optimizer:?}");
        }
    }
}

#[test]
fn a_norm_keeps_its_digits_where_squares_have_none_in_f32() {
    let (mut net, mut gradient) = (zeroed_box::<Net>(), zeroed_box::<Net>());
    gradient.kernel = [[1e30; 7]; 5];
    Sgd::new(1.0).clipnorm(5.916_08).apply(0, &mut *net, &mut *gradient, None, &mut OptimizerState::default());
    assert!(net.kernel.as_flattened().iter().all(|w| (w + 1.0).abs() < 1e-6), "{:?}", net.kernel);
}

#[test]
fn weights_decay_after_the_gradient_is_clipped_and_before_the_step() {
    let (mut net, mut gradient) = (zeroed_box::<Net>(), zeroed_box::<Net>());
    (net.other, net.frozen, gradient.other) = ([1.0; 3], [1.0; 5], [8.0; 3]);
    let optimizer = Sgd::new(0.5).weight_decay(0.5).clipvalue(1.0);
    optimizer.apply(0, &mut *net, &mut *gradient, None, &mut OptimizerState::default());
    assert_eq!((net.other, net.frozen), ([1.0 - 0.25 - 0.5; 3], [1.0; 5]));
}

/// A step with the mean of two batches' gradients is the step with a batch that is both.
#[test]
fn gradients_of_several_batches_make_one_step() {
    let [mut at_once, mut in_parts] = [zeroed_box::<Net>(), zeroed_box::<Net>()];
    let [mut whole, mut parts] = [OptimizerState::default(), OptimizerState::default()];
    let [once, twice] =
        [|| Adam::new(0.1).clipnorm(2.0), || Adam::new(0.1).clipnorm(2.0).gradient_accumulation_steps(2)];
    let mut gradient = zeroed_box::<Net>();
    for step in 0..6 {
        let before = in_parts.clone();
        gradient.kernel.iter_mut().for_each(|row| row.iter_mut().for_each(|g| *g += step as f32));
        twice().apply(step, &mut *in_parts, &mut *gradient, None, &mut parts);
        if step % 2 == 0 {
            assert_eq!(in_parts, before, "step {step}");
            continue;
        }
        assert_eq!(gradient.kernel, [[0.0; 7]; 5]);
        let mut mean = zeroed_box::<Net>();
        mean.kernel = [[step as f32 - 0.5; 7]; 5];
        once().apply(step / 2, &mut *at_once, &mut *mean, None, &mut whole);
        assert_eq!(in_parts, at_once, "step {step}");
    }
    assert!(in_parts.kernel[0][0] < -0.2);
}

#[test]
fn options_that_cannot_be_are_errors() {
    let text = |optimizer: &dyn Fn() -> Result<(), OptimizerError>| optimizer().unwrap_err().to_string();
    for (bound, name) in [(0.0, "0"), (-1.5, "-1.5"), (f64::NAN, "NaN"), (f64::INFINITY, "inf"), (1e-60, "1e-60")] {
        let name = name.replace("1e-60", &format!("{bound}"));
        let expected = |option| format!("the optimizer's `{option}` is {name}; it must be a number above 0");
        assert_eq!(text(&|| Adam::default().clipnorm(bound).check()), expected("clipnorm"));
        assert_eq!(text(&|| Sgd::default().clipvalue(bound).check()), expected("clipvalue"));
        assert_eq!(text(&|| RmsProp::default().global_clipnorm(bound).check()), expected("global_clipnorm"));
    }
    let both = |first, second| format!("the optimizer has both `{first}` and `{second}`; it can have one of them");
    assert_eq!(
        text(&|| Adam::default().global_clipnorm(1.0).clipnorm(1.0).check()),
        both("clipnorm", "global_clipnorm")
    );
    assert_eq!(text(&|| Sgd::default().clipvalue(1.0).clipnorm(1.0).check()), both("clipnorm", "clipvalue"));
    let most = "the optimizer's `momentum` is 1.5; it must be a number of at least 0 and at most 1";
    assert_eq!(text(&|| Sgd::new(0.1).momentum(1.5).check()), most);
    let below = "the optimizer's `beta_2` is 1; it must be a number of at least 0 and below 1";
    assert_eq!(text(&|| AdamW::new(0.1).beta_2(1.0).check()), below);
    let least = "the optimizer's `gradient_accumulation_steps` is 1; it must be a number of at least 2";
    assert_eq!(text(&|| Adam::new(0.1).gradient_accumulation_steps(1).check()), least);
    let decay = OptimizerError::unless_within("weight_decay", -0.1, 0.0..);
    assert_eq!(Adam::new(0.1).weight_decay(-0.1).check(), decay);
    let above = OptimizerError::unless_within("x", -2.0, (Excluded(-1.0), Unbounded)).unwrap_err().to_string();
    assert!(above.ends_with("above -1"), "{above}");
    Adam::default().clipnorm(1.0).gradient_accumulation_steps(4).check().unwrap();
    AdamW::default().weight_decay(0.0).check().unwrap();
}

/// A rule that keeps factored rows, a number for an array and one for all, and some of it only if it is told to.
struct Counting {
    base: Base,
    columns: bool,
}

impl AsRef<Base> for Counting {
    fn as_ref(&self) -> &Base {
        &self.base
    }
}

impl AsMut<Base> for Counting {
    fn as_mut(&mut self) -> &mut Base {
        &mut self.base
    }
}

impl Rule for Counting {
    const SLOTS: &'static [Slot<Self>] = &[
        Slot::new("rows").length(Shape::positions),
        Slot::new("columns").length(Shape::last).when(|rule: &Self| rule.columns).initial(|_| 0.5),
        Slot::new("arrays").length(|_| 1).initial(|_| 100.0),
    ];
    const SHARED: &'static [Slot<Self>] = &[Slot::new("steps"), Slot::new("factor").initial(|_| 2.0)];
    type Constants = f32;

    fn constants(&self, step: Step, shared: &mut [f32]) -> f32 {
        assert_eq!(shared, [step.iterations as f32, 2.0 + step.iterations as f32]);
        shared.iter_mut().for_each(|number| *number += 1.0);
        shared[1]
    }

    fn update(&self, factor: f32, array: &mut Update<'_, Self>) {
        let (shape, last) = (array.shape, array.shape.last());
        let (weights, gradient, [rows, columns, arrays]) = array.parts();
        assert_eq!((rows.len(), arrays.len()), (shape.positions(), 1));
        assert_eq!(columns.len(), if self.columns { last } else { 0 });
        assert!([&*rows, &*columns, &*arrays].iter().all(|slot| slot.as_ptr().addr().is_multiple_of(64)));
        for (row, g) in rows.iter_mut().zip(gradient.chunks_exact(last)) {
            *row += g.iter().sum::<f32>();
        }
        for (index, column) in columns.iter_mut().enumerate() {
            *column += gradient.iter().skip(index).step_by(last).sum::<f32>();
        }
        arrays[0] += factor;
        weights[0] = arrays[0];
        weights[1] = rows[shape.positions() - 1];
        weights[2] = columns.last().copied().unwrap_or(-1.0);
    }
}

#[test]
fn a_rule_keeps_what_it_asks_for() {
    for columns in [true, false] {
        let optimizer = Counting { base: Base::new(0.1), columns };
        let names: &[&str] = if columns { &["rows", "columns", "arrays"] } else { &["rows", "arrays"] };
        assert!(optimizer.slots().eq(names.iter().copied()));
        let (mut net, mut gradient) = (zeroed_box::<Net>(), zeroed_box::<Net>());
        let mut state = OptimizerState::default();
        for step in 1..=3_u8 {
            gradient.kernel = [[1.0; 7]; 5];
            optimizer.apply(u64::from(step) - 1, &mut *net, &mut *gradient, None, &mut state);
            assert_eq!(gradient.kernel, [[0.0; 7]; 5], "a rule that is no formula for each weight leaves it to others");
            let step = f32::from(step);
            let arrays = 100.0 + [3.0, 7.0, 12.0][step as usize - 1];
            assert_eq!(net.kernel[0][..2], [arrays, 7.0 * step]);
            assert_eq!(net.kernel[0][2], if columns { 0.5 + 5.0 * step } else { -1.0 });
            assert_eq!(net.other, [arrays, 0.0, if columns { 0.5 } else { -1.0 }]);
        }
    }
}

#[test]
#[should_panic(expected = "the state is that of another optimizer or of another model")]
fn a_state_of_an_optimizer_that_keeps_less() {
    let (mut net, mut gradient, mut state) = (zeroed_box::<Net>(), zeroed_box::<Net>(), OptimizerState::default());
    Sgd::new(0.1).apply(0, &mut *net, &mut *gradient, None, &mut state);
    Adam::new(0.1).apply(1, &mut *net, &mut *gradient, None, &mut state);
}

#[test]
#[should_panic(expected = "the state is that of another optimizer or of another model")]
fn a_state_of_an_optimizer_that_keeps_more() {
    let (mut net, mut gradient, mut state) = (zeroed_box::<Net>(), zeroed_box::<Net>(), OptimizerState::default());
    Adam::new(0.1).apply(0, &mut *net, &mut *gradient, None, &mut state);
    Sgd::new(0.1).momentum(0.9).apply(1, &mut *net, &mut *gradient, None, &mut state);
}

/// The formulas number by number, in `f64`, on arrays that are whole blocks and that are not.
#[test]
fn formulas_are_applied_to_every_weight() {
    let (mut net, mut state) = (zeroed_box::<Net>(), OptimizerState::default());
    let mut expected: Vec<Vec<[f64; 3]>> = Vec::new();
    let optimizer = RmsProp::new(0.1).rho(0.5).momentum(0.5);
    for step in 0..3 {
        let (mut gradient, mut index) = (zeroed_box::<Net>(), 0);
        walk([&mut *gradient], &mut |_, [gradient]| {
            expected.resize_with(expected.len().max(index + 1), || vec![[0.0; 3]; gradient.len()]);
            for (i, (g, [w, v, m])) in gradient.iter_mut().zip(&mut expected[index]).enumerate() {
                *g = libm::sinf((i * (step + 2) + index) as f32) + 0.1;
                let (g, keeps) = (f64::from(*g), f64::from(u8::from(index != 2)));
                *v = 0.5 * *v + 0.5 * g * g;
                *m = 0.5 * *m + 0.1 * g / (*v + 1e-7).sqrt();
                *w -= *m * keeps;
            }
            index += 1;
        });
        optimizer.apply(step as u64, &mut *net, &mut *gradient, None, &mut state);
    }
    let mut index = 0;
    walk([&mut *net], &mut |parameter, [weights]| {
        assert_eq!(weights.len(), expected[index].len());
        for (w, [expected, ..]) in weights.iter().zip(&expected[index]) {
            assert!((f64::from(*w) - expected).abs() < 1e-6, "{parameter}: {w} instead of {expected}");
        }
        index += 1;
    });
}

/// The names of the optimizers are written in their own files and in the text of one error.
#[cfg(feature = "std")]
#[test]
fn the_error_of_what_is_no_optimizer_names_them_all() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/optimizers");
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = if path.is_file() { std::fs::read_to_string(path).unwrap() } else { String::new() };
        let declared =
            text.lines().filter_map(|line| line.strip_prefix("    pub struct ")?.split_once("(learning_rate"));
        names.extend(declared.map(|(name, _)| name.to_owned()));
    }
    names.sort();
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (last, others) = names.split_last().unwrap();
    let sentence = format!("note = \"optimizers are {} and {last}: ", others.join(", "));
    assert!(include_str!("mod.rs").contains(&sentence), "the note of `Optimizer` is to begin with {sentence:?}");
}

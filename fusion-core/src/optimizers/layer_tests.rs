//! What options say of single layers and arrays, and averages of weights.

use fusion_macros::Parameters;

use super::*;
use crate::shape::zeroed_box;
use crate::weights::{Initializer, walk};

#[repr(C)]
#[derive(Clone, PartialEq, Debug, Parameters)]
struct Net {
    encoder: Block,
    head: Layer,
    #[parameter(trainable = false, initializer = Initializer::Zeros)]
    frozen: [f32; 5],
}

#[repr(C)]
#[derive(Clone, PartialEq, Debug, Parameters)]
struct Block {
    first: Layer,
    second: Layer,
}

#[repr(C)]
#[derive(Clone, PartialEq, Debug, Parameters)]
struct Layer {
    kernel: [[f32; 2]; 3],
    #[parameter(initializer = Initializer::Zeros)]
    bias: [f32; 2],
}

/// A net of ones after some steps with gradients of ones.
fn after(steps: u64, optimizer: &impl Optimizer) -> Box<Net> {
    let (mut net, mut gradient, mut state) = (zeroed_box::<Net>(), zeroed_box::<Net>(), OptimizerState::default());
    let ones = |net: &mut Net| walk([net], &mut |_, [numbers]| numbers.fill(1.0));
    ones(&mut net);
    for step in 0..steps {
        ones(&mut gradient);
        optimizer.apply(step, &mut *net, &mut *gradient, None, &mut state);
    }
    net
}

/// The first number of each array, and that all are it.
fn firsts(net: &mut Net) -> Vec<f32> {
    let mut firsts = Vec::new();
    walk([net], &mut |_, [numbers]| {
        assert!(numbers.iter().all(|x| *x == numbers[0]), "{numbers:?}");
        firsts.push(numbers[0]);
    });
    firsts
}

#[test]
fn layers_and_arrays_have_learning_rates_of_their_own() {
    let optimizer = Sgd::new(0.5)
        .learning_rate_of("encoder", 0.25)
        .learning_rate_of("second/bias", |step: u64| 0.125 * step as f32)
        .learning_rate_of("head/bias", 0.0);
    optimizer.check_for::<Net>().unwrap();
    assert_eq!(firsts(&mut after(2, &optimizer)), [0.5, 0.5, 0.5, 0.875, 0.0, 1.0, 1.0]);
    let last = Sgd::new(0.5).learning_rate_of("bias", 0.25).learning_rate_of("encoder", 0.0);
    assert_eq!(firsts(&mut after(1, &last)), [1.0, 1.0, 1.0, 1.0, 0.5, 0.75, 1.0]);
}

#[test]
fn rates_of_layers_count_in_decay_and_follow_a_rate_that_is_set() {
    let optimizer = Sgd::new(0.5).weight_decay(0.5).learning_rate_of("head", 0.25).exclude_from_weight_decay(["bias"]);
    let [of_encoder, of_head] = [1.0 - 0.25 - 0.5, 1.0 - 0.125 - 0.25];
    assert_eq!(firsts(&mut after(1, &optimizer)), [of_encoder, 0.5, of_encoder, 0.5, of_head, 0.75, 1.0]);

    let mut optimizer = Sgd::new(0.5).learning_rate_of("head", 0.25);
    for (rate, of_encoder, of_head) in [(0.25, 0.75, 0.875), (0.0, 1.0, 1.0), (1.0, 0.0, 0.5)] {
        optimizer.set_learning_rate(rate);
        let expected = [of_encoder, of_encoder, of_encoder, of_encoder, of_head, of_head, 1.0];
        assert_eq!(firsts(&mut after(1, &optimizer)), expected);
    }
    let mut scheduled = Sgd::new(|_: u64| 0.5).learning_rate_of("head", 0.25);
    scheduled.set_learning_rate(0.125);
    assert_eq!(firsts(&mut after(1, &scheduled))[3..], [0.875, 0.75, 0.75, 1.0]);
}

/// The numbers that there are once move along once a step, however many layers have rates of their own.
#[test]
fn a_rate_of_a_layer_that_is_that_of_all_changes_nothing() {
    let same = |plain: &dyn Fn() -> Box<Net>, own: &dyn Fn() -> Box<Net>| assert_eq!(plain(), own());
    same(&|| after(5, &Nadam::new(0.01)), &|| {
        after(5, &Nadam::new(0.01).learning_rate_of("head", 0.01).learning_rate_of("first/kernel", 0.01))
    });
    same(&|| after(5, &Muon::new(0.01)), &|| after(5, &Muon::new(0.01).learning_rate_of("encoder", 0.01)));
}

#[test]
fn names_that_a_model_does_not_have_are_errors() {
    let text = |error: Result<(), OptimizerError>| error.unwrap_err().to_string();
    let there_are = "there are: encoder/first, encoder/second, head, kernel, bias, frozen";
    assert_eq!(
        text(Adam::default().learning_rate_of("encodr", 0.1).check_for::<Net>()),
        format!(
            "the optimizer's `learning_rate_of` names `encodr`, which is no layer and no weight of the model; {there_are}"
        )
    );
    let excluding = AdamW::default().exclude_from_weight_decay(["bias", "first/bias", "encoder/first", "gamma"]);
    assert_eq!(
        text(excluding.check_for::<Net>()),
        format!(
            "the optimizer's `exclude_from_weight_decay` names `gamma`, which is no layer and no weight of the model; {there_are}"
        )
    );
    let muon = Muon::default().exclude_layers(["head", "encoder/kernel"]);
    assert!(text(muon.check_for::<Net>()).starts_with("the optimizer's `exclude_layers` names `encoder/kernel`"));
    assert!(Adam::default().learning_rate_of("", 0.1).check_for::<Net>().is_err());
    // What is frozen has a name too.
    Adam::default().learning_rate_of("frozen", 0.1).check_for::<Net>().unwrap();
    // A wrong value is said first.
    assert!(text(Adam::default().learning_rate_of("x", 0.1).beta_1(2.0).check_for::<Net>()).contains("beta_1"));
}

#[test]
fn averages_are_kept_and_take_the_place_of_weights() {
    let averaged = || Sgd::new(0.5).momentum(0.0).use_ema(true).ema_momentum(0.5);
    assert!(averaged().momentum(0.5).slots().eq(["average", "momentum"]));
    let (mut net, mut gradient, mut state) = (zeroed_box::<Net>(), zeroed_box::<Net>(), OptimizerState::default());
    net.frozen = [3.0; 5];
    // Nothing is kept yet.
    averaged().finalize_variable_values(&mut *net, &mut state);
    assert_eq!(net.head.bias, [0.0; 2]);
    for (step, (weight, average)) in [(-0.5, -0.5), (-1.0, -0.75), (-1.5, -1.125)].into_iter().enumerate() {
        walk([&mut *gradient], &mut |_, [numbers]| numbers.fill(1.0));
        averaged().apply(step as u64, &mut *net, &mut *gradient, None, &mut state);
        assert_eq!(net.head.bias, [weight; 2]);
        let mut finished = net.clone();
        averaged().finalize_variable_values(&mut *finished, &mut state);
        assert_eq!(firsts(&mut finished), [average, average, average, average, average, average, 3.0]);
    }
    let overwritten = averaged().ema_overwrite_frequency(2);
    assert_eq!(firsts(&mut after(1, &overwritten))[..6], [0.5; 6]);
    assert_eq!(firsts(&mut after(2, &overwritten))[..6], [0.25; 6]);
    assert_eq!(firsts(&mut after(3, &overwritten))[..6], [-0.25; 6]);
    assert_eq!(firsts(&mut after(3, &Sgd::new(0.5).ema_overwrite_frequency(2)))[..6], [-0.5; 6], "not asked for");
}

#[test]
fn a_learning_rate_of_zero_moves_nothing() {
    macro_rules! check {
        ($($Optimizer:ident)*) => {
            $(assert_eq!(firsts(&mut after(2, &$Optimizer::new(0.0))), [1.0; 7], stringify!($Optimizer));)*
        };
    }
    check!(Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RmsProp ScheduleFreeAdamW Sgd);
}

/// A gradient of zero, as of ids that are not in a batch, is no NaN in any of them.
#[test]
fn a_gradient_of_zero_is_a_step_with_numbers() {
    macro_rules! check {
        ($($Optimizer:ident)*) => {
            $(
                let (mut net, mut gradient) = (zeroed_box::<Net>(), zeroed_box::<Net>());
                let mut state = OptimizerState::default();
                for step in 0..3 {
                    gradient.head.kernel[1][0] = 1e3;
                    $Optimizer::default().apply(step, &mut *net, &mut *gradient, None, &mut state);
                }
                walk([&mut *net], &mut |parameter, [numbers]| {
                    assert!(numbers.iter().all(|x| x.is_finite()), "{} {parameter}", stringify!($Optimizer));
                });
                assert!(net.head.kernel[1][0] < 0.0, "{}", stringify!($Optimizer));
            )*
        };
    }
    check!(Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RmsProp ScheduleFreeAdamW Sgd);
}

#[test]
fn ftrl_holds_at_zero_what_has_summed_up_nothing() {
    let optimizer = Ftrl::new(0.1).initial_accumulator_value(0.0);
    let (mut net, mut gradient, mut state) = (zeroed_box::<Net>(), zeroed_box::<Net>(), OptimizerState::default());
    net.head.bias = [1.0; 2];
    optimizer.apply(0, &mut *net, &mut *gradient, None, &mut state);
    assert_eq!(net.head.bias, [0.0; 2]);
}

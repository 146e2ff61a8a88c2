//! Optimizers: the weights of a small net after 1, 2, 5 and 20 steps; and learning-rate schedules.

use std::collections::BTreeSet;

use fusion::prelude::Parameters;
use fusion_core::Tensor;
use fusion_core::kernels::math::tanh;
use fusion_core::layers::Dense;
use fusion_core::losses::{Loss, MeanSquaredError};
use fusion_core::optimizers::{LearningRateSchedule, OptimizerState, prelude::*};
use fusion_core::shape::zeroed_box;
use fusion_core::weights::{Initializer, walk};

use crate::fixture::{Fixture, assert_close, json};
use crate::{optimizers_of_arrays, parity};

/// For the page of parity.
pub const OPTIMIZERS: [fn(); 9] = [
    sgd,
    rms_prop,
    adam,
    kin_of_adam,
    accumulating,
    lamb_and_lion,
    muon,
    what_all_optimizers_have,
    optimizers_of_arrays::arrays_of_any_shape,
];
/// For the page of parity.
pub const SCHEDULES: [fn(); 1] = [schedules];

/// A net 6 → 5 tanh → 2, and three numbers that no optimizer may move.
#[repr(C)]
#[derive(Parameters)]
struct Net {
    hidden: Dense<6, 5>,
    out: Dense<5, 2>,
    #[parameter(trainable = false, initializer = Initializer::Zeros)]
    frozen: [f32; 3],
}

impl Net {
    /// The weights before the first step.
    fn new(fixture: &Fixture) -> Box<Self> {
        let mut net = zeroed_box::<Self>();
        walk([&mut *net], &mut |parameter, [weights]| {
            if parameter.trainable {
                weights.copy_from_slice(&fixture.numbers(&format!("step0/sequential/{parameter}")));
            }
        });
        net.frozen.fill(7.0);
        net
    }

    fn predict(&self, x: &[f32; 6]) -> ([f32; 5], [f32; 2]) {
        let (kernel, out_kernel) = (&self.hidden.kernel, &self.out.kernel);
        let hidden =
            core::array::from_fn(|j| tanh((0..6).map(|i| x[i] * kernel[i][j]).sum::<f32>() + self.hidden.bias[j]));
        let y = core::array::from_fn(|k| (0..5).map(|j| hidden[j] * out_kernel[j][k]).sum::<f32>() + self.out.bias[k]);
        (hidden, y)
    }

    /// Adds the gradient of one sample, given that of its output.
    fn add_gradient(&self, x: &[f32; 6], hidden: &[f32; 5], dy: &[f32; 2], gradient: &mut Self) {
        for (j, h) in hidden.iter().enumerate() {
            let mut dh = 0.0;
            for (k, dy) in dy.iter().enumerate() {
                gradient.out.kernel[j][k] += h * dy;
                dh += self.out.kernel[j][k] * dy;
            }
            let before_tanh = dh * (1.0 - h * h);
            gradient.hidden.bias[j] += before_tanh;
            for (i, x) in x.iter().enumerate() {
                gradient.hidden.kernel[i][j] += x * before_tanh;
            }
        }
        for (k, dy) in dy.iter().enumerate() {
            gradient.out.bias[k] += dy;
        }
    }

    /// Adds the gradient of the mean squared error of a batch.
    fn add_batch_gradient(&self, x: &[[f32; 6]], y: &[[f32; 2]], gradient: &mut Self) {
        let (hidden, predictions): (Vec<_>, Vec<_>) = x.iter().map(|x| self.predict(x)).unzip();
        let mut dy = vec![[0.0; 2]; x.len()];
        MeanSquaredError.gradient(y, &predictions, &vec![1.0 / x.len() as f32; x.len()], &mut dy);
        for ((x, hidden), dy) in x.iter().zip(&hidden).zip(&dy) {
            self.add_gradient(x, hidden, dy, gradient);
        }
    }
}

/// Trains the fixture's net for 20 steps of 8 samples and compares its weights on the way.
fn check(name: &str, optimizer: &impl Optimizer) {
    check_within(name, optimizer, 1.0);
}

/// [`check`] with tolerances so many times as large.
fn check_within(name: &str, optimizer: &impl Optimizer, tolerances: f32) {
    let fixture = Fixture::open(&format!("optimizers/{name}"));
    let (x, y) = (fixture.numbers("x"), fixture.numbers("y"));
    let batches = <[f32; 6]>::rows(&x).chunks(8).zip(<[f32; 2]>::rows(&y).chunks(8));
    let (mut net, mut gradient, mut state) = (Net::new(&fixture), zeroed_box::<Net>(), OptimizerState::default());
    for (step, (x, y)) in (1..).zip(batches) {
        net.add_batch_gradient(x, y, &mut gradient);
        gradient.frozen.fill(1.0);
        optimizer.apply(step - 1, &mut *net, &mut gradient, None, &mut state);
        assert_eq!(net.frozen, [7.0; 3], "{name}: what is not trainable after step {step}");
        if [1, 2, 5, 20].contains(&step) {
            check_weights(&mut net, &fixture, step, tolerances);
        }
    }
    if fixture.has("final/sequential/out/bias") {
        optimizer.finalize_variable_values(&mut *net, &mut state);
        assert_eq!(net.frozen, [7.0; 3], "{name}: what is not trainable, at the end");
        check_arrays(&mut net, &fixture, ("at the end", "final"), 1e-6);
    }
    let zero = |parameter: &str, gradient: &[f32]| assert!(gradient.iter().all(|g| *g == 0.0), "{name}: {parameter}");
    walk([&mut *gradient], &mut |parameter, [gradient]| zero(&parameter.to_string(), gradient));
}

fn check_weights(net: &mut Net, fixture: &Fixture, step: u64, tolerances: f32) {
    let (quantity, tolerance) = if step < 20 { ("weights after 1, 2, 5 steps", 5e-7) } else { ("after 20", 1e-6) };
    check_arrays(net, fixture, (quantity, &format!("step{step}")), tolerance * tolerances);
}

fn check_arrays(net: &mut Net, fixture: &Fixture, (quantity, when): (&'static str, &str), tolerance: f32) {
    walk([net], &mut |parameter, [weights]| {
        if parameter.trainable {
            fixture.check(quantity, &format!("{when}/sequential/{parameter}"), weights, tolerance);
        }
    });
}

#[test]
fn sgd() {
    check("sgd", &Sgd::default());
    check("sgd_momentum", &Sgd::new(0.01).momentum(0.9));
    check("sgd_nesterov", &Sgd::new(0.01).momentum(0.9).nesterov(true));
    check("sgd_weight_decay", &Sgd::new(0.01).weight_decay(0.01));
    check("sgd_weight_decay_not_biases", &Sgd::new(0.01).weight_decay(2.0).exclude_from_weight_decay(["bias"]));
}

#[test]
fn rms_prop() {
    check("rmsprop", &RmsProp::default());
    check("rmsprop_momentum", &RmsProp::default().momentum(0.5));
    check("rmsprop_centered", &RmsProp::default().centered(true));
    check("rmsprop_clipnorm", &RmsProp::new(0.01).clipnorm(0.1));
}

#[test]
fn adam() {
    check("adam", &Adam::default());
    check("adam_amsgrad", &Adam::default().amsgrad(true));
    check("adamw", &AdamW::default());
    check("adamw_decay", &AdamW::new(0.01).weight_decay(0.05));
    let not_biases = AdamW::new(0.01).weight_decay(2.0).amsgrad(true).exclude_from_weight_decay(["bias", "out"]);
    check("adamw_not_biases", &not_biases);
    check("adam_exponential_decay", &Adam::new(ExponentialDecay::new(0.01, 5, 0.5)));
    let warm_up = CosineDecay::new(0.0, 15).warmup_target(0.02).warmup_steps(5);
    check("adam_cosine_warmup", &Adam::new(warm_up));
    check("adam_cosine_warmup", &Adam::new(WarmUp::new(CosineDecay::new(0.02, 15), 5)));
}

#[test]
fn kin_of_adam() {
    check("adamax", &Adamax::default());
    check("nadam", &Nadam::default());
    check("nadam_decay", &Nadam::new(0.01).weight_decay(0.02));
    check("schedule_free_adamw_jax", &ScheduleFreeAdamW::new(0.01));
    check("schedule_free_adamw_warmup_jax", &ScheduleFreeAdamW::new(0.01).warmup_steps(7).weight_decay(0.1));
}

#[test]
fn accumulating() {
    check("adagrad", &Adagrad::new(0.01));
    check("adadelta", &Adadelta::new(1.0));
    check("adafactor", &Adafactor::default());
    check("adafactor_scheduled", &Adafactor::new(0.01));
    // A rounding of √n is divided by the learning rate of 0.01: Keras's own numbers are 2.1e-6 away from exact ones.
    check_within("ftrl", &Ftrl::new(0.01), 10.0);
    let regularized = Ftrl::new(0.01).l1_regularization_strength(0.001).l2_regularization_strength(0.01);
    check_within("ftrl_l1_l2", &regularized, 10.0);
    let power = Ftrl::new(0.1).learning_rate_power(-0.7).beta(0.3);
    let power = power.l1_regularization_strength(0.01).l2_shrinkage_regularization_strength(0.05);
    check_within("ftrl_power", &power, 10.0);
}

#[test]
fn lamb_and_lion() {
    check("lamb", &Lamb::default());
    check("lamb_decay", &Lamb::new(0.01).weight_decay(0.01));
    check("lion", &Lion::default());
    check("lion_decay", &Lion::new(0.001).weight_decay(0.05));
}

#[test]
fn muon() {
    check("muon", &Muon::new(0.01));
    let not_out = Muon::new(0.01).exclude_layers(["out"]).adam_lr_ratio(0.5).adam_weight_decay(0.1);
    check("muon_not_out", &not_out);
}

#[test]
fn what_all_optimizers_have() {
    check("adam_clipnorm", &Adam::new(0.01).clipnorm(0.05));
    check("adam_clipvalue", &Adam::new(0.01).clipvalue(0.01));
    check("adam_global_clipnorm", &Adam::new(0.01).global_clipnorm(0.1));
    check("adam_accumulate_2", &Adam::new(0.01).gradient_accumulation_steps(2));
    let averaged = || Adam::new(0.01).use_ema(true).ema_momentum(0.9);
    check("adam_ema", &averaged().ema_overwrite_frequency(5));
    check("adam_ema_accumulate_2", &averaged().ema_overwrite_frequency(3).gradient_accumulation_steps(2));
    check("sgd_ema", &Sgd::new(0.05).use_ema(true).ema_momentum(0.8));
    check("adam_rate_of_layer", &Adam::new(0.01).learning_rate_of("hidden", 0.001));
}

/// With both of RmsProp's options (no fixture has both): w −= m, m = momentum · m + the centered step.
#[test]
fn rms_prop_with_momentum_and_centered() {
    let optimizer = RmsProp::new(0.1).rho(0.5).momentum(0.5).centered(true).epsilon(0.0);
    let (mut net, mut gradient) = (zeroed_box::<Net>(), zeroed_box::<Net>());
    let mut state = OptimizerState::default();
    let (mut w, mut v, mut a, mut m) = (0.0, 0.0, 0.0, 0.0);
    for (step, g) in [1.0_f32, -2.0, 0.5].into_iter().enumerate() {
        gradient.out.bias.fill(g);
        optimizer.apply(step as u64, &mut *net, &mut gradient, None, &mut state);
        (v, a) = (0.5 * v + 0.5 * g * g, 0.5 * a + 0.5 * g);
        m = 0.5 * m + 0.1 * g / (v - a * a).sqrt();
        w -= m;
        assert_close("weight", &net.out.bias, &[w; 2], 1e-6);
    }
}

#[test]
fn a_learning_rate_set_later_replaces_a_schedule() {
    let mut optimizer = Sgd::new(ExponentialDecay::new(0.1, 10, 0.5));
    assert_eq!((optimizer.learning_rate_at(0), optimizer.learning_rate_at(10)), (0.1, 0.05));
    optimizer.set_learning_rate(0.3);
    assert_eq!((optimizer.learning_rate_at(0), optimizer.learning_rate_at(10)), (0.3, 0.3));
    assert_eq!(Adam::default().learning_rate(0.1_f32).learning_rate_at(0), 0.1);
}

#[test]
fn schedules() {
    let file = json("schedules.json");
    let mut unseen: BTreeSet<&String> = file.as_object().expect("cases").keys().collect();
    let mut check = |name: &str, schedule: &dyn LearningRateSchedule| {
        schedule.check().expect(name);
        unseen.retain(|known| *known != name);
        let expected = file[name]["learning_rate_at_step"].as_array().expect(name);
        for (step, expected) in (0..).zip(expected) {
            let (found, expected) = (schedule.learning_rate(step), expected.as_f64().expect(name) as f32);
            let error = (found - expected).abs() / expected.abs().max(1e-3);
            assert!(error < 4e-7, "{name} at step {step}: {found} instead of {expected}, error {error:e}");
            parity::note(name, "learning rate at each step", f64::from(error));
        }
    };
    check("exponential_decay", &ExponentialDecay::new(0.1, 10, 0.9));
    check("exponential_decay_staircase", &ExponentialDecay::new(0.1, 10, 0.9).staircase(true));
    check("inverse_time_decay", &InverseTimeDecay::new(0.1, 10, 0.5));
    check("cosine_decay", &CosineDecay::new(0.1, 50).alpha(0.1));
    check("cosine_decay_warmup", &CosineDecay::new(0.0, 50).warmup_target(0.1).warmup_steps(10));
    check("cosine_decay_warmup", &WarmUp::new(CosineDecay::new(0.1, 50), 10));
    check("cosine_decay_restarts", &CosineDecayRestarts::new(0.1, 10));
    check("cosine_decay_restarts_equal", &CosineDecayRestarts::new(0.1, 7).t_mul(1.0).m_mul(0.8).alpha(0.05));
    check("cosine_decay_restarts_shrinking", &CosineDecayRestarts::new(0.1, 9).t_mul(1.5).m_mul(0.6).alpha(0.01));
    check("piecewise_constant_decay", &PiecewiseConstantDecay::new([10, 30], [0.1, 0.05, 0.01]));
    check("polynomial_decay", &PolynomialDecay::new(0.1, 50).end_learning_rate(0.01).power(2.0));
    check("polynomial_decay_cycle", &PolynomialDecay::new(0.1, 20).end_learning_rate(0.01).cycle(true));
    assert!(unseen.is_empty(), "{unseen:?} are compared with nothing");
}

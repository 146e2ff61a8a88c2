//! Options that cannot be are errors of one kind, whichever optimizer or schedule they are of.

use super::*;

/// An error that names the option for each of these values, and for those that are no numbers.
macro_rules! refused {
    ($make:expr => $($option:ident [$($bad:expr),*])*) => {
        $(
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, $($bad),*] {
                match $make.$option(bad).check() {
                    Err(OptimizerError::Value { option, .. }) => assert_eq!(option, stringify!($option)),
                    other => panic!("{bad} for {}: {other:?}", stringify!($option)),
                }
            }
        )*
    };
}

/// What every optimizer has.
macro_rules! check_base {
    ($($Optimizer:ident)*) => {
        $(
            $Optimizer::default().check().unwrap();
            refused!($Optimizer::default() =>
                weight_decay [-1.0] clipnorm [0.0, -1.0] clipvalue [0.0, -1.0] global_clipnorm [0.0, -1.0]
                ema_momentum [-0.1, 1.1]
            );
            for (optimizer, name) in [
                ($Optimizer::default().gradient_accumulation_steps(1), "gradient_accumulation_steps"),
                ($Optimizer::default().ema_overwrite_frequency(0), "ema_overwrite_frequency"),
                ($Optimizer::default().learning_rate_of("x", -1.0), "learning_rate_of"),
            ] {
                assert!(matches!(optimizer.check(), Err(OptimizerError::Value { option, .. }) if option == name));
            }
            let scheduled = $Optimizer::new(ExponentialDecay::new(0.1, 0, 0.5)).check().unwrap_err();
            assert_eq!(
                scheduled.to_string(),
                "the `decay_steps` of `ExponentialDecay` is 0; it must be a number of at least 1"
            );
            assert!($Optimizer::default().learning_rate_of("x", WarmUp::new(f64::NAN, 3)).check().is_err());
        )*
    };
}

#[test]
fn options_of_every_optimizer() {
    check_base!(
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RmsProp ScheduleFreeAdamW Sgd
    );
    refused!(Adadelta::default() => rho [-0.1, 1.1] epsilon [-1e-7]);
    refused!(Adafactor::default() =>
        beta_2_decay [0.1] epsilon_1 [-1e-30] epsilon_2 [-1e-3] clip_threshold [0.0, -1.0]
    );
    refused!(Adagrad::default() => initial_accumulator_value [-0.1] epsilon [-1e-7]);
    refused!(Adam::default() => beta_1 [-0.1, 1.0] beta_2 [-0.1, 1.0] epsilon [-1e-7]);
    refused!(AdamW::default() => beta_1 [-0.1, 1.0] beta_2 [-0.1, 1.0] epsilon [-1e-7]);
    refused!(Adamax::default() => beta_1 [-0.1, 1.0] beta_2 [-0.1, 1.1] epsilon [-1e-7]);
    refused!(Ftrl::default() =>
        learning_rate_power [0.1] initial_accumulator_value [-0.1] l1_regularization_strength [-0.1]
        l2_regularization_strength [-0.1] l2_shrinkage_regularization_strength [-0.1] beta [-0.1]
    );
    refused!(Lamb::default() => beta_1 [-0.1, 1.0] beta_2 [-0.1, 1.0] epsilon [-1e-7]);
    refused!(Lion::default() => beta_1 [0.0, 1.1] beta_2 [-0.1, 1.1]);
    refused!(Muon::default() =>
        adam_beta_1 [-0.1, 1.0] adam_beta_2 [-0.1, 1.0] adam_weight_decay [-0.1] epsilon [-1e-7] muon_a [] muon_b []
        muon_c [] adam_lr_ratio [-0.1] momentum [-0.1, 1.1]
    );
    for rate in [f64::NAN, 0.0, -0.2] {
        let error = Muon::default().rms_rate(Some(rate)).check().unwrap_err().to_string();
        assert_eq!(error, format!("the optimizer's `rms_rate` is {rate}; it must be a number above 0"));
    }
    refused!(Nadam::default() => beta_1 [-0.1, 1.0] beta_2 [-0.1, 1.0] epsilon [-1e-7]);
    refused!(RmsProp::default() => rho [-0.1, 1.1] momentum [-0.1, 1.1] epsilon [-1e-7]);
    refused!(ScheduleFreeAdamW::default() => beta_1 [0.0, 1.1] beta_2 [-0.1, 1.0] epsilon [-1e-8]);
    refused!(Sgd::default() => momentum [-0.1, 2.0]);
}

#[test]
fn options_of_every_schedule() {
    const OPTIONS: [f64; 2] = [f64::NAN, -0.1];
    let name = |schedule: &dyn LearningRateSchedule| match schedule.check() {
        Err(OptimizerError::Value { schedule: Some(schedule), option, .. }) => format!("{schedule}::{option}"),
        other => panic!("{other:?}"),
    };
    for bad in OPTIONS {
        for (schedule, expected) in [
            (CosineDecay::new(bad, 9), "CosineDecay::initial_learning_rate"),
            (CosineDecay::new(0.1, 9).alpha(bad), "CosineDecay::alpha"),
            (CosineDecay::new(0.1, 9).warmup_target(bad), "CosineDecay::warmup_target"),
            (CosineDecay::new(0.1, 0), "CosineDecay::decay_steps"),
        ] {
            assert_eq!(name(&schedule), expected);
        }
        for (schedule, expected) in [
            (CosineDecayRestarts::new(bad, 9), "CosineDecayRestarts::initial_learning_rate"),
            (CosineDecayRestarts::new(0.1, 9).alpha(bad), "CosineDecayRestarts::alpha"),
            (CosineDecayRestarts::new(0.1, 9).m_mul(bad), "CosineDecayRestarts::m_mul"),
            (CosineDecayRestarts::new(0.1, 9).t_mul(bad + 1.0), "CosineDecayRestarts::t_mul"),
            (CosineDecayRestarts::new(0.1, 0), "CosineDecayRestarts::first_decay_steps"),
        ] {
            assert_eq!(name(&schedule), expected);
        }
        for (schedule, expected) in [
            (PolynomialDecay::new(bad, 9), "PolynomialDecay::initial_learning_rate"),
            (PolynomialDecay::new(0.1, 9).end_learning_rate(bad), "PolynomialDecay::end_learning_rate"),
            (PolynomialDecay::new(0.1, 9).power(bad), "PolynomialDecay::power"),
            (PolynomialDecay::new(0.1, 0), "PolynomialDecay::decay_steps"),
        ] {
            assert_eq!(name(&schedule), expected);
        }
        assert_eq!(name(&ExponentialDecay::new(bad, 9, 0.5)), "ExponentialDecay::initial_learning_rate");
        assert_eq!(name(&ExponentialDecay::new(0.1, 9, bad)), "ExponentialDecay::decay_rate");
        assert_eq!(name(&InverseTimeDecay::new(bad, 9, 0.5)), "InverseTimeDecay::initial_learning_rate");
        assert_eq!(name(&InverseTimeDecay::new(0.1, 9, bad)), "InverseTimeDecay::decay_rate");
        assert_eq!(name(&InverseTimeDecay::new(0.1, 0, 0.5)), "InverseTimeDecay::decay_steps");
        assert_eq!(name(&PiecewiseConstantDecay::new([3], [0.1, bad])), "PiecewiseConstantDecay::values");
        assert_eq!(name(&WarmUp::new(bad, 3)), "WarmUp::schedule");
        assert_eq!(name(&WarmUp::new(0.1, 3).initial_learning_rate(bad)), "WarmUp::initial_learning_rate");
        assert_eq!(name(&WarmUp::new(CosineDecay::new(0.1, 0), 3)), "CosineDecay::decay_steps");
    }
}

#[test]
fn boundaries_that_cannot_be() {
    let text = |schedule: PiecewiseConstantDecay| schedule.check().unwrap_err().to_string();
    assert_eq!(
        text(PiecewiseConstantDecay::new([10, 30], [0.1, 0.05])),
        "`PiecewiseConstantDecay` has 2 boundaries and 2 values; there must be one value more than boundaries"
    );
    assert_eq!(
        text(PiecewiseConstantDecay::new([10, 10], [0.1, 0.05, 0.01])),
        "the boundaries of `PiecewiseConstantDecay` are [10, 10]; each must be above the last"
    );
}

/// A schedule that cannot be is an error before it is asked; who asks all the same is not answered by a panic.
#[test]
fn schedules_that_cannot_be_do_not_panic() {
    let schedules: [&dyn LearningRateSchedule; 5] = [
        &ExponentialDecay::new(0.1, 0, 0.5).staircase(true),
        &InverseTimeDecay::new(0.1, 0, 0.5).staircase(true),
        &PolynomialDecay::new(0.1, 0).cycle(true),
        &PiecewiseConstantDecay::new([10, 30], [0.1]),
        &CosineDecayRestarts::new(0.1, 0),
    ];
    for schedule in schedules {
        assert!(schedule.check().is_err());
        for step in [0, 1, 11, 100] {
            let _ = schedule.learning_rate(step);
        }
    }
}

/// What a file of an optimizer says it takes is checked above.
#[cfg(feature = "std")]
#[test]
fn every_option_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/optimizers");
    let listed = include_str!("option_tests.rs");
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let is_source = path.is_file() && !path.ends_with("option_tests.rs");
        let text = if is_source { std::fs::read_to_string(path).unwrap() } else { String::new() };
        for line in text.lines().filter(|line| line.contains(": f64 = ")) {
            let option = line.trim().split(':').next().unwrap();
            assert!(listed.contains(&format!("{option} [")), "{option} is not checked");
            found += 1;
        }
    }
    assert!(found > 30, "{found}");
}

#[test]
fn learning_rates_are_numbers_schedules_and_functions() {
    let halving = |step: u64| 0.5_f32.powi(step as i32);
    assert_eq!([0, 1, 3].map(|step| Sgd::new(halving).learning_rate_at(step)), [1.0, 0.5, 0.125]);
    fn constant(_step: u64) -> f32 {
        0.25
    }
    assert_eq!(Adam::default().learning_rate(constant).learning_rate_at(7), 0.25);
    let warm = Lion::new(WarmUp::new(|step: u64| 1.0 / (step + 1) as f32, 2).initial_learning_rate(0.5));
    assert_eq!([0, 1, 2, 3].map(|step| warm.learning_rate_at(step)), [0.5, 0.75, 1.0, 0.5]);
    assert_eq!(Sgd::new(WarmUp::new(0.5, 0)).learning_rate_at(0), 0.5);
}

//! What once was wrong, each with the smallest model that showed it.

use fusion::layer::{Backward, Forward, Output, TrainLayer};
use fusion::optimizers::OptimizerState;
use fusion::prelude::*;
use fusion::weights::OptionsOf;

model! {
    /// It takes an input that it does not use.
    pub struct Deaf {
        input x: [f32; 2];
        input _y: [f32; 2];
        output z = x => Dense<_, 1>;
    }
}

model! {
    /// One of its branches ends in what is not used.
    struct AroundDeaf {
        input a: [f32; 2];
        input b: [f32; 3];
        branch p = a => Dense<_, 2>;
        branch q = b => Dense<_, 2>;
        output z = (x = p, _y = q) => Deaf;
    }
}

#[test]
fn what_a_nested_model_does_not_use_has_no_gradient() {
    let mut model = AroundDeaf::new(3);
    let before = model.dense_1.clone();
    // 40 samples are a batch of 32 and one of 8, whose wires stand elsewhere.
    Trainer::new(&mut model, Sgd::new(0.1), MeanSquaredError)
        .epochs(5)
        .verbose(false)
        .fit((&[[0.5, 1.0]; 40], &[[1.0; 3]; 40]), &[[1.0]; 40])
        .unwrap();
    assert_eq!(model.dense_1, before);
}

model! {
    /// Ids and numbers.
    pub struct Words {
        input x: [f32; 2];
        input ids: [u32; 3];
        branch e = ids => Embedding<5, 4> => Flatten;
        output z = concatenate(x, e) => Dense<_, 1>;
    }
}

model! {
    /// The ids go to a model within, beside a branch.
    struct AroundWords {
        input a: [f32; 3];
        input text: [u32; 3];
        branch h = a => Dense<_, 2>;
        output z = (x = h, ids = text) => Words => Dense<_, 1>;
    }
}

#[test]
fn an_id_out_of_range_within_a_nested_model_is_an_error_that_names_the_input() {
    let error = AroundWords::new(1).predict_batch((&[[1.0; 3]], &[[1, 9, 2]])).unwrap_err();
    assert_eq!(error.to_string(), "input `text`: the id 9 at position 1 of sample 0 is out of range: ids are below 5");
}

model! {
    /// More inputs than the standard library has tuples for.
    struct Wide {
        input a0: [f32; 1]; input a1: [f32; 2]; input a2: [f32; 3]; input a3: [f32; 4]; input a4: [f32; 5];
        input a5: [f32; 6]; input a6: [f32; 7]; input a7: [f32; 8]; input a8: [f32; 9]; input a9: [f32; 10];
        input b0: [f32; 11]; input b1: [f32; 12]; input b2: [f32; 13]; input b3: [f32; 14];
        output z = concatenate(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3) => Dense<_, 1>;
    }
}

#[test]
fn a_model_may_have_many_inputs() {
    assert_eq!(Wide::PARAMETERS, 14 * 15 / 2 + 1);
}

model! {
    /// In snake case its name is a keyword.
    pub struct In = [f32; 2] => Dense<2, 2>;
}

model! {
    /// A layer called `in`.
    struct AroundIn = [f32; 2] => In => Dense<2, 1>;
}

#[test]
fn a_layer_whose_name_is_a_keyword_is_a_raw_field() {
    let model = AroundIn::new(1);
    assert_eq!(model.r#in.dense.kernel.len(), 2);
    assert!(AroundIn::summary().to_string().contains("in (Sequential)"));
}

macro_rules! scale_layer {
    ($name:ident, $gain:ty) => {
        /// A layer whose field's type comes through a macro.
        #[derive(Parameters)]
        pub struct $name {
            gain: $gain,
        }
    };
}
scale_layer!(Scale, [f32; 4]);

impl<T: Tensor, O: OptionsOf<Self>> Layer<T, O> for Scale {
    const OUTPUT: Output = Output::new(T::SHAPE);
    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[T], y: &mut [Out]) {
        for (index, (y, x)) in Out::numbers_mut(y).iter_mut().zip(T::numbers(x)).enumerate() {
            *y = (1.0 + self.gain[index % 4]) * x;
        }
    }
}

impl<T: Tensor, O: OptionsOf<Self>> TrainLayer<T, O> for Scale {
    fn backward<Out: Tensor>(
        &self,
        _: &mut Backward<'_, Self>,
        _: &[T],
        _: &[Out],
        _: &mut [Out],
        _: Option<&mut [T]>,
    ) {
    }
}

model! {
    /// Uses it.
    struct Scaled = [f32; 4] => Scale;
}

#[test]
fn the_derive_works_inside_a_macro() {
    assert_eq!(Scaled::PARAMETERS, 4);
    assert_eq!(Scaled::new(1).predict(&[1.0, 2.0, 3.0, 4.0]), [1.0, 2.0, 3.0, 4.0]);
}

model! { struct Plainly = [u32; 3] => Embedding<5, 2> => Flatten => Dense<_, 1>; }
model! { struct AtEachStep = [u32; 3, 1] => TimeDistributed<Embedding<5, 2>> => Flatten => Dense<_, 1>; }

#[test]
fn an_embedding_at_each_step_trains_as_one_embedding() {
    let (mut plainly, mut at_each_step) = (Plainly::new(1), AtEachStep::new(1));
    at_each_step.time_distributed.layer.embeddings = plainly.embedding.embeddings;
    at_each_step.dense.kernel = plainly.dense.kernel;
    let ids = [[0, 1, 0], [2, 0, 0], [3, 4, 1], [1, 1, 0]];
    let targets = [[1.0], [0.0], [2.0], [-1.0]];
    Trainer::new(&mut plainly, Adam::new(0.01), MeanSquaredError).epochs(3).verbose(false).fit(&ids, &targets).unwrap();
    let ids = ids.map(|ids| ids.map(|id| [id]));
    Trainer::new(&mut at_each_step, Adam::new(0.01), MeanSquaredError)
        .epochs(3)
        .verbose(false)
        .fit(&ids, &targets)
        .unwrap();
    assert_eq!(at_each_step.time_distributed.layer.embeddings, plainly.embedding.embeddings);
}

model! {
    /// Its output is 4 MB, more than a test's stack.
    struct Enlarged {
        input image: [f32; 512, 512, 1];
        output large = image => UpSampling2d(2);
    }
}

#[test]
fn a_large_output_never_is_on_the_stack() {
    let flat = vec![0.5; 512 * 512];
    let outputs = Enlarged::new(1).predict_batch(rows::<[[[f32; 1]; 512]; 512]>(&flat).unwrap()).unwrap();
    assert_eq!((outputs.len(), outputs[0][1023][1023][0]), (1, 0.5));
}

/// An embedding whose gradient is that of so many uses of one id, each 1, after a step.
fn after_uses_of_one_id(optimizer: &impl Optimizer, uses: f32) -> f32 {
    let zero = || fusion::shape::zeroed_box::<Embedding<1, 1>>();
    let (mut layer, mut gradient, mut squares) = (zero(), zero(), zero());
    (gradient.embeddings, squares.embeddings) = ([[uses]], [[uses]]);
    optimizer.apply(0, &mut *layer, &mut gradient, Some(&mut squares), &mut OptimizerState::default());
    assert_eq!(squares.embeddings, [[0.0]], "the squares begin at zero in the next step");
    layer.embeddings[0][0]
}

#[test]
fn the_second_moment_of_an_id_used_many_times_keeps_its_digits() {
    for uses in [1.0, 200.0, 6_400.0, 1e5, 3e7] {
        let near = |found: f32, expected: f64| {
            assert!((f64::from(found) / expected - 1.0).abs() < 1e-5, "{found}, not {expected}, after {uses} uses");
        };
        let root = f64::from(uses).sqrt();
        near(after_uses_of_one_id(&Adam::default(), uses), -0.001 * root);
        near(after_uses_of_one_id(&AdamW::default().weight_decay(0.0), uses), -0.001 * root);
        near(after_uses_of_one_id(&RmsProp::default(), uses), -0.001 * root / 0.1_f64.sqrt());
        near(after_uses_of_one_id(&Sgd::new(0.1), uses), -0.1 * f64::from(uses));
    }
}

#[test]
fn a_metric_cannot_have_a_name_of_the_validation() {
    model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
    let mut model = Tiny::new(1);
    let error = Trainer::new(&mut model, Adam::default(), MeanSquaredError)
        .metric(MeanAbsoluteError.named("val_loss"))
        .validation_split(0.5)
        .verbose(false)
        .fit(&[[1.0]; 4], &[[2.0]; 4])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a metric cannot be called `val_loss`: `val_…` are the logs of validation data; `.named(…)` gives it another name"
    );
}

#[test]
fn a_learning_rate_that_is_none_is_an_error_before_training() {
    model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
    let mut model = Tiny::new(1);
    let before = model.dense.clone();
    for (learning_rate, name) in [(f32::NAN, "NaN"), (-1.0, "-1"), (f32::INFINITY, "inf")] {
        let mut trainer = Trainer::new(&mut model, Adam::new(learning_rate), MeanSquaredError).verbose(false);
        let expected = format!("the learning rate is {name}; it must be a number of at least 0");
        assert_eq!(trainer.fit(&[[1.0]], &[[2.0]]).unwrap_err().to_string(), expected);
        assert_eq!(trainer.train_on_batch(&[[1.0]], &[[2.0]]).unwrap_err().to_string(), expected);
    }
    assert_eq!(model.dense, before);
}

#[test]
fn an_optimizer_that_cannot_be_is_an_error_before_training() {
    model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
    let mut model = Tiny::new(1);
    let before = model.dense.clone();
    let wrong = [
        (Adam::default().clipnorm(0.0), "the optimizer's `clipnorm` is 0; it must be a number above 0"),
        (
            Adam::default().clipnorm(1.0).global_clipnorm(1.0),
            "the optimizer has both `clipnorm` and `global_clipnorm`; it can have one of them",
        ),
    ];
    for (optimizer, expected) in wrong {
        let mut trainer = Trainer::new(&mut model, optimizer, MeanSquaredError).verbose(false);
        assert_eq!(trainer.fit(&[[1.0]], &[[2.0]]).unwrap_err().to_string(), expected);
        assert_eq!(trainer.train_on_batch(&[[1.0]], &[[2.0]]).unwrap_err().to_string(), expected);
    }
    assert_eq!(model.dense, before);
}

#[test]
fn weights_that_the_last_step_made_infinite_are_an_error() {
    model! { struct Tiny = [f32; 1] => Dense<1, 1>; }
    let mut model = Tiny::new(1);
    let mut trainer = Trainer::new(&mut model, Sgd::new(1e38), MeanSquaredError).verbose(false);
    let error = trainer.fit(&[[1.0]], &[[1e3]]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the last step made `dense/kernel` NaN or infinite, and the model cannot be used (a smaller learning rate or the optimizer's `clipnorm` often helps)"
    );
    let path = std::env::temp_dir().join(format!("fusion-infinite-{}.safetensors", std::process::id()));
    let error = model.save_weights(&path).unwrap_err().to_string();
    assert!(
        error.contains("as they could not be loaded again:\n  `dense/kernel` has the value inf at [0, 0]"),
        "{error}"
    );
    assert!(!path.exists());
}

model! {
    struct WithKeyword {
        input r#in: [f32; 2];
        input b: [f32; 3];
        output z = concatenate(r#in, b) => Dense<_, 1>;
    }
}

model! {
    struct AroundKeyword {
        input x: [f32; 2];
        input y: [f32; 3];
        output z = (r#in = x, b = y) => WithKeyword;
    }
}

#[test]
fn an_input_called_by_a_keyword_is_known_by_its_name() {
    let model = AroundKeyword::new(1);
    assert_eq!(model.predict(&[0.5; 2], &[0.1; 3]), model.with_keyword.predict(&[0.5; 2], &[0.1; 3]));
}

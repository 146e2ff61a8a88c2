//! The number of threads changes no bit: not of weights, scores, predictions or errors.

use fusion::losses::{Loss, TargetError};
use fusion::prelude::*;
use fusion::weights::walk_ref;

const THREADS: [usize; 3] = [2, 3, 8];

/// Numbers that repeat late and are the same everywhere.
fn numbers<const N: usize>(count: usize) -> Vec<[f32; N]> {
    let number = |index: usize| (index.wrapping_mul(2_654_435_761) % 10_007) as f32 / 5_000.0 - 1.0;
    (0..count).map(|sample| std::array::from_fn(|i| number(sample * N + i + 1))).collect()
}

/// The bits of the weights and of all scores after some steps on this number of threads.
macro_rules! trained {
    ($threads:expr, $Model:ident, $optimizer:expr, $loss:expr, $metrics:expr, $x:expr, $y:expr, $batch:expr) => {{
        let mut model = $Model::new(5);
        let mut trainer = Trainer::new(&mut *model, $optimizer, $loss)
            .metric($metrics)
            .threads($threads)
            .epochs(2)
            .batch_size($batch)
            .verbose(false);
        let history = trainer.fit($x, $y).unwrap();
        let scores = trainer.evaluate($x, $y).unwrap();
        let mut bits = Vec::new();
        for (name, value) in scores.iter() {
            bits.push(value.to_bits());
            bits.extend(history[name].iter().map(|value| value.to_bits()));
        }
        walk_ref(&*model, &mut |_, values| bits.extend(values.iter().map(|value| u64::from(value.to_bits()))));
        bits
    }};
}

macro_rules! the_same_on_threads {
    ($($given:tt)*) => {
        let one = trained!(1, $($given)*);
        for threads in THREADS {
            assert!(trained!(threads, $($given)*) == one, "{threads} threads");
        }
    };
}

model! {
    struct Two {
        input a: [f32; 32];
        input b: [f32; 64];
        branch x = a => Dense<_, 24, Relu> => Dropout(0.25);
        branch y = b => Dense<_, 48, Relu> => Dense<_, 16, Relu>;
        output z = concatenate(x, y) => Dense<_, 8, Relu>(activity_regularizer = L2(0.01)) => Dense<_, 1, Sigmoid>;
    }
}

#[test]
fn small_layers_and_many_samples() {
    let (a, b) = (numbers::<32>(5001), numbers::<64>(5001));
    let y: Vec<[f32; 1]> = a.iter().map(|a| [f32::from(a[0] + a[1] > 0.0)]).collect();
    let metrics = || Auc::default();
    the_same_on_threads!(Two, Adam::default(), BinaryCrossentropy::default(), metrics(), (&a, &b), &y, 2500);
}

model! {
    struct Wide = [f32; 300] => Dense<300, 320, Relu> => Dense<320, 256, Relu> => Dense<256, 10, Softmax>;
}

#[test]
fn large_layers_and_few_samples() {
    let x = numbers::<300>(96);
    let y: Vec<u32> = (0..96).map(|i| i % 10).collect();
    let loss = SparseCategoricalCrossentropy::default;
    the_same_on_threads!(Wide, AdamW::default().global_clipnorm(0.5), loss(), SparseCategoricalAccuracy, &x, &y, 64);
}

model! {
    struct Photos = [f32; 16, 16, 3]
        => Conv2d<3, 16, 3>(activation = Relu)
        => MaxPooling2d
        => SeparableConv2d<_, 16, 3>
        => Flatten
        => Dense<_, 3>;
}

#[test]
fn convolutions() {
    let x: Vec<[[[f32; 3]; 16]; 16]> = numbers::<768>(40)
        .iter()
        .map(|x| std::array::from_fn(|i| std::array::from_fn(|j| std::array::from_fn(|k| x[i * 48 + j * 3 + k]))))
        .collect();
    let y = numbers::<3>(40);
    the_same_on_threads!(Photos, RmsProp::default(), MeanSquaredError, MeanAbsoluteError, &x, &y, 30);
}

model! {
    struct Texts {
        input words: [u32; 20];
        branch read = words => Embedding<50, 16> => Lstm<16, 24>;
        output label = read => Dense<_, 4>;
        output score = read => Dense<_, 1>;
    }
}

#[test]
fn ids_sequences_and_several_outputs() {
    let words: Vec<[u32; 20]> = (0..200).map(|s| std::array::from_fn(|i| ((s * 7 + i * i) % 50) as u32)).collect();
    let (label, score): (Vec<u32>, _) = ((0..200).map(|s| s % 4).collect(), numbers::<1>(200));
    let losses = || TextsLosses { label: SparseCategoricalCrossentropy::from_logits(), score: Huber::default() };
    let metrics = || TextsMetrics { label: SparseCategoricalAccuracy, score: () };
    let targets = || TextsTargets { label: &label, score: &score };
    let adam = || Adam::default().clipnorm(1.0);
    the_same_on_threads!(Texts, adam(), losses(), metrics(), &words, targets(), 128);
}

model! {
    struct Normalized = [f32; 128] => Dense<_, 256, Relu> => BatchNormalization<_> => Dense<_, 128> => Dense<_, 1>;
}

#[test]
fn samples_that_depend_on_each_other() {
    let (x, y) = (numbers::<128>(300), numbers::<1>(300));
    the_same_on_threads!(Normalized, Sgd::new(0.01), MeanSquaredError, R2Score::default(), &x, &y, 200);
}

#[test]
fn predictions() {
    let (a, b) = (numbers::<32>(5001), numbers::<64>(5001));
    let model = Two::new(3);
    let (mut alone, mut workspace) = (vec![[0.0]; 5001], Two::workspace());
    model.predict_batch_into((&a, &b), &mut alone, &mut workspace).unwrap();
    assert_eq!(model.predict_batch((&a, &b)).unwrap(), alone);

    let (x, photos) = (numbers::<300>(1001), Wide::new(3));
    let (mut alone, mut workspace) = (vec![[0.0; 10]; 1001], Wide::workspace());
    photos.predict_batch_into(&x, &mut alone, &mut workspace).unwrap();
    assert_eq!(photos.predict_batch(&x).unwrap(), alone);
}

#[test]
fn the_same_sample_is_named_where_the_loss_is_none() {
    let (mut a, b) = (numbers::<32>(5000), numbers::<64>(5000));
    let y = vec![[1.0]; 5000];
    a[3210][4] = 1e35;
    a[4500][4] = 1e35;
    let told = |threads| {
        let mut model = Two::new(5);
        model.dense.kernel[4] = [1e10; 24];
        let mut trainer = Trainer::new(&mut *model, Adam::default(), MeanSquaredError).threads(threads).verbose(false);
        let error = trainer.train_on_batch((&a, &b), &y).unwrap_err();
        assert_eq!(trainer.steps(), 0);
        error.to_string()
    };
    let one = told(1);
    assert!(one.contains("3210"), "{one}");
    for threads in THREADS {
        assert_eq!(told(threads), one);
    }
}

model! { struct Teacher = [f32; 1] => Dense<1, 256, Relu> => Dense<256, 256, Relu> => Dense<256, 1>; }

/// The square of what another model makes of the prediction, which it works out on several threads itself.
struct Judged(Box<Teacher>);

impl Loss<[f32; 1]> for Judged {
    type Target = [f32; 1];
    fn name(&self) -> &'static str {
        "judged"
    }
    fn losses(&self, _: &[[f32; 1]], predictions: &[[f32; 1]], losses: &mut [f32]) {
        let judged = self.0.predict_batch(predictions).unwrap();
        losses.iter_mut().zip(judged).for_each(|(loss, [judged])| *loss = judged * judged);
    }
    fn gradient(&self, _: &[[f32; 1]], predictions: &[[f32; 1]], weights: &[f32], gradient: &mut [[f32; 1]]) {
        let judged = self.0.predict_batch(predictions).unwrap();
        for ((gradient, weight), [judged]) in gradient.iter_mut().zip(weights).zip(judged) {
            *gradient = [weight * judged];
        }
    }
    fn check(&self, _: &[[f32; 1]]) -> Result<(), TargetError> {
        Ok(())
    }
}

#[test]
fn threads_within_threads_end() {
    let (a, b) = (numbers::<32>(5000), numbers::<64>(5000));
    let y = vec![[0.0]; 5000];
    let loss = || Judged(Teacher::new(2));
    the_same_on_threads!(Two, Adam::default(), loss(), MeanAbsoluteError, (&a, &b), &y, 5000);
}

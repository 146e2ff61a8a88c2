//! After a panic in code of the user's a trainer goes on from its last whole step, or says that there is none.

use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use fusion::layer::{Backward, Forward, Layer, Output, State, TrainLayer};
use fusion::losses::{Loss, TargetError};
use fusion::metrics::Metric;
use fusion::optimizers::{Base, Rule, Slot, Step, Update};
use fusion::shape::Tensor;
use fusion::weights::OptionsOf;

/// Where a panic is to be, and after how many visits.
static PLACE: AtomicU32 = AtomicU32::new(0);
static VISITS: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(u32)]
enum Place {
    Nowhere,
    Forward,
    Backward,
    UpdateState,
    Loss,
    Gradient,
    Metric,
    Optimizer,
    BatchEnd,
    TestBegin,
    EpochEnd,
    Batches,
    ValidationBatches,
}

fn visit(place: Place) {
    if PLACE.load(Ordering::SeqCst) == place as u32 && VISITS.fetch_sub(1, Ordering::SeqCst) == 1 {
        PLACE.store(Place::Nowhere as u32, Ordering::SeqCst);
        panic!("{place:?}");
    }
}

/// Passes on what it is given.
#[derive(Clone, Debug, PartialEq, Default, fusion::Parameters)]
pub struct Fragile;

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Fragile {
    const OUTPUT: Output = Output::new(In::SHAPE);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        if cx.training {
            visit(Place::Forward);
        }
        Out::numbers_mut(y).copy_from_slice(In::numbers(x));
    }

    fn update_state(&mut self, _cx: &mut State<'_>) {
        visit(Place::UpdateState);
    }
}

impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Fragile {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        visit(Place::Backward);
        if let Some(dx) = dx {
            In::numbers_mut(dx).copy_from_slice(Out::numbers(dy));
        }
    }
}

model! { struct Chain = [f32; 4] => Dense<_, 3, Tanh> => Fragile => BatchNormalization<_> => Dense<_, 1>; }

/// The mean squared error.
struct FragileLoss;

impl Loss<[f32; 1]> for FragileLoss {
    type Target = [f32; 1];
    fn name(&self) -> &'static str {
        "fragile"
    }
    fn losses(&self, targets: &[[f32; 1]], predictions: &[[f32; 1]], losses: &mut [f32]) {
        visit(Place::Loss);
        Loss::losses(&MeanSquaredError, targets, predictions, losses);
    }
    fn gradient(&self, targets: &[[f32; 1]], predictions: &[[f32; 1]], weights: &[f32], gradient: &mut [[f32; 1]]) {
        visit(Place::Gradient);
        MeanSquaredError.gradient(targets, predictions, weights, gradient);
    }
    fn check(&self, targets: &[[f32; 1]]) -> Result<(), TargetError> {
        Loss::check(&MeanSquaredError, targets)
    }
}

struct FragileMetric;

impl Metric<[f32; 1]> for FragileMetric {
    type Target = [f32; 1];
    type State = f64;
    fn name(&self) -> &'static str {
        "fragile"
    }
    fn update(&self, state: &mut f64, targets: &[[f32; 1]], _: &[[f32; 1]], _: Option<&[f32]>) {
        visit(Place::Metric);
        *state += targets.len() as f64;
    }
    fn result(&self, state: &f64) -> f64 {
        *state
    }
}

/// Momentum, with averages of the weights.
struct Fragile2(Base);

impl AsRef<Base> for Fragile2 {
    fn as_ref(&self) -> &Base {
        &self.0
    }
}
impl AsMut<Base> for Fragile2 {
    fn as_mut(&mut self) -> &mut Base {
        &mut self.0
    }
}

impl Rule for Fragile2 {
    const SLOTS: &'static [Slot<Self>] = &[Slot::new("momentum")];
    type Constants = f32;
    fn constants(&self, step: Step, _shared: &mut [f32]) -> f32 {
        step.learning_rate
    }
    fn update(&self, learning_rate: f32, array: &mut Update<'_, Self>) {
        visit(Place::Optimizer);
        array.each(
            #[inline(always)]
            |w, g, _square, [m]| {
                *m = 0.9 * *m - learning_rate * g;
                *w += *m;
            },
        );
    }
}

struct FragileCallback;

impl Callback for FragileCallback {
    fn on_batch_end(&mut self, _: usize, _: &Scores, _: &mut Training<'_>) {
        visit(Place::BatchEnd);
    }
    fn on_test_begin(&mut self, _: &mut Training<'_>) {
        visit(Place::TestBegin);
    }
    fn on_epoch_end(&mut self, _: usize, _: &Scores, _: &mut Training<'_>) {
        visit(Place::EpochEnd);
    }
}

type Fit<'a> = Trainer<'a, Chain, Fragile2, FragileLoss, ([f32; 1],)>;
type Batch = Result<(Vec<[f32; 4]>, Vec<[f32; 1]>), std::io::Error>;

fn batches(place: Place) -> impl Iterator<Item = Batch> {
    let (x, y) = sums(24);
    (0..3).map(move |i| {
        visit(place);
        Ok((x[8 * i..][..8].to_vec(), y[8 * i..][..8].to_vec()))
    })
}

fn trainer(model: &mut Chain) -> Fit<'_> {
    let mut base = Base::new(0.05);
    base.use_ema = true;
    Trainer::new(model, Fragile2(base), FragileLoss)
        .metric(FragileMetric)
        .batch_size(8)
        .epochs(2)
        .shuffle(false)
        .validation_batches(|| batches(Place::ValidationBatches))
        .callback(SwapEmaWeights::new().swap_on_epoch(true))
        .callback(FragileCallback)
        .verbose(false)
}

fn fit(trainer: &mut Fit<'_>, place: Place) -> Result<History, TrainError> {
    let (x, y) = sums(24);
    if place == Place::Batches { trainer.fit_batches(|_| batches(place)) } else { trainer.fit(&x, &y) }
}

/// Trains with a panic at this place, which is on its way for the fifth time, or the first where it comes once an epoch.
fn fit_until(trainer: &mut Fit<'_>, place: Place, visits: usize) {
    VISITS.store(visits, Ordering::SeqCst);
    PLACE.store(place as u32, Ordering::SeqCst);
    let panic = catch_unwind(AssertUnwindSafe(|| fit(trainer, place))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&format!("{place:?}")));
}

fn goes_on(place: Place, visits: usize, whole_steps: usize) {
    let (mut model, mut reference) = (Chain::new(1), Chain::new(1));
    let mut trainer = trainer(&mut model);
    fit_until(&mut trainer, place, visits);
    assert_eq!(trainer.steps(), whole_steps as u64, "{place:?}");

    // What was trained without a panic, step by step.
    let (x, y) = sums(24);
    let mut whole = self::trainer(&mut reference);
    for step in 0..whole_steps {
        let rows = step % 3 * 8..step % 3 * 8 + 8;
        whole.train_on_batch(&x[rows.clone()], &y[rows]).unwrap();
    }
    assert_eq!(weights(trainer.model()), weights(whole.model()), "{place:?}");
    let (history, expected) = (fit(&mut trainer, place).unwrap(), fit(&mut whole, place).unwrap());
    assert_eq!(format!("{history:?}"), format!("{expected:?}"), "{place:?}");
    assert!(history.get("val_loss").is_some());
    assert_eq!(weights(trainer.model()), weights(whole.model()), "{place:?}");
}

fn is_said(place: Place, visits: usize) {
    let path = std::env::temp_dir().join(format!("fusion-panics-{}", std::process::id()));
    let mut model = Chain::new(1);
    let mut trainer = trainer(&mut model);
    fit(&mut trainer, place).unwrap();
    trainer.save(&path).unwrap();
    let before = weights(trainer.model());
    fit_until(&mut trainer, place, visits);
    let (x, y) = sums(24);
    let says = |error: TrainError| assert!(error.to_string().starts_with("a panic ended an earlier step"), "{error}");
    says(trainer.fit(&x, &y).unwrap_err());
    says(trainer.fit_batches(|_| batches(place)).unwrap_err());
    says(trainer.train_on_batch(&x, &y).unwrap_err());
    says(trainer.evaluate(&x, &y).unwrap_err());
    says(trainer.accumulate(&x, &y, &mut Gradient::new()).unwrap_err());
    says(trainer.apply(&mut Gradient::new()).unwrap_err());
    let error = trainer.save(&path).unwrap_err().to_string();
    assert!(error.contains("a panic ended an earlier step"), "{error}");
    trainer.load(&path).unwrap();
    assert_eq!(weights(trainer.model()), before);
    fit(&mut trainer, place).unwrap();
    std::fs::remove_file(&path).unwrap();
}

/// One test, as there is one place at a time.
#[test]
fn a_panic_leaves_whole_steps_or_is_said() {
    // An epoch has three steps of one tile each, and what is validated afterwards has as many batches.
    goes_on(Place::Forward, 5, 4);
    goes_on(Place::Backward, 5, 4);
    goes_on(Place::Loss, 2, 1);
    // In a validation.
    goes_on(Place::Loss, 5, 3);
    goes_on(Place::Gradient, 5, 4);
    goes_on(Place::Metric, 2, 1);
    goes_on(Place::BatchEnd, 5, 5);
    goes_on(Place::TestBegin, 1, 3);
    goes_on(Place::EpochEnd, 1, 3);
    goes_on(Place::Batches, 5, 4);
    goes_on(Place::ValidationBatches, 2, 3);
    is_said(Place::UpdateState, 2);
    // Of the second array.
    is_said(Place::Optimizer, 2);
}

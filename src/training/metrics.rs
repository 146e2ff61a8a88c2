//! Metrics on the outputs, and what they have seen so far.

use std::marker::PhantomData;

use fusion_core::metrics::{Metric, MetricState};
use fusion_core::model::{Broken, Outputs};
use fusion_core::{Network, Tensor};

use super::in_order::MetricsInOrderOf;
use super::losses::Seen;
use super::targets::{Anything, Targets};
use super::tuples::for_each_tuple;
use super::weights::SampleWeights;

/// What [`Trainer::metric`](super::Trainer::metric) accepts: a metric for a model with one output, for several the struct
/// of the model's name and `Metrics`, `TicketsMetrics { priority: (), department: CategoricalAccuracy }`, with `()` for
/// none. A tuple of metrics in the order of the outputs does where no two outputs have the same shape.
///
/// `Kind` is found by the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no metric for `{N}`, whose outputs are `{O}` and whose losses take targets of the types `{T}`",
    label = "expected one metric for each output",
    note = "a model with one output takes a metric, a model with several `{N}Metrics {{ a: .., b: () }}` with the outputs' names; `()` is none",
    note = "metrics are every loss, and `Accuracy`, `Auc`, `BinaryAccuracy`, `BinaryIou`, `CategoricalAccuracy`, `ConcordanceCorrelation`, `F1Score`, `FBetaScore`, `FalseNegatives`, `FalsePositives`, `Iou`, `LogCoshError`, `MeanIou`, `OneHotIou`, `OneHotMeanIou`, `PearsonCorrelation`, `Precision`, `PrecisionAtRecall`, `R2Score`, `Recall`, `RecallAtPrecision`, `RootMeanSquaredError`, `SensitivityAtSpecificity`, `SparseCategoricalAccuracy`, `SparseTopKCategoricalAccuracy`, `SpecificityAtSensitivity`, `TopKCategoricalAccuracy`, `TrueNegatives` and `TruePositives`",
    note = "a function of your own is a metric as a `MeanMetricWrapper`: `MeanMetricWrapper::new(\"name\", |y: &[f32; 1], z: &[f32; 1]| ..)`",
    note = "what Keras knows by a text is a type: `\"mae\"` is `MeanAbsoluteError.named(\"mae\")`, and `\"accuracy\"` is `SparseCategoricalAccuracy` of class ids, `CategoricalAccuracy` of one-hot targets and `BinaryAccuracy` of a single number"
)]
pub trait Metrics<N: Network, T: Targets, Kind, O: Outputs = <N as Network>::Outputs> {
    /// The metrics with memory for what they will see.
    #[doc(hidden)]
    fn into_tracker(self) -> Box<dyn Tracker<O, T>>;
}

/// A tuple of metrics, one for each output.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no metrics for the outputs `{O}` with losses that take targets of the types `{T}`",
    label = "expected a metric, or `()`, for each of the outputs `{O}`, in their order"
)]
#[doc(hidden)]
pub trait MetricsInOrder<O: Outputs, T: Targets, Kind> {
    /// `Differ`. What is said of the order is said only where these are metrics.
    type Order<Differ>;
    fn track(self) -> Box<dyn Tracker<O, T>>;
}

/// Metrics of any types.
#[doc(hidden)]
pub type BoxedTracker<O, T> = Box<dyn Tracker<O, T>>;

/// Metrics with what they have seen so far.
#[doc(hidden)]
pub trait Tracker<O: Outputs, T: Targets>: Send {
    /// Shows the output's index, or none for all together, and the name of each metric's numbers.
    fn names(&self, name: &mut dyn FnMut(Option<usize>, &str));
    /// Shows the value of each metric, in the order of the names.
    fn results(&self, result: &mut dyn FnMut(f64));
    /// Marks the outputs with metrics that are taken of logits.
    fn of_logits(&self, of_logits: &mut [bool]);
    /// Whether a batch cannot be cut into parts.
    fn by_batch(&self) -> bool;
    /// Shows the numbers of each metric's state.
    fn numbers(&mut self, number: &mut dyn FnMut(&mut f64));
    /// Takes in some samples.
    fn update(&mut self, targets: T::Slices<'_>, seen: Seen<'_, O>, weights: SampleWeights<'_>);
    /// Forgets all samples.
    fn reset(&mut self);
}

/// That a metric compares outputs with what the loss compares them with.
#[diagnostic::on_unimplemented(
    message = "the metric takes targets of type `{Self}`, but the loss takes targets of type `{T}`",
    label = "this metric cannot be used with this loss"
)]
#[doc(hidden)]
pub trait SameTarget<T>: Sized {
    fn same(targets: &[T]) -> &[Self];
}
impl<T> SameTarget<T> for T {
    fn same(targets: &[T]) -> &[T] {
        targets
    }
}

/// The kind of a metric, beside [`NoMetric`]: without kinds `()` could not stand beside every
/// type that is a metric.
#[doc(hidden)]
pub struct OneMetric;
/// The kind of `()`.
#[doc(hidden)]
pub struct NoMetric;

/// A metric on one output, or `()`.
#[doc(hidden)]
pub trait MetricOrNone<A, T, Kind>: Send + 'static {
    type State: MetricState;
    fn names(&self, name: &mut dyn FnMut(&str));
    fn of_logits(&self) -> Option<Self>
    where
        Self: Sized;
    fn by_batch(&self) -> bool;
    fn update(
        &self,
        state: &mut Self::State,
        targets: &[T],
        predictions: &[A],
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
    );
    fn results(&self, state: &Self::State, result: &mut dyn FnMut(f64));
}

impl<A: Tensor<Element = f32>, T, M: Metric<A> + 'static> MetricOrNone<A, T, OneMetric> for M
where
    M::Target: SameTarget<T>,
{
    type State = M::State;
    fn names(&self, name: &mut dyn FnMut(&str)) {
        Metric::parts(self, &mut |part| name(&format!("{}{part}", Metric::name(self))));
    }
    fn of_logits(&self) -> Option<M> {
        Metric::of_logits(self)
    }
    fn by_batch(&self) -> bool {
        Metric::by_batch(self)
    }
    fn update(
        &self,
        state: &mut M::State,
        targets: &[T],
        predictions: &[A],
        weights: Option<&[f32]>,
        mask: Option<&[f32]>,
    ) {
        match mask {
            None => Metric::update(self, state, SameTarget::same(targets), predictions, weights),
            mask => Metric::update_masked(self, state, SameTarget::same(targets), predictions, weights, mask),
        }
    }
    fn results(&self, state: &M::State, result: &mut dyn FnMut(f64)) {
        Metric::results(self, state, result);
    }
}

impl<A, T> MetricOrNone<A, T, NoMetric> for () {
    type State = ();
    fn names(&self, _: &mut dyn FnMut(&str)) {}
    fn of_logits(&self) -> Option<()> {
        None
    }
    fn by_batch(&self) -> bool {
        false
    }
    fn update(&self, (): &mut (), _: &[T], _: &[A], _: Option<&[f32]>, _: Option<&[f32]>) {}
    fn results(&self, (): &(), _: &mut dyn FnMut(f64)) {}
}

/// A tuple of metrics, each with its state.
struct Tracked<M, Kinds> {
    metrics: M,
    kinds: PhantomData<fn() -> Kinds>,
}

impl<M, Kinds> Tracked<M, Kinds> {
    fn new(metrics: M) -> Self {
        Self { metrics, kinds: PhantomData }
    }
}

macro_rules! tracker {
    ($(($out:ident $loss:ident $metric:ident $kind:ident $target:ident $samples:ident $place:tt))+) => {
        impl<$($out, $target, $metric, $kind),+> Tracker<($($out,)+), ($($target,)+)>
            for Tracked<($(($metric, $metric::State),)+), ($($kind,)+)>
        where
            $(
                $out: Tensor<Element = f32>,
                $target: Copy + Send + Sync + 'static,
                $metric: MetricOrNone<$out, $target, $kind>,
            )+
        {
            fn names(&self, name: &mut dyn FnMut(Option<usize>, &str)) {
                $(self.metrics.$place.0.names(&mut |metric| name(Some($place), metric));)+
            }
            fn results(&self, result: &mut dyn FnMut(f64)) {
                $(
                    let (metric, state) = &self.metrics.$place;
                    metric.results(state, result);
                )+
            }
            fn of_logits(&self, of_logits: &mut [bool]) {
                $(of_logits[$place] |= self.metrics.$place.0.of_logits().is_some();)+
            }
            fn by_batch(&self) -> bool {
                false $(|| self.metrics.$place.0.by_batch())+
            }
            fn update(&mut self, targets: ($(&[$target],)+), seen: Seen<'_, ($($out,)+)>, weights: SampleWeights<'_>) {
                let Seen { outputs, logits, has_logits, masks } = seen;
                $(
                    let ((metric, state), own) = (&mut self.metrics.$place, weights.of($place));
                    match metric.of_logits().filter(|_| has_logits[$place]) {
                        Some(metric) => metric.update(state, targets.$place, logits.$place, own, masks[$place]),
                        None => metric.update(state, targets.$place, outputs.$place, own, masks[$place]),
                    }
                )+
            }
            fn numbers(&mut self, number: &mut dyn FnMut(&mut f64)) {
                $(self.metrics.$place.1.each(number);)+
            }
            fn reset(&mut self) {
                $(self.metrics.$place.1 = $metric::State::default();)+
            }
        }
    };
}

macro_rules! metrics {
    ($(($out:ident $loss:ident $metric:ident $kind:ident $target:ident $samples:ident $place:tt))+) => {
        tracker!($(($out $loss $metric $kind $target $samples $place))+);

        #[diagnostic::do_not_recommend]
        impl<$($out, $target, $metric, $kind),+> MetricsInOrder<($($out,)+), ($($target,)+), ($($kind,)+)>
            for ($($metric,)+)
        where
            $(
                $out: Tensor<Element = f32>,
                $target: Copy + Send + Sync + 'static,
                $metric: MetricOrNone<$out, $target, $kind>,
                $kind: 'static,
            )+
        {
            type Order<Differ> = Differ;
            fn track(self) -> Box<dyn Tracker<($($out,)+), ($($target,)+)>> {
                Box::new(Tracked::<_, ($($kind,)+)>::new(($((self.$place, $metric::State::default()),)+)))
            }
        }

        // For any type, so that the compiler does not list the tuples where it is given something else.
        impl<Net: Network, All, $($out, $target, $kind),+>
            Metrics<Net, ($($target,)+), ($($kind,)+), ($($out,)+)> for All
        where
            $($out: Tensor, $target: Copy + Send + Sync + 'static,)+
            All: MetricsInOrder<($($out,)+), ($($target,)+), ($($kind,)+)>,
            All::Order<Net::OutputsDiffer>: MetricsInOrderOf<Net>,
        {
            fn into_tracker(self) -> Box<dyn Tracker<($($out,)+), ($($target,)+)>> {
                self.track()
            }
        }
    };
}

tracker!((A LA MA KA TA SA 0));
impl<N, A, T, M, K> Metrics<N, (T,), K, (A,)> for M
where
    N: Network,
    A: Tensor<Element = f32>,
    T: Copy + Send + Sync + 'static,
    M: MetricOrNone<A, T, K>,
    K: 'static,
{
    fn into_tracker(self) -> Box<dyn Tracker<(A,), (T,)>> {
        Box::new(Tracked::<_, (K,)>::new(((self, M::State::default()),)))
    }
}
for_each_tuple!(metrics);

#[diagnostic::do_not_recommend]
impl<N: Network, O: Outputs, X> Metrics<N, Anything, (), Broken<O>> for X {
    fn into_tracker(self) -> Box<dyn Tracker<Broken<O>, Anything>> {
        Box::new(Anything)
    }
}

#[diagnostic::do_not_recommend]
impl<O: Outputs> Tracker<Broken<O>, Anything> for Anything {
    fn names(&self, _: &mut dyn FnMut(Option<usize>, &str)) {}
    fn results(&self, _: &mut dyn FnMut(f64)) {}
    fn of_logits(&self, _: &mut [bool]) {}
    fn by_batch(&self) -> bool {
        false
    }
    fn numbers(&mut self, _: &mut dyn FnMut(&mut f64)) {}
    fn update(&mut self, (): (), _: Seen<'_, Broken<O>>, _: SampleWeights<'_>) {}
    fn reset(&mut self) {}
}

//! A layer at every step of a sequence.

#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Floats, Forward, Found, Graph, InputError, Layer, Masking, Mistake, Needs, Output, Remedy, State};
use crate::shape::{Element, Tensor, Text};
use crate::weights::{Configured, OptionsOf, OptionsWithin};

mod steps;

/// y\[t\] = layer(x\[t\]) for every step t of a sequence, with the same weights, `[steps, …]` → `[steps, …]`: Keras's
/// `layers.TimeDistributed`.
///
/// The layer's own options stand behind it: `TimeDistributed<Dropout(0.5)>`, `TimeDistributed<Dense<_, 4>(use_bias =
/// false)>`. A layer that looks at the whole batch, such as batch
/// normalization, sees one step of all samples at a time while training, as in Keras.
///
/// A mask goes on to what comes out. Where it has more dimensions than the sequence's steps, the layer within sees at each
/// step what is of that step; not if it looks at the whole batch.
///
/// The weights stand below the layer's name, `time_distributed/dense/kernel`. Keras numbers the layer within as one of
/// all that a program makes, `time_distributed/dense_5/kernel`; its files are read all the same.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Dense, TimeDistributed};
/// use fusion::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 3]; 5];
/// type EachStep = TimeDistributed<Dense<3, 4>>;
/// assert_eq!(<EachStep as Layer<Sequence>>::OUTPUT.shape, Shape::new(&[5, 4]));
/// assert_eq!(<EachStep as Parameters>::COUNT, 16);
/// ```
#[repr(C)]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(example = "TimeDistributed<Dense<_, 32>>")]
pub struct TimeDistributed<L> {
    /// What every step goes through.
    #[parameter(name = <L as Configured>::NAME, within)]
    pub layer: L,
}

/// What the layer says of one step, as it reads for the sequence.
const fn output<In: Tensor>(step: Output, needs: &Needs) -> Output {
    let (shape, room) = match step.shape.prepend(In::SHAPE.dim(0)) {
        Some(shape) => (shape, true),
        None => (step.shape, false),
    };
    let mut output = Output { shape, parts: &[], mistake: None, ..step };
    if !step.parts.is_empty() {
        output = output.or(Some(Mistake::sentence(Text::new("takes a layer with one output"))));
    }
    if In::SHAPE.rank() < 2 {
        output = output.or(Some(Mistake::shape(Text::new("takes a sequence, [steps, features] or [steps, …]"))));
    }
    if let Some(mistake) = step.mistake {
        output = output.or(Some(at_each_step(mistake)));
    }
    if !room {
        let text = Text::new("would give ").shape(&step.shape).and(" at each step");
        output = output.or(Some(Mistake::shape(text.and(", which with the steps is more than six dimensions"))));
    }
    if needs.activity.is_some() {
        let text = Text::new(
            "would lose the penalty of what its layer gives, as Keras's does: put `ActivityRegularization` behind it",
        );
        output = output.or(Some(Mistake::sentence(text)));
    }
    if needs.couples_samples && !In::Element::IS_NUMBER {
        let text = Text::new("cannot take ids to a layer that looks at the whole batch");
        output = output.or(Some(Mistake::sentence(text)));
    }
    output
}

const fn at_each_step(mut mistake: Mistake) -> Mistake {
    if !matches!(mistake.found, Found::Nothing) {
        mistake.takes = mistake.takes.and(" at each step");
    }
    if matches!(mistake.found, Found::Shape) {
        // What to put before the layer within is not what to put before this one.
        mistake.remedy = Remedy::Nothing;
    }
    mistake.within()
}

/// What the layer needs for one step, as what it needs for the sequence.
const fn needs<In: Tensor>(step: Needs, output: &Output) -> Needs {
    let (steps, couples) = (In::SHAPE.dim(0), step.couples_samples);
    // A layer that looks at the whole batch is called for each step, otherwise once for all.
    let calls = if couples { steps } else { 1 };
    let needs = Needs::NONE
        .saved(step.saved.times(steps, calls))
        .saved_in_inference(step.saved_in_inference.times(steps, calls))
        .multiplications(step.multiplications.saturating_mul(steps))
        .couples_samples(couples)
        .activity_within(step.activity_within)
        .masking(Masking::PassesOn);
    if !couples {
        return needs.scratch(step.scratch.times(steps, 1)).backward_scratch(step.backward_scratch.times(steps, 1));
    }
    // Then one step of the batch is copied together at a time: what goes in and what comes out,
    // on the way back with their gradients.
    let copies =
        Floats::per_sample(<In::Step as Tensor>::SHAPE.length()).and(Floats::per_sample(output.shape.length()));
    needs.scratch(step.scratch.and(copies)).backward_scratch(step.backward_scratch.and(copies.times(2, 0)))
}

impl<In, O, L> Layer<In, O> for TimeDistributed<L>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: Layer<In::Step, O::Within>,
{
    const OUTPUT: Output = output::<In>(L::OUTPUT, &L::NEEDS);
    const NEEDS: Needs = needs::<In>(L::NEEDS, &L::OUTPUT);
    const DETAILS: &'static str = const { &Text::new(L::CLASS).and(" ").and(L::DETAILS) }.as_str();
    const NESTED: Option<&'static Graph> = L::NESTED;

    fn check(&self, cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        if L::NEEDS.couples_samples {
            return steps::check_one_by_one::<L, O::Within, In>(&self.layer, cx, x);
        }
        steps::within(cx, cx.random, |cx| self.layer.check(cx, steps::of(x)))
            .map_err(|error| steps::error::<In>(&error))
    }

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        if L::NEEDS.couples_samples {
            steps::forward_one_by_one::<L, O::Within, In, Out>(&self.layer, cx, x, y);
            return;
        }
        let random = cx.random.in_steps(In::SHAPE.dim(0) as u64);
        steps::within(cx, random, |cx| self.layer.forward(cx, steps::of(x), steps::of_mut(y)));
    }

    fn penalty_within(&self, samples: usize, keep: bool, saved: &[f32]) -> f64 {
        let steps = In::SHAPE.dim(0);
        if !L::NEEDS.couples_samples {
            return self.layer.penalty_within(steps * samples, keep, saved);
        }
        let piece = L::NEEDS.kept(keep).of(samples);
        (0..steps).map(|step| self.layer.penalty_within(samples, keep, &saved[step * piece..(step + 1) * piece])).sum()
    }

    fn update_state(&mut self, cx: &mut State<'_>) {
        let (steps, samples) = (In::SHAPE.dim(0), cx.samples);
        if L::NEEDS.couples_samples {
            for saved in steps::pieces(cx.saved, L::NEEDS.saved.of(samples)).take(steps) {
                self.layer.update_state(&mut State::new(samples, saved));
            }
        } else {
            self.layer.update_state(&mut State::new(steps * samples, cx.saved));
        }
    }
}

#[cfg(feature = "training")]
impl<In, O, L> TrainLayer<In, O> for TimeDistributed<L>
where
    In: Tensor,
    O: OptionsOf<Self> + OptionsWithin<Within: OptionsOf<L>>,
    L: TrainLayer<In::Step, O::Within>,
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        if L::NEEDS.couples_samples {
            steps::backward_one_by_one::<L, O::Within, In, Out>(&self.layer, cx, x, y, dy, dx);
            return;
        }
        let random = cx.random.in_steps(In::SHAPE.dim(0) as u64);
        let (saved, scratch) = (core::mem::take(&mut cx.saved), core::mem::take(&mut cx.scratch));
        let mut cx = cx.within(|this| &mut this.layer, random, saved, scratch);
        self.layer.backward(&mut cx, steps::of(x), steps::of(y), steps::of_mut(dy), dx.map(steps::of_mut));
    }
}

#[cfg(test)]
mod tests;

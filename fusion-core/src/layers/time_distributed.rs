//! A layer at every step of a sequence.

use core::marker::PhantomData;

use crate::fit::{Gives, Mend};
use crate::graph::Graph;
use crate::layer::InputError;
use crate::parameters::Visit;
use crate::{
    Backward, Configured, Fit, Forward, Layer, Memory, Mistake, OptionsOf, Parameter, Parameters, Path, Shape, Tensor,
    Text,
};

mod steps;

/// y\[t\] = layer(x\[t\]) for every step t of a sequence, with the same weights, `[steps, …]` → `[steps, …]`: Keras's
/// `layers.TimeDistributed`.
///
/// The options are the layer's: `TimeDistributed<Dropout>(0.5)`. A layer that looks at the whole batch, such as batch
/// normalization, sees one step of all samples at a time while training, as in Keras.
///
/// The weights stand below the layer's name, `time_distributed/dense/kernel`. Keras counts the inner names of all
/// models that a program made before, `dense_5`.
///
/// ```
/// use fusion_core::layers::{Dense, TimeDistributed};
/// use fusion_core::{Layer, Parameters, Shape};
/// type Sequence = [[f32; 3]; 5];
/// assert_eq!(<TimeDistributed<Dense<3, 4>> as Layer<Sequence>>::FIT.output, Shape::new(&[5, 4]));
/// assert_eq!(TimeDistributed::<Dense<3, 4>>::COUNT, 16);
/// ```
#[repr(C)]
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct TimeDistributed<L> {
    /// What every step goes through.
    pub layer: L,
}

/// The options of a [`TimeDistributed`] layer as those of the layer within.
pub struct OfEachStep<O>(PhantomData<O>);

impl<L: Configured, O: OptionsOf<TimeDistributed<L>>> OptionsOf<L> for OfEachStep<O> {
    const VALUE: L::Options = O::VALUE;
}

impl<L: Configured> TimeDistributed<L> {
    const NAME: &'static Text = &snake_case(L::CLASS);
}

/// `BatchNormalization` → `batch_normalization`, as Keras names layers.
const fn snake_case(class: &str) -> Text {
    let bytes = class.as_bytes();
    let mut text = Text::new("");
    let mut i = 0;
    while i < bytes.len() {
        let ends_a_word = i > 0 && bytes[i - 1].is_ascii_lowercase();
        let begins_a_word = i > 0 && i + 1 < bytes.len() && bytes[i + 1].is_ascii_lowercase();
        if bytes[i].is_ascii_uppercase() && (ends_a_word || begins_a_word) {
            text = text.and("_");
        }
        let letter = [bytes[i].to_ascii_lowercase()];
        text = match core::str::from_utf8(&letter) {
            Ok(letter) => text.and(letter),
            Err(_) => text,
        };
        i += 1;
    }
    text
}

impl<L: Configured + Parameters> Parameters for TimeDistributed<L> {
    const COUNT: usize = L::COUNT;
    const NON_TRAINABLE: usize = L::NON_TRAINABLE;
    const SPARSE: bool = L::SPARSE;

    fn walk<const K: usize>(these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        L::walk(these.map(|this| &mut this.layer), &path.layer(Self::NAME.as_str()), visit);
    }

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.layer.walk_ref(&path.layer(Self::NAME.as_str()), visit);
    }
}

impl<L: Configured> Configured for TimeDistributed<L> {
    type Options = L::Options;
    const DEFAULT: L::Options = L::DEFAULT;
    const CLASS: &'static str = "TimeDistributed";
    const NESTED: Option<&'static Graph> = L::NESTED;
}

/// What the layer says of one step, as it reads for the sequence.
const fn fit<In: Tensor>(step: Fit, couples: bool) -> Fit {
    let room = step.output.rank < Shape::MAXIMUM_RANK;
    let output = if room { step.output.prepend(In::SHAPE.dims[0]) } else { step.output };
    let mut fit = Fit::new(output);
    if In::SHAPE.rank < 2 {
        fit = fit.or(Some(Mistake::shape(Text::new("takes a sequence, [steps, features] or [steps, …]"))));
    }
    if let Some(mistake) = step.mistake {
        fit = fit.or(Some(at_each_step(mistake)));
    }
    if !room {
        let text = Text::new("would give ").shape(&step.output).and(" at each step");
        fit = fit.or(Some(Mistake::shape(text.and(", which with the steps is more than four dimensions"))));
    }
    if couples && !<In::Element as crate::tensor::Element>::IS_NUMBER {
        let text = Text::new("cannot take ids to a layer that looks at the whole batch");
        fit = fit.or(Some(Mistake::sentence(text)));
    }
    fit
}

const fn at_each_step(mut mistake: Mistake) -> Mistake {
    if !matches!(mistake.gives, Gives::Nothing) {
        mistake.takes = mistake.takes.and(" at each step");
    }
    if matches!(mistake.gives, Gives::Shape) {
        // What to put before the layer within is not what to put before this one.
        mistake.mend = Mend::Nothing;
    }
    if let Mend::Argument { value, .. } = mistake.mend {
        // The argument is not one of ours, but of the layer within.
        mistake = mistake.advice(Text::new("write ").number(value).and(" or `_` in its place"));
    }
    mistake
}

/// What the layer needs for one step, as what it needs for the sequence.
const fn memory<In: Tensor>(step: Memory, output: Shape, couples: bool) -> Memory {
    let steps = In::SHAPE.dims[0];
    // A layer that looks at the whole batch is called for each step, otherwise once for all.
    let calls = if couples { steps } else { 1 };
    let memory = Memory {
        saved_per_sample: steps * step.saved_per_sample,
        saved: calls * step.saved,
        saved_in_inference: match step.saved_in_inference {
            Some((per_sample, once)) => Some((steps * per_sample, calls * once)),
            None => None,
        },
        ..step
    };
    if !couples {
        return Memory {
            scratch_per_sample: steps * step.scratch_per_sample,
            backward_scratch_per_sample: steps * step.backward_scratch_per_sample,
            ..memory
        };
    }
    // Then one step of the batch is copied together at a time: what goes in and what comes out,
    // on the way back with their gradients.
    let copies = <In::Step as Tensor>::SHAPE.length() + output.length();
    Memory {
        scratch_per_sample: step.scratch_per_sample + copies,
        backward_scratch_per_sample: step.backward_scratch_per_sample + 2 * copies,
        ..memory
    }
}

impl<In: Tensor, O: OptionsOf<Self>, L: Layer<In::Step, OfEachStep<O>>> Layer<In, O> for TimeDistributed<L> {
    const FIT: Fit = fit::<In>(L::FIT, L::COUPLES_SAMPLES);
    const MEMORY: Memory = memory::<In>(L::MEMORY, L::FIT.output, L::COUPLES_SAMPLES);
    const MULTIPLICATIONS: usize = In::SHAPE.dims[0] * L::MULTIPLICATIONS;
    const DETAILS: &'static str = const { &Text::new(L::CLASS).and(" ").and(L::DETAILS) }.as_str();
    const COUPLES_SAMPLES: bool = L::COUPLES_SAMPLES;

    fn check(x: &[In]) -> Result<(), InputError> {
        L::check(steps::of(x)).map_err(|error| steps::error::<In>(&error))
    }

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        if L::COUPLES_SAMPLES {
            steps::forward_one_by_one::<L, OfEachStep<O>, In, Out>(&self.layer, cx, x, y);
            return;
        }
        let Forward { training, trainable, keep, random, saved, scratch, .. } = cx;
        let random = random.in_steps(In::SHAPE.dims[0] as u64);
        let (training, trainable, keep) = (*training, *trainable, *keep);
        let cx = &mut Forward { training, trainable, keep, random, logits: None, saved, scratch };
        self.layer.forward(cx, steps::of(x), steps::of_mut(y));
    }

    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        gradient: &mut Self,
    ) {
        Layer::<In, O>::step_back(self, cx, x, y, dy, dx, gradient, None);
    }

    fn step_back<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
        gradient: &mut Self,
        squares: Option<&mut Self>,
    ) {
        if L::COUPLES_SAMPLES {
            let gradient = &mut gradient.layer;
            steps::backward_one_by_one::<L, OfEachStep<O>, In, Out>(&self.layer, cx, x, y, dy, dx, gradient);
            return;
        }
        let Backward { training, trainable, random, saved, scratch, .. } = cx;
        let random = random.in_steps(In::SHAPE.dims[0] as u64);
        let (training, trainable) = (*training, *trainable);
        let cx = &mut Backward { training, trainable, random, logits_gradient: None, saved, scratch };
        let (x, y, dy, dx) = (steps::of(x), steps::of(y), steps::of_mut(dy), dx.map(steps::of_mut));
        let squares = squares.map(|squares| &mut squares.layer);
        self.layer.step_back(cx, x, y, dy, dx, &mut gradient.layer, squares);
    }

    fn update_state(&mut self, samples: usize, saved: &mut [f32]) {
        let steps = In::SHAPE.dims[0];
        if L::COUPLES_SAMPLES {
            for saved in steps::pieces(saved, L::MEMORY.saved(samples)).take(steps) {
                self.layer.update_state(samples, saved);
            }
        } else {
            self.layer.update_state(steps * samples, saved);
        }
    }

    fn walk_weights<const K: usize>(these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        L::walk_weights(these.map(|this| &mut this.layer), &path.layer(Self::NAME.as_str()), visit);
    }

    fn walk_weights_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.layer.walk_weights_ref(&path.layer(Self::NAME.as_str()), visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_named_as_keras_names_them() {
        let names = ["Dense", "BatchNormalization", "LSTM", "Conv2D", "Conv2DTranspose", "ReLU", "PReLU"];
        let expected = ["dense", "batch_normalization", "lstm", "conv2d", "conv2d_transpose", "re_lu", "p_re_lu"];
        assert_eq!(names.map(|name| snake_case(name).as_str().to_owned()), expected);
    }
}

use alloc::{vec, vec::Vec};

use super::batch::samples;
use super::{Loss, TargetError};
use crate::kernels::first_largest;
use crate::shape::Tensor;

/// The label that stands for nothing, and fills up the end of a target.
const BLANK: u32 = 0;

/// How unlikely a sequence of labels is, wherever along the steps they stand (Graves et al., 2006): connectionist temporal
/// classification, Keras's `CTC`.
///
/// The output is `[f32; CLASSES]` logits for each of its steps, of which class 0 is the blank; the target has up to `LABELS`
/// labels, from 1 on, and zeros behind them. The model ends without a `Softmax`, which the loss has. It is −ln of the sum
/// over all ways in which the steps can give the labels, each once or several times in a row, with blanks between them. All
/// steps count. Each step of training allocates for it. [`ctc_decode`] reads the labels of an output.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::{Ctc, Loss};
///
/// // Two steps that say nothing: of 9 ways, (1, 1), (0, 1) and (1, 0) give the label 1.
/// let mut losses = [0.0];
/// Ctc::<4>::default().losses(&[[1, 0, 0, 0]], &[[[0.0_f32; 3]; 2]], &mut losses);
/// assert!((losses[0] - 3.0_f32.ln()).abs() < 1e-6);
/// ```
///
/// # Errors
/// [`Loss::check`] finds labels that are no class, zeros between labels, and labels that take more steps than there are: one
/// each, and one more between two equal ones.
#[doc(alias("CTC", "ctc_loss"))]
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Ctc<const LABELS: usize>;

/// The labels of an output of [`Ctc`]: the likeliest class of each step, those that repeat once, without blanks. Keras's
/// `ctc_decode` with the strategy `"greedy"`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::losses::ctc_decode;
///
/// let steps = [[0.1, 0.8], [0.2, 0.9], [0.7, 0.1], [0.0, 0.6]];
/// assert_eq!(ctc_decode(&steps), [1, 1]);
/// ```
#[must_use]
pub fn ctc_decode<const CLASSES: usize, const STEPS: usize>(output: &[[f32; CLASSES]; STEPS]) -> Vec<u32> {
    let mut likeliest: Vec<u32> = output.iter().map(|step| first_largest(step) as u32).collect();
    likeliest.dedup();
    likeliest.retain(|label| *label != BLANK);
    likeliest
}

/// The labels of a target, without what fills it up.
fn labels(target: &[u32]) -> &[u32] {
    let end = target.iter().rposition(|label| *label != BLANK).map_or(0, |last| last + 1);
    &target[..end]
}

/// How many steps labels take at least.
fn steps_of(labels: &[u32]) -> usize {
    labels.len() + labels.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

/// ln(exp(a) + exp(b)).
fn ln_add(a: f64, b: f64) -> f64 {
    let (less, more) = if a < b { (a, b) } else { (b, a) };
    if less == f64::NEG_INFINITY { more } else { more + libm::log1p(libm::exp(less - more)) }
}

/// The ways along one sample's steps. A state is a label, or the blank before, between or behind labels.
struct Ways<'a> {
    labels: &'a [u32],
    classes: usize,
    steps: usize,
    /// ln of each class's probability at each step.
    ln: Vec<f64>,
    /// ln of the probability of all ways up to a step and a state.
    reached: Vec<f64>,
}

impl<'a> Ways<'a> {
    fn new(target: &'a [u32], logits: &[f32], classes: usize) -> Self {
        let steps = logits.len() / classes;
        let labels = labels(target);
        let states = 2 * labels.len() + 1;
        let mut ways =
            Self { labels, classes, steps, ln: ln_softmax(logits, classes), reached: vec![0.0; steps * states] };
        for step in 0..steps {
            for state in 0..states {
                let before = match step.checked_sub(1) {
                    None if state < 2 => 0.0,
                    None => f64::NEG_INFINITY,
                    Some(step) => ways
                        .sources(state)
                        .map(|from| ways.reached[step * states + from])
                        .reduce(ln_add)
                        .unwrap_or(f64::NEG_INFINITY),
                };
                ways.reached[step * states + state] = before + ways.ln_of(step, state);
            }
        }
        ways
    }

    fn states(&self) -> usize {
        2 * self.labels.len() + 1
    }

    /// The class that a state stands for.
    fn class(&self, state: usize) -> usize {
        if state.is_multiple_of(2) { BLANK as usize } else { self.labels[state / 2] as usize }
    }

    fn ln_of(&self, step: usize, state: usize) -> f64 {
        self.ln[step * self.classes + self.class(state)]
    }

    /// Whether the blank before this state may be left out.
    fn skips(&self, state: usize) -> bool {
        state >= 2 && self.class(state) != BLANK as usize && self.class(state) != self.class(state - 2)
    }

    /// The states that lead to one in a step.
    fn sources(&self, state: usize) -> impl Iterator<Item = usize> {
        let least = if self.skips(state) { state - 2 } else { state.saturating_sub(1) };
        least..=state
    }

    /// ln of the probability of the labels.
    fn ln_probability(&self) -> f64 {
        let last = &self.reached[(self.steps - 1) * self.states()..];
        last.iter().rev().take(2).copied().reduce(ln_add).unwrap_or(f64::NEG_INFINITY)
    }

    /// Writes weight · the slope of −ln of the probability: softmax − the share of the ways that go through a class.
    fn gradient(&self, weight: f32, gradient: &mut [f32]) {
        let (states, total) = (self.states(), self.ln_probability());
        if total == f64::NEG_INFINITY {
            return gradient.fill(0.0);
        }
        // ln of the probability of all ways from a state after this step to the end.
        let mut ahead = vec![f64::NEG_INFINITY; states];
        ahead[states.saturating_sub(2)..].fill(0.0);
        let mut shares = vec![0.0; self.classes];
        for step in (0..self.steps).rev() {
            shares.fill(0.0);
            for (state, ahead) in ahead.iter().enumerate() {
                shares[self.class(state)] += libm::exp(self.reached[step * states + state] + ahead - total);
            }
            let places = step * self.classes..(step + 1) * self.classes;
            for ((slope, ln), share) in gradient[places.clone()].iter_mut().zip(&self.ln[places]).zip(&shares) {
                *slope = weight * (libm::exp(*ln) - share) as f32;
            }
            ahead = self.one_step_back(step, &ahead);
        }
    }

    fn one_step_back(&self, step: usize, ahead: &[f64]) -> Vec<f64> {
        let mut before = vec![f64::NEG_INFINITY; ahead.len()];
        for (state, ahead) in ahead.iter().enumerate() {
            let through = ahead + self.ln_of(step, state);
            self.sources(state).for_each(|from| before[from] = ln_add(before[from], through));
        }
        before
    }
}

/// ln of the softmax of each step.
fn ln_softmax(logits: &[f32], classes: usize) -> Vec<f64> {
    let mut ln: Vec<f64> = logits.iter().map(|logit| f64::from(*logit)).collect();
    for step in ln.chunks_exact_mut(classes) {
        let most = step.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum = most + libm::log(step.iter().map(|logit| libm::exp(logit - most)).sum());
        step.iter_mut().for_each(|logit| *logit -= sum);
    }
    ln
}

/// Of a batch as flat numbers: writes what `write` makes of each sample.
fn each<'a>(
    (targets, labels): (&'a [u32], usize),
    (logits, length, classes): (&[f32], usize, usize),
    mut write: impl FnMut(usize, Ways<'a>),
) {
    for (sample, logits) in logits.chunks_exact(length.max(1)).enumerate() {
        write(sample, Ways::new(&targets[sample * labels..(sample + 1) * labels], logits, classes));
    }
}

impl<const LABELS: usize, const CLASSES: usize, const STEPS: usize> Loss<[[f32; CLASSES]; STEPS]> for Ctc<LABELS> {
    type Target = [u32; LABELS];

    fn name(&self) -> &'static str {
        "ctc"
    }

    fn losses(&self, targets: &[[u32; LABELS]], predictions: &[[[f32; CLASSES]; STEPS]], losses: &mut [f32]) {
        samples(targets, predictions);
        let logits = (<[[f32; CLASSES]; STEPS]>::numbers(predictions), CLASSES * STEPS, CLASSES);
        each((targets.as_flattened(), LABELS), logits, |sample, ways| losses[sample] = -ways.ln_probability() as f32);
    }

    fn gradient(
        &self,
        targets: &[[u32; LABELS]],
        predictions: &[[[f32; CLASSES]; STEPS]],
        weights: &[f32],
        gradient: &mut [[[f32; CLASSES]; STEPS]],
    ) {
        samples(targets, predictions);
        let logits = (<[[f32; CLASSES]; STEPS]>::numbers(predictions), CLASSES * STEPS, CLASSES);
        each((targets.as_flattened(), LABELS), logits, |sample, ways| {
            ways.gradient(weights[sample], gradient[sample].as_flattened_mut());
        });
    }

    fn check(&self, targets: &[[u32; LABELS]]) -> Result<(), TargetError> {
        (0..).zip(targets).try_for_each(|(sample, target)| check(sample, target, CLASSES, STEPS))
    }
}

fn check(sample: usize, target: &[u32], classes: usize, steps: usize) -> Result<(), TargetError> {
    let labels = labels(target);
    if let Some(class) = labels.iter().find(|label| **label as usize >= classes) {
        return Err(TargetError::ClassOutOfRange { sample, class: *class, classes });
    }
    if let Some(position) = labels.iter().position(|label| *label == BLANK) {
        let expected =
            "0 is the blank, which stands behind all labels and not between them: labels are numbered from 1";
        return Err(TargetError::Value { sample, position, value: 0.0, expected });
    }
    let needed = steps_of(labels);
    if needed > steps {
        return Err(TargetError::TooManyLabels { sample, labels: labels.len(), needed, steps });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Out = [[f32; 4]; 5];

    fn output(seed: u32) -> Out {
        let number = |i: usize| ((i as u32 * 7919 + seed * 104_729) % 1000) as f32 / 250.0 - 2.0;
        core::array::from_fn(|step| core::array::from_fn(|class| number(4 * step + class)))
    }

    /// The sum over all ways, one by one.
    fn by_all_ways(labels: &[u32], output: &Out) -> f64 {
        let ln = ln_softmax(output.as_flattened(), 4);
        let mut sum = 0.0;
        for way in 0..4_u32.pow(5) {
            let classes: [u32; 5] = core::array::from_fn(|step| way / 4_u32.pow(step as u32) % 4);
            let mut read = classes.to_vec();
            read.dedup();
            read.retain(|label| *label != BLANK);
            if read == labels {
                sum += libm::exp((0..5).map(|step| ln[4 * step + classes[step] as usize]).sum());
            }
        }
        -libm::log(sum)
    }

    #[test]
    fn the_loss_is_that_of_all_ways() {
        for (seed, target) in (0..).zip([[0, 0, 0], [2, 0, 0], [1, 2, 3], [1, 1, 0], [3, 3, 3], [2, 3, 2]]) {
            let (output, mut losses) = (output(seed), [f32::NAN]);
            Ctc::<3>.losses(&[target], &[output], &mut losses);
            let expected = by_all_ways(labels(&target), &output);
            assert!((f64::from(losses[0]) - expected).abs() < 1e-6 * expected, "{target:?}: {losses:?} {expected}");
        }
    }

    #[test]
    fn the_gradient_is_the_slope() {
        for (seed, target) in (0..).zip([[0, 0, 0], [2, 0, 0], [1, 2, 3], [1, 1, 0], [2, 2, 2]]) {
            let (output, mut gradient) = (output(seed), [Out::ZERO]);
            Ctc::<3>.gradient(&[target], &[output], &[0.5], &mut gradient);
            for place in 0..20 {
                let moved = |by: f32| {
                    let mut output = output;
                    output.as_flattened_mut()[place] += by;
                    by_all_ways(labels(&target), &output)
                };
                let slope = 0.5 * (moved(1.0 / 64.0) - moved(-1.0 / 64.0)) * 32.0;
                let found = f64::from(gradient[0].as_flattened()[place]);
                assert!((found - slope).abs() < 1e-4, "{target:?} at {place}: {found} {slope}");
            }
        }
    }

    #[test]
    fn targets_that_cannot_be_are_named() {
        let check = |targets: &[[u32; 3]]| Loss::<[[f32; 4]; 3]>::check(&Ctc::<3>, targets);
        assert_eq!(check(&[[1, 2, 3], [0, 0, 0], [1, 1, 0]]), Ok(()));
        assert_eq!(
            check(&[[1, 0, 0], [4, 0, 0]]),
            Err(TargetError::ClassOutOfRange { sample: 1, class: 4, classes: 4 })
        );
        assert!(matches!(check(&[[1, 0, 2]]), Err(TargetError::Value { sample: 0, position: 1, .. })));
        let error = TargetError::TooManyLabels { sample: 1, labels: 3, needed: 4, steps: 3 };
        assert_eq!(check(&[[1, 2, 3], [2, 2, 1]]), Err(error));
        // Where nobody asks, it is a loss that says so, and no slope.
        let (mut losses, mut gradient) = ([0.0], [[[f32::NAN; 4]; 3]]);
        Ctc::<3>.losses(&[[2, 2, 1]], &[[[0.0; 4]; 3]], &mut losses);
        Ctc::<3>.gradient(&[[2, 2, 1]], &[[[0.0; 4]; 3]], &[1.0], &mut gradient);
        assert_eq!((losses, gradient), ([f32::INFINITY], [[[0.0; 4]; 3]]));
    }

    #[test]
    fn large_logits_are_no_trouble() {
        let (output, mut losses, mut gradient) = ([[1000.0, -1000.0], [-1000.0, 1000.0]], [0.0], [[[0.0; 2]; 2]]);
        Ctc::<1>.losses(&[[1]], &[output], &mut losses);
        Ctc::<1>.gradient(&[[1]], &[output], &[1.0], &mut gradient);
        assert_eq!((losses, gradient), ([0.0], [[[0.0; 2]; 2]]));
    }
}

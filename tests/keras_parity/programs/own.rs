//! What public programs have of their own, written as a user would: a layer and a loss.

use fusion::Parameters;
use fusion::layer::{Backward, Forward, Layer, Mistake, Output, TrainLayer};
use fusion::losses::{Loss, TargetError};
use fusion::shape::{Shape, Tensor};
use fusion::weights::OptionsOf;

/// The least square of a length, Keras's `epsilon`, so that its root has a slope.
const EPSILON: f32 = 1e-7;

/// y = √max(Σ x², ε): the Euclidean distance where x is a difference.
#[derive(Clone, Debug, PartialEq, Default, Parameters)]
pub struct Length;

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Length {
    const OUTPUT: Output = Output::new(Shape::new(&[1])).or(Mistake::unless_numbers::<In>());

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let samples = In::numbers(x).chunks_exact(In::SHAPE.length());
        for (y, x) in Out::numbers_mut(y).iter_mut().zip(samples) {
            *y = x.iter().map(|x| x * x).sum::<f32>().max(EPSILON).sqrt();
        }
    }
}

impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Length {
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let length = In::SHAPE.length();
        let samples = In::numbers(x).chunks_exact(length).zip(In::numbers_mut(dx).chunks_exact_mut(length));
        for ((x, dx), (y, dy)) in samples.zip(Out::numbers(y).iter().zip(Out::numbers(dy))) {
            let slope = if y * y > EPSILON { dy / y } else { 0.0 };
            dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = slope * x);
        }
    }
}

/// (1 − y) ŷ² + y max(1 − ŷ, 0)²: pairs that are alike, 0, come near, others, 1, at least to a distance of 1
/// (Hadsell, Chopra and LeCun, 2006).
#[derive(Clone, Copy, Debug)]
pub struct Contrastive;

impl Loss<[f32; 1]> for Contrastive {
    type Target = [f32; 1];

    fn name(&self) -> &'static str {
        "contrastive"
    }

    fn losses(&self, targets: &[[f32; 1]], predictions: &[[f32; 1]], losses: &mut [f32]) {
        for ((loss, [y]), [distance]) in losses.iter_mut().zip(targets).zip(predictions) {
            let missing = (1.0 - distance).max(0.0);
            *loss = (1.0 - y) * distance * distance + y * missing * missing;
        }
    }

    fn gradient(&self, targets: &[[f32; 1]], predictions: &[[f32; 1]], weights: &[f32], gradient: &mut [[f32; 1]]) {
        let samples = targets.iter().zip(predictions).zip(weights);
        for ([slope], (([y], [distance]), weight)) in gradient.iter_mut().zip(samples) {
            *slope = 2.0 * weight * ((1.0 - y) * distance - y * (1.0 - distance).max(0.0));
        }
    }

    fn check(&self, targets: &[[f32; 1]]) -> Result<(), TargetError> {
        match targets.iter().position(|[y]| !y.is_finite()) {
            None => Ok(()),
            Some(sample) => Err(TargetError::NotFinite { sample, position: 0 }),
        }
    }
}

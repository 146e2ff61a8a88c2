//! A cell that computes what `SimpleRnn` does, so that it has Keras's numbers of that.

use fusion::Parameters;
use fusion_core::layers::{Cell, StepBack};
use fusion_core::weights::{Initializer, OptionsOf};

/// h ← tanh(x · kernel + h · recurrent_kernel + bias).
#[derive(Clone, Debug, PartialEq, Parameters)]
#[repr(C, align(64))]
pub struct SimpleRnnCell<const FEATURES: usize, const UNITS: usize> {
    pub kernel: [[f32; UNITS]; FEATURES],
    #[parameter(initializer = Initializer::Orthogonal(1.0))]
    pub recurrent_kernel: [[f32; UNITS]; UNITS],
    pub bias: [f32; UNITS],
}

impl<O: OptionsOf<Self>, const FEATURES: usize, const UNITS: usize> Cell<O> for SimpleRnnCell<FEATURES, UNITS> {
    const FEATURES: usize = FEATURES;
    const UNITS: usize = UNITS;

    fn step(&self, x: &[f32], h: &[f32], next: &mut [f32], _kept: &mut [f32]) {
        for (u, next) in next.iter_mut().enumerate() {
            let of_x: f32 = x.iter().zip(&self.kernel).map(|(x, row)| x * row[u]).sum();
            let of_h: f32 = h.iter().zip(&self.recurrent_kernel).map(|(h, row)| h * row[u]).sum();
            *next = (of_x + of_h + self.bias[u]).tanh();
        }
    }

    fn step_back(&self, back: StepBack<'_, Self>) {
        let StepBack { x, state: h, next, dnext, dx, dstate, mut gradient, .. } = back;
        for u in 0..UNITS {
            let dz = dnext[u] * (1.0 - next[u] * next[u]);
            dx.iter_mut().zip(&self.kernel).for_each(|(dx, row)| *dx += dz * row[u]);
            dstate.iter_mut().zip(&self.recurrent_kernel).for_each(|(dh, row)| *dh += dz * row[u]);
            if let Some(gradient) = &mut gradient {
                gradient.kernel.iter_mut().zip(x).for_each(|(row, x)| row[u] += dz * x);
                gradient.recurrent_kernel.iter_mut().zip(h).for_each(|(row, h)| row[u] += dz * h);
                gradient.bias[u] += dz;
            }
        }
    }
}

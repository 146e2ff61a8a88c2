//! [`Softmax`] as a layer.

use super::rearranging::{dimension, no_dimension, stride};
#[cfg(feature = "training")]
use crate::activations::TrainActivation;
use crate::activations::options::SoftmaxOptions;
use crate::activations::{Activation, Softmax};
use crate::kernels::math::exp;
use crate::kernels::vectorize;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Shape, Tensor};
use crate::weights::OptionsOf;

impl SoftmaxOptions {
    const fn mistake(&self, input: &Shape) -> Option<Mistake> {
        match dimension(self.axis, input.rank()) {
            Some(_) => None,
            None => Some(no_dimension("axis", self.axis, "a sample", input)),
        }
    }

    const fn unless_of_one(&self, input: &Shape) -> Option<Mistake> {
        super::unless_of_one::<Softmax>(&Shape::new(&[self.along(input).0]))
    }

    /// Along how many numbers it goes, and how far they are apart.
    const fn along(&self, input: &Shape) -> (usize, usize) {
        match dimension(self.axis, input.rank()) {
            Some(dimension) => (input.dim(dimension), stride(input, dimension)),
            None => (1, 1),
        }
    }

    /// Whether it goes along rows, as what a crossentropy is taken of.
    const fn of_rows(&self, input: &Shape) -> bool {
        matches!(dimension(self.axis, input.rank()), Some(dimension) if dimension + 1 == input.rank())
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Softmax {
    const OUTPUT: Output = Output::new(In::SHAPE)
        .or(Mistake::unless_numbers::<In>())
        .or(Mistake::unless_dimensions::<In>())
        .or(O::VALUE.mistake(&In::SHAPE))
        .or(O::VALUE.unless_of_one(&In::SHAPE));
    const NEEDS: Needs = Needs::NONE.logits(O::VALUE.of_rows(&In::SHAPE)).masking(Masking::PassesOn);

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let y = Out::numbers_mut(y);
        y.copy_from_slice(In::numbers(x));
        if const { O::VALUE.of_rows(&In::SHAPE) } {
            cx.keep_logits(y);
            <Self as Activation>::forward(y, In::SHAPE.last());
            return;
        }
        let (count, apart) = const { O::VALUE.along(&In::SHAPE) };
        softmax(y, count, apart);
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Softmax {
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        _x: &[In],
        y: &[Out],
        dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        let Some(dx) = dx else { return };
        let (y, dx) = (Out::numbers(y), In::numbers_mut(dx));
        dx.copy_from_slice(Out::numbers(dy));
        if const { O::VALUE.of_rows(&In::SHAPE) } {
            <Self as TrainActivation>::backward(&[], y, dx, In::SHAPE.last());
            cx.add_logits_gradient(dx);
            return;
        }
        let (count, apart) = const { O::VALUE.along(&In::SHAPE) };
        gradient(y, dx, count, apart);
    }
}

/// Vectors that are worked on together.
const LANES: usize = 16;

/// Shows `LANES` vectors that lie side by side, or fewer, by where the first begins and how many there are.
#[inline(always)]
fn side_by_side(length: usize, count: usize, apart: usize, mut show: impl FnMut(usize, usize)) {
    for outer in (0..length).step_by((count * apart).max(1)) {
        for first in (0..apart).step_by(LANES) {
            show(outer + first, LANES.min(apart - first));
        }
    }
}

fn softmax(values: &mut [f32], count: usize, apart: usize) {
    vectorize(
        #[inline(always)]
        || {
            side_by_side(values.len(), count, apart, |start, lanes| {
                let (mut largest, mut sum) = ([f32::NEG_INFINITY; LANES], [0.0; LANES]);
                let row = |index: usize| start + index * apart..start + index * apart + lanes;
                for index in 0..count {
                    let each = largest.iter_mut().zip(&values[row(index)]);
                    each.for_each(|(most, x)| *most = if *x > *most { *x } else { *most });
                }
                for index in 0..count {
                    for ((x, most), sum) in values[row(index)].iter_mut().zip(&largest).zip(&mut sum) {
                        *x = exp(*x - most);
                        *sum += *x;
                    }
                }
                for index in 0..count {
                    values[row(index)].iter_mut().zip(&sum).for_each(|(x, sum)| *x /= sum);
                }
            });
        },
    );
}

#[cfg(feature = "training")]
fn gradient(y: &[f32], gradient: &mut [f32], count: usize, apart: usize) {
    vectorize(
        #[inline(always)]
        || {
            side_by_side(y.len(), count, apart, |start, lanes| {
                let mut mean = [0.0; LANES];
                let row = |index: usize| start + index * apart..start + index * apart + lanes;
                for index in 0..count {
                    let each = y[row(index)].iter().zip(&gradient[row(index)]);
                    mean.iter_mut().zip(each).for_each(|(mean, (y, gradient))| *mean += y * gradient);
                }
                for index in 0..count {
                    let each = gradient[row(index)].iter_mut().zip(&y[row(index)]);
                    each.zip(&mean).for_each(|((gradient, y), mean)| *gradient = y * (*gradient - mean));
                }
            });
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::layers::testing::{differences, says};
    use crate::weights::{Defaults, Options, OptionsOf};

    struct Along<const AXIS: isize>;
    impl<const AXIS: isize> OptionsOf<Softmax> for Along<AXIS> {
        const VALUE: SoftmaxOptions = SoftmaxOptions::DEFAULT.axis(AXIS);
    }

    /// Over the places of the same `key`.
    fn formula(x: &[f64], key: impl Fn(usize) -> usize) -> Vec<f64> {
        let sum = |at: usize| (0..x.len()).filter(|i| key(*i) == key(at)).map(|i| libm::exp(x[i])).sum::<f64>();
        (0..x.len()).map(|at| libm::exp(x[at]) / sum(at)).collect()
    }

    #[test]
    fn output_and_gradient_are_those_of_the_formula() {
        let x: [[[f32; 19]; 3]; 2] = core::array::from_fn(|i| {
            core::array::from_fn(|j| core::array::from_fn(|k| ((57 * i + 19 * j + k) as f32).sin()))
        });
        differences::<_, Defaults, [[f32; 19]; 3], [[f32; 19]; 3]>(&Softmax, &x, |_, x| formula(x, |at| at / 19));
        differences::<_, Along<1>, [[f32; 19]; 3], [[f32; 19]; 3]>(&Softmax, &x, |_, x| formula(x, |at| at % 19));
        type Cube = [[[f32; 19]; 3]; 2];
        differences::<_, Along<2>, Cube, Cube>(&Softmax, &[x], |_, x| formula(x, |at| at / 57 * 19 + at % 19));
        differences::<_, Along<-3>, Cube, Cube>(&Softmax, &[x], |_, x| formula(x, |at| at % 57));
    }

    #[test]
    fn large_numbers_do_not_overflow_and_a_nan_spoils_its_own_vector_only() {
        let mut values = [1000.0, 1.0, 1000.0, f32::NAN];
        softmax(&mut values, 2, 2);
        assert_eq!((values[0], values[2]), (0.5, 0.5));
        assert!(values[1].is_nan() && values[3].is_nan());
    }

    #[test]
    fn the_axis_is_one_of_a_sample() {
        type Rows = [[f32; 3]; 2];
        const { assert!(<Softmax as Layer<Rows>>::NEEDS.logits && !<Softmax as Layer<Rows, Along<1>>>::NEEDS.logits) };
        let batch = "axis 0 is the batch; a sample's first dimension is axis 1";
        assert_eq!(says::<Softmax, Along<0>, Rows>().unwrap(), batch);
        assert!(says::<Softmax, Along<3>, Rows>().unwrap().starts_with("a sample is [2, 3], so its axes are 1 to 2"));
        assert_eq!(says::<Softmax, Defaults, f32>().unwrap(), "takes at least one dimension");
    }
}

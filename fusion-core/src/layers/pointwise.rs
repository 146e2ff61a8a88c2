//! What the layers share that are a function of each number alone.

use crate::kernels::vectorize;
use crate::layer::Mistake;
use crate::shape::Text;

/// Makes a type the layer that applies the function of its options.
macro_rules! pointwise {
    ($layer:ident) => {
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::Layer<In, O> for $layer {
            const OUTPUT: $crate::layer::Output = $crate::layer::Output::new(In::SHAPE)
                .or($crate::layer::Mistake::unless_numbers::<In>())
                .or($crate::layers::pointwise::mistake(O::VALUE.wrong()));
            const NEEDS: $crate::layer::Needs = $crate::layer::Needs::NONE.masking($crate::layer::Masking::PassesOn);

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                let options = const { O::VALUE };
                $crate::layers::pointwise::map(In::numbers(x), Out::numbers_mut(y), |x| {
                    $crate::activations::parameters::Curve::at(&options, x)
                });
            }
        }

        #[cfg(feature = "training")]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::TrainLayer<In, O>
            for $layer
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[In],
                _y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                let Some(dx) = dx else { return };
                let (options, dx) = (const { O::VALUE }, In::numbers_mut(dx));
                dx.copy_from_slice(Out::numbers(dy));
                $crate::layers::pointwise::multiply(In::numbers(x), dx, |x| {
                    $crate::activations::parameters::Curve::derivative(&options, x)
                });
            }
        }
    };
}
pub(super) use pointwise;

/// The mistake of an option with a value that it cannot have.
pub(super) const fn mistake(wrong: Option<(&'static str, &str)>) -> Option<Mistake> {
    match wrong {
        Some((option, message)) => Some(Mistake::option(option, Text::new(message))),
        None => None,
    }
}

#[inline(always)]
pub(super) fn map(x: &[f32], y: &mut [f32], value: impl Fn(f32) -> f32) {
    vectorize(
        #[inline(always)]
        || y.iter_mut().zip(x).for_each(|(y, x)| *y = value(*x)),
    );
}

/// Multiplies each number by the slope at its place.
#[cfg(feature = "training")]
#[inline(always)]
pub(super) fn multiply(x: &[f32], dx: &mut [f32], slope: impl Fn(f32) -> f32) {
    vectorize(
        #[inline(always)]
        || dx.iter_mut().zip(x).for_each(|(dx, x)| *dx *= slope(*x)),
    );
}

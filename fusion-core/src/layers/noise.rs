//! What the layers share that change numbers at random while training.

use crate::weights::Random;

/// Makes a struct the layer that changes each sample by random numbers while training, and nothing otherwise: what comes
/// out with these options, and both ways. A way is given the sample's own stream, so that it finds the same numbers again;
/// the way back, where it stands in parentheses, the sample too.
macro_rules! noise {
    (@back ($backward:ident), $options:expr, $shape:expr, $stream:expr, $x:expr, $dy:expr, $dx:expr) => {
        $backward($options, $shape, $stream, $x, $dy, $dx)
    };
    (@back $backward:ident, $options:expr, $shape:expr, $stream:expr, $x:expr, $dy:expr, $dx:expr) => {{
        let _ = $x;
        $backward($options, $shape, $stream, $dy, $dx)
    }};
    ($layer:ident, $output:ident, $forward:ident, $backward:tt) => {
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::Layer<In, O> for $layer {
            const OUTPUT: $crate::layer::Output = $output::<In>(&O::VALUE);
            const NEEDS: $crate::layer::Needs = $crate::layer::Needs::NONE.masking($crate::layer::Masking::PassesOn);

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                let (x, y, length) = (In::numbers(x), Out::numbers_mut(y), In::SHAPE.length());
                if !cx.training {
                    return y.copy_from_slice(x);
                }
                let options = const { O::VALUE };
                $crate::layers::noise::each_sample(x, y, length, cx.random, |stream, x, y| {
                    $forward(&options, &In::SHAPE, stream, x, y);
                });
            }
        }

        #[cfg(feature = "training")]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::TrainLayer<In, O>
            for $layer
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                cx: &mut $crate::layer::Backward<'_, Self>,
                x: &[In],
                _y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                let Some(dx) = dx else { return };
                let (dy, dx, length) = (Out::numbers(dy), In::numbers_mut(dx), In::SHAPE.length());
                if !cx.training {
                    return dx.copy_from_slice(dy);
                }
                let options = const { O::VALUE };
                let mut samples = In::numbers(x).chunks_exact(length.max(1));
                $crate::layers::noise::each_sample(dy, dx, length, cx.random, |stream, dy, dx| {
                    let x = samples.next().unwrap_or_default();
                    $crate::layers::noise::noise!(@back $backward, &options, &In::SHAPE, stream, x, dy, dx);
                });
            }
        }
    };
}
pub(super) use noise;

/// Shows each sample, with the random numbers that are its own.
pub(super) fn each_sample(
    from: &[f32],
    to: &mut [f32],
    length: usize,
    random: Random,
    mut show: impl FnMut(Random, &[f32], &mut [f32]),
) {
    let samples = from.chunks_exact(length.max(1)).zip(to.chunks_exact_mut(length.max(1)));
    samples.zip(0..).for_each(|((from, to), sample)| show(random.of_sample(sample), from, to));
}

/// The mean of numbers, and their variance.
#[cfg(test)]
pub(super) fn moments(numbers: &[f32]) -> (f32, f32) {
    let mean = numbers.iter().sum::<f32>() / numbers.len() as f32;
    let square = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>();
    (mean, square / numbers.len() as f32)
}

//! One window that takes all places.

use crate::kernels::{add_rows, vectorize};
use crate::layer::Output;
use crate::layers::spatial;
use crate::shape::{Shape, Tensor};

/// The options of the global poolings, such as `GlobalMaxPooling2d(keepdims = true)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct GlobalPoolingOptions {
    /// Whether the result stays an input of one place, `[1, 1, channels]`; `false` if not given.
    #[option(default = false)]
    keepdims: bool,
}

impl GlobalPoolingOptions {
    pub(in crate::layers) const fn output<In: Tensor, const RANK: usize>(&self) -> Output {
        let (sides, channels) = spatial::sides::<In, RANK>();
        let shape = if self.keepdims { spatial::shape([1; RANK], channels) } else { Shape::new(&[channels]) };
        let output = Output::new(shape).or(crate::layer::Mistake::unless_numbers::<In>());
        spatial::of_sides::<In, RANK>(output).or(spatial::unless_places(sides))
    }
}

/// The mean of each channel over all places.
pub(in crate::layers) struct Average;

/// The largest number of each channel.
pub(in crate::layers) struct Largest;

impl Average {
    /// `length` numbers of an input become `channels`.
    pub(in crate::layers) fn forward(length: usize, channels: usize, x: &[f32], y: &mut [f32]) {
        y.fill(0.0);
        for (x, sum) in x.chunks_exact(length.max(1)).zip(y.chunks_exact_mut(channels.max(1))) {
            add_rows(x, sum);
        }
        let places = (length / channels.max(1)) as f32;
        y.iter_mut().for_each(|y| *y /= places);
    }

    #[cfg(feature = "training")]
    pub(in crate::layers) fn backward(
        length: usize,
        channels: usize,
        _x: &[f32],
        _y: &[f32],
        dy: &mut [f32],
        dx: &mut [f32],
    ) {
        let channels = channels.max(1);
        let places = (length / channels) as f32;
        dy.iter_mut().for_each(|dy| *dy /= places);
        for (dx, share) in dx.chunks_exact_mut(length.max(1)).zip(dy.chunks_exact(channels)) {
            vectorize(
                #[inline(always)]
                || dx.chunks_exact_mut(channels).for_each(|place| place.copy_from_slice(share)),
            );
        }
    }
}

impl Largest {
    /// `length` numbers of an input become `channels`.
    pub(in crate::layers) fn forward(length: usize, channels: usize, x: &[f32], y: &mut [f32]) {
        let channels = channels.max(1);
        y.fill(f32::NEG_INFINITY);
        for (x, largest) in x.chunks_exact(length.max(1)).zip(y.chunks_exact_mut(channels)) {
            vectorize(
                #[inline(always)]
                || {
                    for place in x.chunks_exact(channels) {
                        for (largest, x) in largest.iter_mut().zip(place) {
                            *largest = if *x > *largest || x.is_nan() { *x } else { *largest };
                        }
                    }
                },
            );
        }
    }

    #[cfg(feature = "training")]
    pub(in crate::layers) fn backward(
        length: usize,
        channels: usize,
        x: &[f32],
        y: &[f32],
        dy: &mut [f32],
        dx: &mut [f32],
    ) {
        let (length, channels) = (length.max(1), channels.max(1));
        let inputs = x.chunks_exact(length).zip(dx.chunks_exact_mut(length));
        let outputs = y.chunks_exact(channels).zip(dy.chunks_exact_mut(channels));
        for ((x, dx), (largest, share)) in inputs.zip(outputs) {
            for (channel, (largest, share)) in largest.iter().zip(&mut *share).enumerate() {
                let equals = x.iter().skip(channel).step_by(channels).filter(|x| *x == largest).count();
                *share /= equals as f32;
            }
            vectorize(
                #[inline(always)]
                || {
                    for (place, dx) in x.chunks_exact(channels).zip(dx.chunks_exact_mut(channels)) {
                        for ((x, dx), (largest, share)) in place.iter().zip(dx).zip(largest.iter().zip(&*share)) {
                            *dx = if x == largest { *share } else { 0.0 };
                        }
                    }
                },
            );
        }
    }
}

/// Makes a struct the layer that takes the mean or the largest of all places along so many sides.
macro_rules! global_pooling {
    ($layer:ident, $rank:literal, $pool:ident) => {
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>> $crate::layer::Layer<In, O> for $layer {
            const OUTPUT: $crate::layer::Output = O::VALUE.output::<In, $rank>();

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Forward<'_>,
                x: &[In],
                y: &mut [Out],
            ) {
                let (length, channels) = (In::SHAPE.length(), In::SHAPE.last());
                $crate::layers::pooling::$pool::forward(length, channels, In::numbers(x), Out::numbers_mut(y));
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
                y: &[Out],
                dy: &mut [Out],
                dx: Option<&mut [In]>,
            ) {
                let Some(dx) = dx else { return };
                let (length, channels) = (In::SHAPE.length(), In::SHAPE.last());
                let (x, y, dy, dx) = (In::numbers(x), Out::numbers(y), Out::numbers_mut(dy), In::numbers_mut(dx));
                $crate::layers::pooling::$pool::backward(length, channels, x, y, dy, dx);
            }
        }
    };
}
pub(in crate::layers) use global_pooling;

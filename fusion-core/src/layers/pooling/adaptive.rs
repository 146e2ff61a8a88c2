//! Windows of which there are as many as asked.

use super::as_volume;
use crate::kernels::{Pooling, Windows};
use crate::layer::{Mistake, Output};
use crate::layers::spatial::{self, Extent, along_each_side};
use crate::shape::{Tensor, Text};

/// The options of the adaptive poolings, such as `AdaptiveAveragePooling2d(7)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, fusion_macros::Options)]
pub struct AdaptivePoolingOptions<const RANK: usize> {
    #[option(by_hand, default = Extent::square(1, ""))]
    output_size: Extent<RANK>,
}

impl<const RANK: usize> AdaptivePoolingOptions<RANK> {
    /// The places of the output, written without its name.
    #[must_use]
    pub const fn positional(self, output_size: usize) -> Self {
        self.output_size(output_size)
    }

    /// The places of the output along each side.
    #[must_use]
    pub const fn output_size(self, output_size: usize) -> Self {
        self.with_size(Extent::square(output_size, "output_size"))
    }

    const fn with_size(mut self, output_size: Extent<RANK>) -> Self {
        self.output_size = output_size;
        self
    }

    pub(in crate::layers) const fn sizes<In: Tensor>(&self) -> Pooling {
        let (sides, channels) = spatial::sides::<In, RANK>();
        let (mut windows, mut i) = ([Windows::ONE; RANK], 0);
        while i < RANK {
            windows[i] = Windows::Adaptive { input: sides[i], output: self.output_size.sides[i] };
            i += 1;
        }
        Pooling { sides: as_volume(windows), channels }
    }

    pub(in crate::layers) const fn output<In: Tensor>(&self) -> Output {
        let (sides, channels) = spatial::sides::<In, RANK>();
        let advice = Text::new("write how many places the output has, as in `(7)`");
        let missing = Mistake::missing(Text::new("needs an output size")).advice(advice);
        spatial::output::<In, RANK>(self.output_size.sides, channels)
            .or(if self.output_size.option.is_empty() { Some(missing) } else { None })
            .or(self.output_size.unless_positive())
            .or(spatial::unless_places(sides))
    }
}

along_each_side! {
    AdaptivePoolingOptions:
    output_size, output_size_hw, output_size_dhw => with_size;
}

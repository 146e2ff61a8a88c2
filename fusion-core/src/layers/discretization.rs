//! Numbers as the ids of bins.

use core::cmp::Ordering;

#[cfg(feature = "alloc")]
use super::adapting::{AdaptError, finite};
use super::encoding::OutputMode;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Mistake, Output};
use crate::shape::{Tensor, Text};
use crate::weights::{Initializer, OptionsOf};

#[cfg(feature = "alloc")]
mod quantiles;

/// y = how many boundaries are at most x: each number becomes the id of the bin that it lies in, of any shape. Keras's
/// `layers.Discretization`.
///
/// Either the boundaries are known, `Discretization(&[-0.5, 0.0, 0.25])`, Keras's `bin_boundaries`, in ascending order; as
/// in Keras the layer has no weights then. Or [`adapt`](Discretization::adapt) takes them from data so that about as many
/// numbers lie in each of `NUM_BINS` bins, `Discretization<10>`. There is one bin more than boundaries.
///
/// What comes out are ids, which `Embedding` takes. With another `output_mode` they are rows, as those of
/// [`CategoryEncoding`](super::CategoryEncoding): `OneHot` a row for each number, `MultiHot` and `Count` one for all along
/// the last dimension.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Discretization, DiscretizationOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer};
/// struct Ages; // `Discretization(&[18.0, 65.0])` in `model!`
/// impl OptionsOf<Discretization> for Ages {
///     const VALUE: DiscretizationOptions = DiscretizationOptions::DEFAULT.bin_boundaries(&[18.0, 65.0]);
/// }
/// let layer: Discretization = Discretization { bin_boundaries: [] };
/// let mut y = [[0; 3]];
/// Layer::<[f32; 3], Ages>::forward(&layer, &mut Forward::new(&mut [], &mut []), &[[17.5, 18.0, 70.0]], &mut y);
/// assert_eq!(y, [[0, 1, 2]]);
/// ```
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = DiscretizationOptions, example = "Discretization")]
pub struct Discretization<const NUM_BINS: usize = 0> {
    /// Where the bins end, but the last, which has no end: its number means nothing.
    #[parameter(trainable = false, adapted, initializer = Initializer::Constant(NO_BOUNDARY), when = NUM_BINS > 0)]
    pub bin_boundaries: [f32; NUM_BINS],
}

/// What stands where there is no boundary; a weight is finite.
const NO_BOUNDARY: f32 = f32::MAX;

/// The options of [`Discretization`]: `Discretization(&[0.0, 1.0], output_mode = OneHot)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct DiscretizationOptions {
    /// Where one bin ends and the next begins, where that is known.
    #[option(positional)]
    bin_boundaries: Option<&'static [f32]>,
    /// What comes out; the ids by default.
    #[option(default = OutputMode::Int)]
    output_mode: OutputMode,
}

impl DiscretizationOptions {
    const fn bins(&self, learnt: usize) -> usize {
        match self.bin_boundaries {
            Some(boundaries) => boundaries.len() + 1,
            None => learnt,
        }
    }

    const fn mistake(&self, learnt: usize) -> Option<Mistake> {
        match self.bin_boundaries {
            Some(_) if learnt > 0 => {
                let text = Text::new("given boundaries make a number of bins of their own; write `Discretization(…)`");
                Some(Mistake::option("bin_boundaries", text))
            }
            Some(boundaries) if !ascend(boundaries) => {
                let text = Text::new("`bin_boundaries` must be finite numbers in ascending order");
                Some(Mistake::option("bin_boundaries", text))
            }
            None if learnt == 0 => {
                let advice = "write `Discretization<10>`, and call its `adapt`, or `Discretization(&[0.0, 1.0])`";
                Some(Mistake::missing(Text::new("needs bins")).advice(Text::new(advice)))
            }
            _ => None,
        }
    }
}

const fn ascend(boundaries: &[f32]) -> bool {
    let mut i = 0;
    while i < boundaries.len() {
        if !boundaries[i].is_finite() || i > 0 && boundaries[i] < boundaries[i - 1] {
            return false;
        }
        i += 1;
    }
    true
}

impl<const NUM_BINS: usize> Discretization<NUM_BINS> {
    /// Takes the boundaries from all numbers of `data`, so that about as many lie in each bin: the quantiles that Keras's
    /// sketch of `epsilon=0.01` gives for one array.
    ///
    /// # Errors
    /// Where there are no rows, or a number is NaN or infinite: it says in which row and column. The layer is then as it
    /// was.
    #[cfg(feature = "alloc")]
    pub fn adapt<In: Tensor<Element = f32>>(&mut self, data: &[In]) -> Result<(), AdaptError> {
        const {
            assert!(NUM_BINS > 0, "`Discretization` adapts a number of bins that it was given, `Discretization<10>`");
        };
        let found = quantiles::boundaries(finite(data)?, NUM_BINS);
        self.bin_boundaries.fill(NO_BOUNDARY);
        self.bin_boundaries[..NUM_BINS - 1].iter_mut().zip(found).for_each(|(boundary, found)| *boundary = found);
        Ok(())
    }

    fn boundaries(&self, options: &DiscretizationOptions) -> &[f32] {
        options.bin_boundaries.unwrap_or(&self.bin_boundaries[..NUM_BINS.saturating_sub(1)])
    }
}

/// How many boundaries a number is not below; all where it is no number, as in Keras.
fn bin(boundaries: &[f32], x: f32) -> u32 {
    boundaries.partition_point(|boundary| x.partial_cmp(boundary) != Some(Ordering::Less)) as u32
}

impl<In: Tensor, O: OptionsOf<Self>, const NUM_BINS: usize> Layer<In, O> for Discretization<NUM_BINS> {
    const OUTPUT: Output = O::VALUE
        .output_mode
        .output(&In::SHAPE, O::VALUE.bins(NUM_BINS), "numbers", Mistake::unless_numbers::<In>())
        .or(O::VALUE.mistake(NUM_BINS));

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let options = const { O::VALUE };
        let ids = In::numbers(x).iter().map(|x| Some(bin(self.boundaries(&options), *x)));
        options.output_mode.write(ids, (&In::SHAPE, options.bins(NUM_BINS)), Out::memory_mut(y));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const NUM_BINS: usize> TrainLayer<In, O> for Discretization<NUM_BINS> {
    /// Steps have no slope.
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        _dy: &mut [Out],
        dx: Option<&mut [In]>,
    ) {
        if let Some(dx) = dx {
            In::numbers_mut(dx).fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::says;
    use crate::shape::{ElementType, Shape};
    use crate::weights::{Defaults, Options, Parameters};

    macro_rules! options {
        ($($name:ident: $options:expr;)+) => {
            $(struct $name;
            impl<const N: usize> OptionsOf<Discretization<N>> for $name {
                const VALUE: DiscretizationOptions = $options;
            })+
        };
    }
    const DEFAULT: DiscretizationOptions = DiscretizationOptions::DEFAULT;
    options! {
        Three: DEFAULT.bin_boundaries(&[-0.5, 0.0, 0.25]);
        Rows: DEFAULT.output_mode(OutputMode::OneHot);
        Counts: DEFAULT.output_mode(OutputMode::Count);
        Descending: DEFAULT.positional(&[0.0, -1.0]);
        Endless: DEFAULT.positional(&[0.0, f32::INFINITY]);
    }

    fn forward<In: Tensor, O: OptionsOf<Discretization<N>>, Out: Tensor, const N: usize>(
        layer: &Discretization<N>,
        x: In,
    ) -> Out {
        let mut y = [Out::ZERO];
        Layer::<In, O>::forward(layer, &mut Forward::new(&mut [], &mut []), &[x], &mut y);
        y[0]
    }

    #[test]
    fn a_boundary_belongs_to_the_bin_above_it() {
        let layer: Discretization = Discretization { bin_boundaries: [] };
        let ids: [u32; 6] = forward::<_, Three, _, 0>(&layer, [-0.6, -0.5, -0.0, 0.0, 0.25, f32::NAN]);
        assert_eq!(ids, [0, 1, 2, 2, 3, 3]);
        assert_eq!(<Discretization as Layer<[f32; 2], Three>>::OUTPUT.element, ElementType::U32);
        assert_eq!(<Discretization as Parameters<Three>>::COUNT, 0);
    }

    #[test]
    fn about_as_many_numbers_lie_in_each_bin() {
        let mut layer = Discretization { bin_boundaries: [NO_BOUNDARY; 4] };
        let data: Vec<[f32; 2]> = (0..500).map(|i| [i as f32, 999.0 - i as f32]).collect();
        layer.adapt(&data).unwrap();
        let mut counts = [0; 4];
        for x in 0..1000 {
            counts[forward::<_, Defaults, u32, 4>(&layer, x as f32) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (240..260).contains(count)), "{counts:?}");
        let before = layer.clone();
        assert!(layer.adapt(&[[1.0], [f32::NAN]]).is_err() && layer == before);
    }

    #[test]
    fn fewer_numbers_than_bins_leave_bins_empty() {
        let mut layer = Discretization { bin_boundaries: [0.0; 5] };
        layer.adapt(&[2.0, 1.0]).unwrap();
        assert_eq!(layer.bin_boundaries, [1.0, NO_BOUNDARY, NO_BOUNDARY, NO_BOUNDARY, NO_BOUNDARY]);
        assert_eq!(forward::<_, Defaults, [u32; 2], 5>(&layer, [f32::MAX, 0.0]), [4, 0]);
    }

    #[test]
    fn rows_say_which_and_how_often() {
        let layer = Discretization { bin_boundaries: [0.0, 1.0, NO_BOUNDARY] };
        let rows: [[f32; 3]; 2] = forward::<_, Rows, _, 3>(&layer, [0.5, 2.0]);
        assert_eq!(rows, [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        assert_eq!(forward::<_, Counts, [f32; 3], 3>(&layer, [0.5, 2.0, 0.75]), [0.0, 2.0, 1.0]);
        assert_eq!(<Discretization<3> as Layer<[f32; 1], Rows>>::OUTPUT.shape, Shape::new(&[3]));
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(says::<Discretization, Defaults, [f32; 2]>().unwrap(), "needs bins");
        assert_eq!(says::<Discretization<3>, Defaults, [f32; 2]>(), None);
        assert!(
            says::<Discretization<3>, Three, [f32; 2]>().unwrap().starts_with("given boundaries make a number of bins")
        );
        let ascending = "`bin_boundaries` must be finite numbers in ascending order";
        assert_eq!(says::<Discretization, Descending, [f32; 2]>().unwrap(), ascending);
        assert_eq!(says::<Discretization, Endless, [f32; 2]>().unwrap(), ascending);
        assert!(says::<Discretization, Three, [u32; 2]>().unwrap().starts_with("takes numbers"));
        assert_eq!(says::<Discretization<3>, Counts, f32>().unwrap(), "takes numbers along a dimension, [numbers]");
    }
}

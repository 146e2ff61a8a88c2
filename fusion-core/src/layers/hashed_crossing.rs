//! Ids of several wires as one.

use super::encoding::OutputMode;
use super::fingerprints::together;
use super::hashing::bins_mistake;
use super::window::given_size;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Mistake, Operand, Output, Several, Wire, Wires};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::OptionsOf;

/// y = hash(a, b, …) modulo `num_bins`: ids that stand at one place of two or more wires become one, of any shape. Keras's
/// `layers.HashedCrossing`.
///
/// In `model!` the wires have names of your choice, `(day = d, hour = h) => HashedCrossing(50)`; their order counts. The
/// hash is TensorFlow's, so that ids have the bin that they have there. What comes out are ids, which `Embedding` takes;
/// with `output_mode = OneHot` each is a row.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layer::{Operand, Several, Wire, Wires};
/// use fusion::layers::{HashedCrossing, HashedCrossingOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer};
/// struct Both;
/// impl Wires for Both {
///     const WIRES: &'static [Wire] = &[Wire::of::<u32>("day"), Wire::of::<u32>("hour")];
/// }
/// struct Fifty; // `HashedCrossing(50)` in `model!`
/// impl OptionsOf<HashedCrossing> for Fifty {
///     const VALUE: HashedCrossingOptions = HashedCrossingOptions::DEFAULT.num_bins(50);
/// }
/// let x = [Operand::of(&[1_u32, 2, 1]), Operand::of(&[2_u32, 1, 2])];
/// let (cx, mut y) = (&mut Forward::new(&mut [], &mut []), [0; 3]);
/// Layer::<Several<Both, 2>, Fifty>::forward(&HashedCrossing, cx, &x, &mut y);
/// assert!(y[0] == y[2] && y[0] != y[1]);
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = HashedCrossingOptions)]
pub struct HashedCrossing;

/// The options of [`HashedCrossing`]: `HashedCrossing(50)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct HashedCrossingOptions {
    /// How many bins there are.
    #[option(positional)]
    num_bins: Option<usize>,
    /// What comes out, `Int` or `OneHot`; the ids by default.
    #[option(default = OutputMode::Int)]
    output_mode: OutputMode,
}

/// Where TensorFlow's crossing begins.
const FIRST: u64 = 0x00DE_CAFC_AFFE;

impl HashedCrossingOptions {
    const fn bins(&self) -> usize {
        given_size(self.num_bins)
    }

    const fn output(&self, wires: &[Wire]) -> Output {
        let places = if wires.is_empty() { Shape::SCALAR } else { wires[0].shape };
        let output = self.output_mode.output(&places, self.bins(), "ids", unless_crossed(wires));
        let modes = matches!(self.output_mode, OutputMode::Int | OutputMode::OneHot);
        let text = Text::new("each place has one id; `output_mode` is `Int` or `OneHot`");
        output
            .or(if modes { None } else { Some(Mistake::option("output_mode", text)) })
            .or(bins_mistake(self.num_bins, "write `HashedCrossing(50)`"))
    }
}

/// The mistake of wires that are not two or more of ids, and of one shape, if they are not.
const fn unless_crossed(wires: &[Wire]) -> Option<Mistake> {
    if wires.len() < 2 {
        let text = Text::new("takes two wires or more; write `(a = x, b = y) => HashedCrossing(50)`");
        return Some(Mistake::sentence(text));
    }
    let mut i = 0;
    while i < wires.len() {
        if wires[i].element.is_number() {
            let text = Text::new("takes ids (`u32`), but `").and(wires[i].name).and("` carries numbers");
            return Some(Mistake::sentence(text));
        }
        if !wires[i].shape.equals(&wires[0].shape) {
            let text =
                Text::new("takes ids of one shape, but `").and(wires[0].name).and("` is ").shape(&wires[0].shape);
            let text = text.and(" and `").and(wires[i].name).and("` is ").shape(&wires[i].shape);
            return Some(Mistake::sentence(text));
        }
        i += 1;
    }
    None
}

impl<W: Wires, const K: usize, O: OptionsOf<Self>> Layer<Several<W, K>, O> for HashedCrossing {
    const OUTPUT: Output = O::VALUE.output(W::WIRES);

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[Operand<'_>], y: &mut [Out]) {
        let (options, bins) = (const { O::VALUE }, O::VALUE.bins());
        let crossed = (0..x[0].ids.len()).map(|place| {
            let hash = x.iter().fold(FIRST, |hash, wire| together(hash, u64::from(wire.ids[place])));
            Some((hash % bins as u64) as u32)
        });
        options.output_mode.write(crossed, (x[0].shape, bins), Out::memory_mut(y));
    }
}

#[cfg(feature = "training")]
impl<W: Wires, const K: usize, O: OptionsOf<Self>> TrainLayer<Several<W, K>, O> for HashedCrossing {
    /// Ids have no gradient.
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[Operand<'_>],
        _y: &[Out],
        _dy: &mut [Out],
        _dx: &mut [Option<&mut [f32]>],
    ) {
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::{Defaults, Options};

    macro_rules! wires {
        ($($name:ident: $($ty:ty),+;)+) => {
            $(struct $name;
            impl Wires for $name {
                const WIRES: &'static [Wire] = &[$(Wire::of::<$ty>(stringify!($ty))),+];
            })+
        };
    }
    wires! {
        One: u32;
        Number: u32, f32;
        Shapes: u32, [u32; 2];
        Two: [u32; 3], [u32; 3];
    }
    struct Ten;
    impl OptionsOf<HashedCrossing> for Ten {
        const VALUE: HashedCrossingOptions = HashedCrossingOptions::DEFAULT.positional(10);
    }
    struct Counted;
    impl OptionsOf<HashedCrossing> for Counted {
        const VALUE: HashedCrossingOptions = Ten::VALUE.output_mode(OutputMode::Count);
    }

    fn says<W: Wires, O: OptionsOf<HashedCrossing>>() -> Option<String> {
        let output = <HashedCrossing as Layer<Several<W, 2>, O>>::OUTPUT;
        output.mistake.map(|mistake| mistake.takes.as_str().to_owned())
    }

    #[test]
    fn two_wires_of_ids_of_one_shape_fit() {
        assert_eq!(says::<Two, Ten>(), None);
        assert_eq!(<HashedCrossing as Layer<Several<Two, 2>, Ten>>::OUTPUT.shape, Shape::new(&[3]));
        assert!(says::<One, Ten>().unwrap().starts_with("takes two wires or more"));
        assert_eq!(says::<Number, Ten>().unwrap(), "takes ids (`u32`), but `f32` carries numbers");
        let shapes = "takes ids of one shape, but `u32` is a single number and `[u32; 2]` is [2]";
        assert_eq!(says::<Shapes, Ten>().unwrap(), shapes);
        assert_eq!(says::<Two, Defaults>().unwrap(), "needs a number of bins");
        assert!(says::<Two, Counted>().unwrap().ends_with("`output_mode` is `Int` or `OneHot`"));
    }
}

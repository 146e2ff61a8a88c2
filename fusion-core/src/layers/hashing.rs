//! Ids spread over bins.

use super::encoding::OutputMode;
use super::fingerprints::{Decimal, farm, sip};
use super::window::given_size;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, Layer, Mistake, Output};
use crate::shape::{Tensor, Text};
use crate::weights::OptionsOf;

/// y = hash(x) modulo `num_bins`: ids of any size become ids below a bound, of any shape. Keras's `layers.Hashing`.
///
/// The hash is that of the id's decimal digits, as in Keras: FarmHash64, or with a `salt` SipHash-2-4 (Aumasson and
/// Bernstein, 2012), so that each id has the bin that it has there. With `mask_value` that id alone has the bin 0, and all
/// others share those behind it.
///
/// What comes out are ids, which `Embedding` takes. With another `output_mode` they are rows, as those of
/// [`CategoryEncoding`](super::CategoryEncoding).
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{Hashing, HashingOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer};
/// struct Three; // `Hashing(3, salt = 133)` in `model!`
/// impl OptionsOf<Hashing> for Three {
///     const VALUE: HashingOptions = HashingOptions::DEFAULT.num_bins(3).salt(133);
/// }
/// let mut y = [[0; 4]];
/// let cx = &mut Forward::new(&mut [], &mut []);
/// Layer::<[u32; 4], Three>::forward(&Hashing, cx, &[[7, 70_000, 7, u32::MAX]], &mut y);
/// assert!(y[0][0] == y[0][2] && y[0].iter().all(|bin| *bin < 3));
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = HashingOptions)]
pub struct Hashing;

/// The options of [`Hashing`]: `Hashing(100)` or `Hashing(num_bins = 100, mask_value = 0, salt = 133)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct HashingOptions {
    /// How many bins there are, with that of the mask value.
    #[option(positional)]
    num_bins: Option<usize>,
    /// The id that has the bin 0 for itself.
    mask_value: Option<u32>,
    /// Both halves of the key of SipHash.
    #[option(by_hand)]
    salt: Option<(u64, u64)>,
    /// What comes out; the ids by default.
    #[option(default = OutputMode::Int)]
    output_mode: OutputMode,
}

impl HashingOptions {
    /// Another hash for each number: Keras's `salt=133`.
    #[must_use]
    pub const fn salt(self, salt: u64) -> Self {
        self.salts((salt, salt))
    }

    /// Both halves of the key apart: Keras's `salt=[133, 137]`.
    #[must_use]
    pub const fn salts(mut self, salts: (u64, u64)) -> Self {
        self.salt = Some(salts);
        self
    }

    const fn bins(&self) -> usize {
        given_size(self.num_bins)
    }

    const fn mistake(&self) -> Option<Mistake> {
        bins_mistake(self.num_bins, "write `Hashing(100)`")
    }

    fn bin(&self, id: u32) -> u32 {
        let bins = self.bins() as u64;
        let masks = u64::from(self.mask_value.is_some() && bins > 1);
        if masks > 0 && self.mask_value == Some(id) {
            return 0;
        }
        let digits = Decimal::of(id);
        let hash = self.salt.map_or_else(|| farm(digits.bytes()), |key| sip(key, digits.bytes()));
        (hash % (bins - masks) + masks) as u32
    }
}

/// What is wrong with a number of bins.
pub(super) const fn bins_mistake(bins: Option<usize>, advice: &str) -> Option<Mistake> {
    match bins {
        None => Some(Mistake::missing(Text::new("needs a number of bins")).advice(Text::new(advice))),
        Some(0) => Some(Mistake::option("num_bins", Text::new("`num_bins` must be at least 1"))),
        Some(bins) if bins > u32::MAX as usize => {
            Some(Mistake::option("num_bins", Text::new("`num_bins` must be an id, below 4294967296")))
        }
        Some(_) => None,
    }
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Hashing {
    const OUTPUT: Output = O::VALUE
        .output_mode
        .output(&In::SHAPE, O::VALUE.bins(), "ids", Mistake::unless_ids::<In>())
        .or(O::VALUE.mistake());

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let options = const { O::VALUE };
        let bins = In::ids(x).iter().map(|id| Some(options.bin(*id)));
        options.output_mode.write(bins, (&In::SHAPE, options.bins()), Out::memory_mut(y));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>> TrainLayer<In, O> for Hashing {
    /// Ids have no gradient.
    fn backward<Out: Tensor>(
        &self,
        _cx: &mut Backward<'_, Self>,
        _x: &[In],
        _y: &[Out],
        _dy: &mut [Out],
        _dx: Option<&mut [In]>,
    ) {
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::says;
    use crate::weights::{Defaults, Options};

    macro_rules! options {
        ($($name:ident: $options:expr;)+) => {
            $(struct $name;
            impl OptionsOf<Hashing> for $name {
                const VALUE: HashingOptions = $options;
            })+
        };
    }
    options! {
        Seven: HashingOptions::DEFAULT.positional(7);
        Masked: HashingOptions::DEFAULT.num_bins(3).mask_value(5);
        One: HashingOptions::DEFAULT.num_bins(1).mask_value(5);
        Nothing: HashingOptions::DEFAULT.num_bins(0);
    }

    #[test]
    fn all_bins_are_used_and_the_mask_value_has_its_own() {
        let mut counts = [0; 7];
        (0..7000).for_each(|id| counts[Seven::VALUE.bin(id * 1001) as usize] += 1);
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
        let zeros: Vec<u32> = (0..1000).filter(|id| Masked::VALUE.bin(*id) == 0).collect();
        assert_eq!(zeros, [5]);
        assert!((0..9).all(|id| One::VALUE.bin(id) == 0));
    }

    #[test]
    fn bins_are_needed() {
        assert_eq!(says::<Hashing, Defaults, [u32; 2]>().unwrap(), "needs a number of bins");
        assert_eq!(says::<Hashing, Nothing, [u32; 2]>().unwrap(), "`num_bins` must be at least 1");
        assert_eq!(says::<Hashing, Seven, f32>().unwrap(), "takes ids (`u32`)");
        assert_eq!(says::<Hashing, Seven, u32>(), None);
    }
}

//! Ids of any size as their places in a vocabulary.

#[cfg(feature = "alloc")]
use super::adapting::AdaptError;
use super::encoding::OutputMode;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, InputError, Layer, Mistake, Output};
use crate::shape::{Tensor, Text};
use crate::weights::{Initializer, OptionsOf};

mod tokens;

use tokens::{Found, NO_TOKEN, Tokens};

/// y = the place of the id x in a vocabulary, of any shape: Keras's `layers.IntegerLookup`.
///
/// Either the vocabulary is known, `IntegerLookup(vocabulary = &[12, 36, 1138])`; as in Keras the layer has no weights
/// then. Or [`adapt`](IntegerLookup::adapt) takes it from data, `IntegerLookup<100>`: the most frequent ids first, as many
/// as leave no more than `MAX_TOKENS` places.
///
/// The first places are for others: 0 for the `mask_token`, if there is one, then `num_oov_indices` for the ids that are
/// not in the vocabulary, 1 if not given; of several, x modulo their number says which. Without any, such an id is an
/// error of the batch, with its sample and position.
///
/// What comes out are ids, which `Embedding` takes. With another `output_mode` they are rows, as those of
/// [`CategoryEncoding`](super::CategoryEncoding), without a place for the mask token; of an adapted vocabulary they have
/// `MAX_TOKENS` numbers, Keras's `pad_to_max_tokens=True`.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{IntegerLookup, IntegerLookupOptions};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer};
/// struct Known; // `IntegerLookup(vocabulary = &[12, 36, 1138])` in `model!`
/// impl OptionsOf<IntegerLookup> for Known {
///     const VALUE: IntegerLookupOptions = IntegerLookupOptions::DEFAULT.vocabulary(&[12, 36, 1138]);
/// }
/// let layer: IntegerLookup = IntegerLookup { vocabulary: [] };
/// let mut y = [[0; 3]];
/// Layer::<[u32; 3], Known>::forward(&layer, &mut Forward::new(&mut [], &mut []), &[[1138, 7, 12]], &mut y);
/// assert_eq!(y, [[3, 0, 1]]);
/// ```
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = IntegerLookupOptions, example = "IntegerLookup")]
pub struct IntegerLookup<const MAX_TOKENS: usize = 0> {
    /// The ids that were found, in ascending order, behind them rows of no id. Of each: its upper and its lower 16 bits, as
    /// a weight has but 24, and its place by how often it was found.
    #[parameter(trainable = false, adapted, initializer = Initializer::Constant(NO_TOKEN), when = MAX_TOKENS > 0)]
    pub vocabulary: [[f32; 3]; MAX_TOKENS],
}

/// The options of [`IntegerLookup`]: `IntegerLookup(vocabulary = &[12, 36], mask_token = 0)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct IntegerLookupOptions {
    /// The ids in the order of their places, where they are known.
    vocabulary: Option<&'static [u32]>,
    /// How many places there are for ids that are not in the vocabulary; 1 by default.
    #[option(default = 1)]
    num_oov_indices: usize,
    /// The id that stands for nothing, as padding does.
    mask_token: Option<u32>,
    /// What comes out; the ids by default.
    #[option(default = OutputMode::Int)]
    output_mode: OutputMode,
}

/// Of so many ids at most the compiler compares each with each: it denies constants that take it long.
const COMPARED: usize = 256;

impl IntegerLookupOptions {
    /// How many places there are before those of the others.
    const fn masks(&self) -> usize {
        (self.mask_token.is_some() && matches!(self.output_mode, OutputMode::Int)) as usize
    }

    const fn bins(&self, most: usize) -> usize {
        match self.vocabulary {
            Some(vocabulary) => self.masks() + self.num_oov_indices + vocabulary.len(),
            None => most,
        }
    }

    const fn mistake(&self, most: usize) -> Option<Mistake> {
        let Some(vocabulary) = self.vocabulary else {
            let first = self.masks() + self.num_oov_indices;
            if most == 0 {
                let advice =
                    "write `IntegerLookup<100>`, and call its `adapt`, or `IntegerLookup(vocabulary = &[12, 36])`";
                return Some(Mistake::missing(Text::new("needs a vocabulary")).advice(Text::new(advice)));
            }
            let text = Text::new("has ").number(most).and(" places in all, and ").number(first);
            return if most > first {
                None
            } else {
                Some(Mistake::sentence(text.and(" of them are for others than the vocabulary")))
            };
        };
        if most > 0 {
            let text = Text::new("a given vocabulary has a size of its own; write `IntegerLookup(vocabulary = …)`");
            return Some(Mistake::option("vocabulary", text));
        }
        if vocabulary.is_empty() {
            return Some(Mistake::option("vocabulary", Text::new("`vocabulary` must have at least one id")));
        }
        let mut i = 0;
        while i < vocabulary.len() {
            if let Some(mask) = self.mask_token
                && vocabulary[i] == mask
            {
                let text =
                    Text::new("the mask token ").number(mask as usize).and(" has place 0, and none in `vocabulary`");
                return Some(Mistake::option("vocabulary", text));
            }
            let mut j = i + 1;
            while vocabulary.len() <= COMPARED && j < vocabulary.len() {
                if vocabulary[i] == vocabulary[j] {
                    let text = Text::new("`vocabulary` has the id ").number(vocabulary[i] as usize).and(" twice");
                    return Some(Mistake::option("vocabulary", text));
                }
                j += 1;
            }
            i += 1;
        }
        None
    }

    /// What an id becomes: nothing where it is left out, and an error where there is no place for it.
    fn place(&self, tokens: &Tokens<'_>, id: u32, bins: usize) -> Result<Option<u32>, u32> {
        let first = self.masks() + self.num_oov_indices;
        match tokens.find(id) {
            Found::Mask => Ok((self.masks() > 0).then_some(0)),
            Found::At(place) if first + place < bins => Ok(Some((first + place) as u32)),
            _ if self.num_oov_indices == 0 => Err(id),
            _ => Ok(Some(self.masks() as u32 + id % self.num_oov_indices as u32)),
        }
    }
}

impl<const MAX_TOKENS: usize> IntegerLookup<MAX_TOKENS> {
    /// Takes the vocabulary from all ids of `data`: the most frequent ones first, and of those that are there as often the
    /// largest.
    ///
    /// # Errors
    /// Where there are no rows. The layer is then as it was.
    #[cfg(feature = "alloc")]
    pub fn adapt<In: Tensor<Element = u32>>(&mut self, data: &[In]) -> Result<(), AdaptError> {
        const {
            assert!(
                MAX_TOKENS > 0,
                "`IntegerLookup` adapts a vocabulary whose size it was given, `IntegerLookup<100>`"
            );
        };
        if data.is_empty() {
            return Err(AdaptError::NoRows);
        }
        tokens::learn(In::ids(data), &mut self.vocabulary);
        Ok(())
    }
}

impl<In: Tensor, O: OptionsOf<Self>, const MAX_TOKENS: usize> Layer<In, O> for IntegerLookup<MAX_TOKENS> {
    const OUTPUT: Output = O::VALUE
        .output_mode
        .output(&In::SHAPE, O::VALUE.bins(MAX_TOKENS), "ids", Mistake::unless_ids::<In>())
        .or(O::VALUE.mistake(MAX_TOKENS));

    fn check(&self, _cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        let (options, length) = (const { O::VALUE }, In::SHAPE.length());
        if options.num_oov_indices > 0 {
            return Ok(());
        }
        let tokens = Tokens::new(options.vocabulary, &self.vocabulary, options.mask_token);
        let bins = options.bins(MAX_TOKENS);
        let wrong = In::ids(x).iter().position(|id| options.place(&tokens, *id, bins).is_err());
        wrong.map_or(Ok(()), |index| {
            let (sample, position) = (index / length, index % length);
            Err(InputError { wire: 0, sample, position, id: In::ids(x)[index], bound: 0 })
        })
    }

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let options = const { O::VALUE };
        let tokens = Tokens::new(options.vocabulary, &self.vocabulary, options.mask_token);
        let bins = options.bins(MAX_TOKENS);
        let place = |id: &u32| options.place(&tokens, *id, bins).expect("an id that is in the vocabulary");
        options.output_mode.write(In::ids(x).iter().map(place), (&In::SHAPE, bins), Out::memory_mut(y));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const MAX_TOKENS: usize> TrainLayer<In, O> for IntegerLookup<MAX_TOKENS> {
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
    use crate::shape::Shape;
    use crate::weights::{Defaults, Options, Parameters};

    const DEFAULT: IntegerLookupOptions = IntegerLookupOptions::DEFAULT;
    const KNOWN: IntegerLookupOptions = DEFAULT.vocabulary(&[12, 36, 1138]);

    macro_rules! options {
        ($($name:ident: $options:expr;)+) => {
            $(struct $name;
            impl<const N: usize> OptionsOf<IntegerLookup<N>> for $name {
                const VALUE: IntegerLookupOptions = $options;
            })+
        };
    }
    options! {
        Known: KNOWN;
        Masked: KNOWN.mask_token(7).num_oov_indices(2);
        Strict: KNOWN.num_oov_indices(0);
        Rows: KNOWN.mask_token(7).output_mode(OutputMode::Count);
        MaskOf36: DEFAULT.mask_token(36);
        Twice: DEFAULT.vocabulary(&[1, 2, 1]);
        Empty: DEFAULT.vocabulary(&[]);
        MaskWithin: KNOWN.mask_token(36);
        Five: DEFAULT.num_oov_indices(4).mask_token(0);
    }

    fn forward<In: Tensor, O: OptionsOf<IntegerLookup<N>>, Out: Tensor, const N: usize>(
        layer: &IntegerLookup<N>,
        x: In,
    ) -> Out {
        let mut y = [Out::ZERO];
        Layer::<In, O>::forward(layer, &mut Forward::new(&mut [], &mut []), &[x], &mut y);
        y[0]
    }

    const GIVEN: IntegerLookup = IntegerLookup { vocabulary: [] };

    #[test]
    fn places_are_behind_those_of_the_mask_and_of_the_others() {
        assert_eq!(forward::<_, Known, [u32; 4], 0>(&GIVEN, [36, 12, 7, u32::MAX]), [2, 1, 0, 0]);
        assert_eq!(forward::<_, Masked, [u32; 5], 0>(&GIVEN, [36, 12, 7, 8, 9]), [4, 3, 0, 1, 2]);
        assert_eq!(forward::<_, Rows, [f32; 4], 0>(&GIVEN, [7, 36, 8, 36, 9]), [2.0, 0.0, 2.0, 0.0]);
        assert_eq!(<IntegerLookup as Layer<u32, Known>>::OUTPUT.shape, Shape::SCALAR);
        assert_eq!(<IntegerLookup as Parameters<Known>>::COUNT, 0);
    }

    #[test]
    fn the_most_frequent_ids_come_first() {
        let mut layer: IntegerLookup<4> = IntegerLookup { vocabulary: [[NO_TOKEN; 3]; 4] };
        assert_eq!(forward::<_, Defaults, [u32; 2], 4>(&layer, [0, 65_536]), [0, 0], "nothing is known yet");
        let data = [[36, 5], [36, 4_000_000_000], [36, 5], [9, 8]];
        layer.adapt(&data).unwrap();
        let x = [36, 5, 4_000_000_000, 9, 8];
        assert_eq!(forward::<_, Defaults, [u32; 5], 4>(&layer, x), [1, 2, 3, 0, 0]);
        // The mask token has a place of its own, and leaves none behind.
        assert_eq!(forward::<_, MaskOf36, [u32; 5], 4>(&layer, x), [0, 2, 3, 1, 1]);
        assert_eq!(layer.adapt::<u32>(&[]), Err(AdaptError::NoRows));
        assert_eq!(<IntegerLookup<4> as Parameters>::COUNT, 12);
    }

    #[test]
    fn an_id_without_a_place_is_an_error() {
        let cx = &mut Forward::new(&mut [], &mut []);
        let mut check = |x: [[u32; 2]; 2]| Layer::<[u32; 2], Strict>::check(&GIVEN, cx, &x).map_err(|e| e.to_string());
        assert_eq!(check([[12, 36], [1138, 12]]), Ok(()));
        let text = "the id 13 at position 1 of sample 1 is not in the vocabulary";
        assert_eq!(check([[12, 36], [12, 13]]), Err(text.to_owned()));
        assert_eq!(forward::<_, Strict, [u32; 2], 0>(&GIVEN, [12, 1138]), [0, 2]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(says::<IntegerLookup, Defaults, u32>().unwrap(), "needs a vocabulary");
        assert_eq!(says::<IntegerLookup<5>, Defaults, u32>(), None);
        assert_eq!(says::<IntegerLookup, Twice, u32>().unwrap(), "`vocabulary` has the id 1 twice");
        assert_eq!(says::<IntegerLookup, Empty, u32>().unwrap(), "`vocabulary` must have at least one id");
        let within = "the mask token 36 has place 0, and none in `vocabulary`";
        assert_eq!(says::<IntegerLookup, MaskWithin, u32>().unwrap(), within);
        assert_eq!(
            says::<IntegerLookup<5>, Five, u32>().unwrap(),
            "has 5 places in all, and 5 of them are for others than the vocabulary"
        );
        assert!(
            says::<IntegerLookup<5>, Known, u32>().unwrap().starts_with("a given vocabulary has a size of its own")
        );
        assert_eq!(says::<IntegerLookup, Known, f32>().unwrap(), "takes ids (`u32`)");
    }
}

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
/// `MAX_TOKENS` numbers, Keras's `pad_to_max_tokens=True`. With [`OutputMode::TfIdf`] a count is multiplied with the weight
/// of its id, which is given, `idf_weights = &[0.5, 1.2]`, or ln(1 + n / (1 + d)) of an id that `adapt` found in d of n
/// samples; other ids have the mean of all weights.
///
/// With `invert = true` it is the other way round: y = the id at the place x, and Keras's `oov_token` where there is none.
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
    /// a weight has but 24, its place by how often it was found, and the weight of its count.
    #[parameter(trainable = false, adapted, initializer = Initializer::Constant(NO_TOKEN), when = MAX_TOKENS > 0)]
    pub vocabulary: [[f32; 4]; MAX_TOKENS],
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
    /// Whether places become ids, and not ids places; `false` by default.
    #[option(default = false)]
    invert: bool,
    /// The id that stands with `invert = true` for places without one; if not given that with all bits set, Keras's −1.
    #[option(default = u32::MAX)]
    oov_token: u32,
    /// What comes out; the ids by default.
    #[option(default = OutputMode::Int)]
    output_mode: OutputMode,
    /// The weights of the counts with [`OutputMode::TfIdf`], of the ids of a given vocabulary.
    idf_weights: Option<&'static [f32]>,
}

/// Of so many ids at most the compiler compares each with each: it denies constants that take it long.
const COMPARED: usize = 256;

impl IntegerLookupOptions {
    /// How many places there are before those of the others.
    const fn masks(&self) -> usize {
        (self.mask_token.is_some() && matches!(self.output_mode, OutputMode::Int)) as usize
    }

    /// What is written: counts before they have weights, and ids where places become ids.
    const fn written(&self) -> OutputMode {
        if self.invert { OutputMode::Int } else { self.output_mode.unweighted() }
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
                self.output_mistake()
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
            if self.invert && vocabulary[i] == self.oov_token {
                let text = Text::new("`vocabulary` has the id ").number(self.oov_token as usize);
                return Some(Mistake::option("oov_token", text.and(" too, which stands for places without one")));
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
        self.output_mistake()
    }

    /// What is wrong with what comes out.
    const fn output_mistake(&self) -> Option<Mistake> {
        if self.invert && !matches!(self.output_mode, OutputMode::Int) {
            let text = "with `invert = true` ids come out: leave out `output_mode`";
            return Some(Mistake::option("output_mode", Text::new(text)));
        }
        let text = match (matches!(self.output_mode, OutputMode::TfIdf), self.vocabulary, self.idf_weights) {
            (true, Some(vocabulary), Some(weights)) if vocabulary.len() == weights.len() => return None,
            (true, Some(vocabulary), Some(weights)) => {
                let text = Text::new("`vocabulary` has ").number(vocabulary.len()).and(" ids, but `idf_weights` has ");
                text.number(weights.len()).and(" numbers")
            }
            (true, Some(_), None) => {
                let advice = Text::new("write `idf_weights = &[…]`, one for each id");
                return Some(Mistake::missing(Text::new("needs the weights of the counts")).advice(advice));
            }
            (true, None, Some(_)) => Text::new("`idf_weights` are those of a given vocabulary; `adapt` finds its own"),
            (false, _, Some(_)) => Text::new("counts have weights with `output_mode = TfIdf`"),
            (_, _, None) => return None,
        };
        Some(Mistake::option("idf_weights", text))
    }

    /// What a place becomes with `invert = true`.
    fn id(&self, tokens: &Tokens<'_>, place: u32, bins: usize) -> u32 {
        let (place, first) = (place as usize, self.masks() + self.num_oov_indices);
        match self.mask_token {
            Some(mask) if place == 0 => mask,
            _ if place < first || place >= bins => self.oov_token,
            _ => tokens.at(place - first).unwrap_or(self.oov_token),
        }
    }

    /// Multiplies the counts of rows with their weights.
    fn weigh(&self, tokens: &Tokens<'_>, bins: usize, y: &mut [f32]) {
        let given = self.idf_weights.unwrap_or(&[]).iter().copied().enumerate();
        let all = || given.clone().chain(tokens.weights()).filter(|(place, _)| self.num_oov_indices + place < bins);
        let (count, sum) = all().fold((0, 0.0), |(count, sum), (_, weight)| (count + 1, sum + f64::from(weight)));
        let mean = (sum / f64::from(count.max(1))) as f32;
        for row in y.chunks_exact_mut(bins) {
            let (others, row) = row.split_at_mut(self.num_oov_indices);
            others.iter_mut().for_each(|count| *count *= mean);
            all().for_each(|(place, weight)| row[place] *= weight);
        }
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
    /// largest. Each sample is a document, in how many of which an id is gives its weight with [`OutputMode::TfIdf`].
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
        tokens::learn(In::ids(data), In::SHAPE.length(), &mut self.vocabulary);
        Ok(())
    }
}

impl<In: Tensor, O: OptionsOf<Self>, const MAX_TOKENS: usize> Layer<In, O> for IntegerLookup<MAX_TOKENS> {
    const OUTPUT: Output = O::VALUE
        .written()
        .output(&In::SHAPE, O::VALUE.bins(MAX_TOKENS), "ids", Mistake::unless_ids::<In>())
        .or(O::VALUE.mistake(MAX_TOKENS));

    fn check(&self, _cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        let (options, length) = (const { O::VALUE }, In::SHAPE.length());
        if options.num_oov_indices > 0 || options.invert {
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
        let (ids, y) = (In::ids(x).iter(), Out::memory_mut(y));
        if options.invert {
            let id = |place: &u32| Some(options.id(&tokens, *place, bins));
            return options.written().write(ids.map(id), (&In::SHAPE, bins), y);
        }
        let place = |id: &u32| options.place(&tokens, *id, bins).expect("an id that is in the vocabulary");
        options.written().write(ids.map(place), (&In::SHAPE, bins), y);
        if matches!(options.output_mode, OutputMode::TfIdf) {
            options.weigh(&tokens, bins, y);
        }
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
mod tests;

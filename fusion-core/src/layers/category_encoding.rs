//! Ids as rows of zeros and ones.

use super::encoding::OutputMode;
use super::unless_below;
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, InputError, Layer, Mistake, Output};
use crate::shape::{Tensor, Text};
use crate::weights::OptionsOf;

/// Ids as rows of `NUM_TOKENS` numbers, which say which ids there are: Keras's `layers.CategoryEncoding`.
///
/// With `output_mode = OneHot` each id has a row of its own, with a 1 at its place: `u32` → `[NUM_TOKENS]`, `[…]` of
/// `u32` → `[…, NUM_TOKENS]`, and a last dimension of 1 becomes the row. Otherwise all ids along the last dimension have
/// one row, `[…, ids]` → `[…, NUM_TOKENS]`: with `MultiHot`, the default, a 1 for each that is there, with `Count` how
/// often it is. Ids are below `NUM_TOKENS`; one that is not is an error of the batch, with its sample and position.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::{CategoryEncoding, CategoryEncodingOptions, OutputMode};
/// use fusion::weights::{Options, OptionsOf};
/// use fusion::{Forward, Layer};
/// struct OneHot; // `CategoryEncoding<4>(output_mode = OneHot)` in `model!`
/// impl OptionsOf<CategoryEncoding<4>> for OneHot {
///     const VALUE: CategoryEncodingOptions = CategoryEncodingOptions::DEFAULT.output_mode(OutputMode::OneHot);
/// }
/// let mut y = [[0.0; 4]; 2];
/// let cx = &mut Forward::new(&mut [], &mut []);
/// Layer::<u32, OneHot>::forward(&CategoryEncoding, cx, &[2, 0], &mut y);
/// assert_eq!(y, [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]);
/// ```
#[derive(Clone, Debug, PartialEq, Default, fusion_macros::Parameters)]
#[parameters(options = CategoryEncodingOptions, example = "CategoryEncoding<10>")]
pub struct CategoryEncoding<const NUM_TOKENS: usize>;

/// The options of [`CategoryEncoding`]: `CategoryEncoding<10>(output_mode = OneHot)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct CategoryEncodingOptions {
    /// What a row says; `MultiHot` by default.
    #[option(default = OutputMode::MultiHot)]
    output_mode: OutputMode,
}

impl CategoryEncodingOptions {
    const fn mistake(&self) -> Option<Mistake> {
        if !matches!(self.output_mode, OutputMode::Int) {
            return None;
        }
        let text = "ids are what goes in; `output_mode` is `OneHot`, `MultiHot` or `Count`";
        Some(Mistake::option("output_mode", Text::new(text)))
    }
}

impl<In: Tensor, O: OptionsOf<Self>, const NUM_TOKENS: usize> Layer<In, O> for CategoryEncoding<NUM_TOKENS> {
    const OUTPUT: Output =
        O::VALUE.output_mode.output(&In::SHAPE, NUM_TOKENS, "ids", Mistake::unless_ids::<In>()).or(O::VALUE.mistake());

    fn check(&self, _cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        unless_below(NUM_TOKENS, x)
    }

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let ids = In::ids(x).iter().map(|id| Some(*id));
        O::VALUE.output_mode.write(ids, (&In::SHAPE, NUM_TOKENS), Out::numbers_mut(y));
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const NUM_TOKENS: usize> TrainLayer<In, O> for CategoryEncoding<NUM_TOKENS> {
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
    use crate::weights::{Defaults, Options};

    type Tokens = CategoryEncoding<4>;

    struct OneHot;
    impl OptionsOf<Tokens> for OneHot {
        const VALUE: CategoryEncodingOptions = CategoryEncodingOptions::DEFAULT.output_mode(OutputMode::OneHot);
    }
    struct Int;
    impl OptionsOf<Tokens> for Int {
        const VALUE: CategoryEncodingOptions = CategoryEncodingOptions::DEFAULT.output_mode(OutputMode::Int);
    }
    struct Count;
    impl OptionsOf<Tokens> for Count {
        const VALUE: CategoryEncodingOptions = CategoryEncodingOptions::DEFAULT.output_mode(OutputMode::Count);
    }

    fn shape<In: Tensor, O: OptionsOf<Tokens>>() -> Shape {
        assert_eq!(says::<Tokens, O, In>(), None);
        <Tokens as Layer<In, O>>::OUTPUT.shape
    }

    fn forward<In: Tensor, O: OptionsOf<Tokens>, Out: Tensor>(x: In) -> Out {
        let mut y = [Out::ZERO];
        Out::numbers_mut(&mut y).fill(f32::NAN);
        Layer::<In, O>::forward(&CategoryEncoding, &mut Forward::new(&mut [], &mut []), &[x], &mut y);
        y[0]
    }

    #[test]
    fn an_id_or_all_along_a_dimension_are_a_row() {
        assert_eq!(shape::<u32, OneHot>(), Shape::new(&[4]));
        assert_eq!(shape::<[u32; 3], OneHot>(), Shape::new(&[3, 4]));
        // As Keras has it.
        assert_eq!(shape::<[[u32; 1]; 3], OneHot>(), Shape::new(&[3, 4]));
        assert_eq!(shape::<[u32; 3], Defaults>(), Shape::new(&[4]));
        assert_eq!(shape::<[[u32; 3]; 2], Count>(), Shape::new(&[2, 4]));
    }

    #[test]
    fn rows_say_which_and_how_often() {
        assert_eq!(forward::<_, OneHot, [f32; 4]>(3), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(forward::<_, OneHot, [[f32; 4]; 2]>([3, 0]), [[0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]);
        assert_eq!(forward::<_, Defaults, [f32; 4]>([2, 0, 2]), [1.0, 0.0, 1.0, 0.0]);
        assert_eq!(
            forward::<_, Count, [[f32; 4]; 2]>([[2, 0, 2], [1; 3]]),
            [[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 0.0]]
        );
    }

    #[test]
    fn what_is_no_id_of_a_row_is_told() {
        assert_eq!(says::<Tokens, Defaults, u32>().unwrap(), "takes ids along a dimension, [ids]");
        assert_eq!(says::<Tokens, OneHot, f32>().unwrap(), "takes ids (`u32`)");
        assert_eq!(says::<Tokens, Defaults, [f32; 2]>().unwrap(), "takes ids (`u32`)");
        type Six = [[[[[[u32; 2]; 1]; 1]; 1]; 1]; 1];
        let sentence = says::<Tokens, OneHot, Six>().unwrap();
        assert_eq!(sentence, "takes ids of at most five dimensions, as its rows are one more");
        assert!(says::<Tokens, Int, [u32; 2]>().unwrap().starts_with("ids are what goes in"));
        let cx = &mut Forward::new(&mut [], &mut []);
        let mut check = |x: [u32; 2]| Layer::<u32, OneHot>::check(&CategoryEncoding::<4>, cx, &x);
        assert_eq!(check([0, 3]), Ok(()));
        assert_eq!(check([0, 4]), Err(InputError { wire: 0, sample: 1, position: 0, id: 4, bound: 4 }));
    }
}

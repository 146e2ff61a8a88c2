//! A vector for each id.

use super::unless_below;
#[cfg(feature = "training")]
use crate::kernels::{add_rows_by_id, add_squares_by_id};
#[cfg(feature = "training")]
use crate::layer::{Backward, TrainLayer};
use crate::layer::{Forward, InputError, Layer, Masking, Mistake, Needs, Output};
use crate::shape::{Shape, Tensor, Text};
use crate::weights::{ArrayOptions, Initializer, OptionsOf, Regularizer};

/// y\[…\] = embeddings\[x\[…\]\]: each id becomes its vector, `[…]` of `u32` → `[…, FEATURES]`, a single `u32` →
/// `[FEATURES]`: Keras's `layers.Embedding`.
///
/// Ids are below `IDS`; one that is not is an error of the batch, with its sample and position. The vectors begin
/// uniform in ±0.05. With `mask_zero = true` the id 0 stands for nothing: what comes out has a mask, by which the layers
/// behind it, and losses, leave it out; its vector is one like any other.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::layers::Embedding;
/// use fusion::{Forward, Layer, Parameters, Shape};
/// type Words = [u32; 12];
/// assert_eq!(<Embedding<1000, 16> as Layer<Words>>::OUTPUT.shape, Shape::new(&[12, 16]));
/// assert_eq!(<Embedding<1000, 16> as Parameters>::COUNT, 16_000);
///
/// let layer = Embedding { embeddings: [[0.0; 16]; 1000] };
/// let cx = &mut Forward::new(&mut [], &mut []);
/// let error = Layer::<[u32; 2]>::check(&layer, cx, &[[7, 8], [9, 1000]]).unwrap_err();
/// assert_eq!((error.sample, error.position, error.id), (1, 1, 1000));
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Parameters)]
#[parameters(options = EmbeddingOptions, example = "Embedding<1000, 8>")]
pub struct Embedding<const IDS: usize, const FEATURES: usize> {
    /// `embeddings[id]` is what stands for an id.
    // Keras's "uniform".
    #[parameter(sparse, initializer = Initializer::RandomUniform(-0.05, 0.05), given = options.embeddings)]
    pub embeddings: [[f32; FEATURES]; IDS],
}

/// The options of [`Embedding`]: `Embedding<1000, 8>(embeddings_initializer = GlorotUniform)`.
#[derive(Clone, Copy, Debug, PartialEq, fusion_macros::Options)]
pub struct EmbeddingOptions {
    /// Whether the id 0 fills up sequences that are shorter than others, and does not count; `false` by default.
    #[option(default = false)]
    mask_zero: bool,
    /// `RandomUniform(-0.05, 0.05)` if not given.
    #[option(array)]
    embeddings: ArrayOptions,
    /// What the layer's output adds to the loss, over the samples of the batch; nothing if not given.
    #[option(training)]
    activity_regularizer: Option<Regularizer>,
}

impl<const IDS: usize, const FEATURES: usize> Embedding<IDS, FEATURES> {
    /// The shape of the vectors of ids of this shape; where there is no room for it, one of as many dimensions.
    const fn output(ids: &Shape) -> Shape {
        match ids.append(FEATURES) {
            Some(output) => output,
            None => ids.with_last(FEATURES),
        }
    }

    const fn unless_room(ids: &Shape) -> Option<Mistake> {
        if ids.rank() < Shape::MAXIMUM_RANK {
            return None;
        }
        Some(Mistake::shape(Text::new("takes ids of at most five dimensions, as its vectors are one more")))
    }
}

impl<In: Tensor, O: OptionsOf<Self>, const IDS: usize, const FEATURES: usize> Layer<In, O>
    for Embedding<IDS, FEATURES>
{
    const OUTPUT: Output =
        Output::new(Self::output(&In::SHAPE)).or(Mistake::unless_ids::<In>()).or(Self::unless_room(&In::SHAPE));
    const NEEDS: Needs = Needs::NONE
        .masking(if O::VALUE.mask_zero { Masking::Makes(In::SHAPE.rank()) } else { Masking::Ignores })
        .activity(O::VALUE.activity_regularizer);

    fn check(&self, _cx: &mut Forward<'_>, x: &[In]) -> Result<(), InputError> {
        unless_below(IDS, x)
    }

    fn forward<Out: Tensor>(&self, cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        if O::VALUE.mask_zero {
            cx.output_mask.iter_mut().zip(In::ids(x)).for_each(|(counts, id)| *counts = f32::from(*id != 0));
        }
        let vectors = Out::numbers_mut(y).chunks_exact_mut(FEATURES.max(1));
        for (id, vector) in In::ids(x).iter().zip(vectors) {
            vector.copy_from_slice(&self.embeddings[*id as usize]);
        }
    }
}

#[cfg(feature = "training")]
impl<In: Tensor, O: OptionsOf<Self>, const IDS: usize, const FEATURES: usize> TrainLayer<In, O>
    for Embedding<IDS, FEATURES>
{
    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_, Self>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        _dx: Option<&mut [In]>,
    ) {
        let (ids, dy) = (In::ids(x), Out::numbers(dy));
        if let Some(gradient) = &mut cx.gradient {
            add_rows_by_id(ids, dy, FEATURES, gradient.embeddings.as_flattened_mut());
        }
        if let Some(squares) = &mut cx.squares {
            add_squares_by_id(ids, dy, FEATURES, squares.embeddings.as_flattened_mut());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::testing::{initialized, says};
    use crate::shape::zeroed_box;
    use crate::weights::{Defaults, Kind, Options, Parameters};

    type Words = Embedding<5, 2>;

    #[test]
    fn ids_of_any_shape_become_vectors() {
        assert_eq!(<Words as Layer<[[u32; 3]; 2]>>::OUTPUT.shape, Shape::new(&[2, 3, 2]));
        assert_eq!(<Words as Layer<u32>>::OUTPUT.shape, Shape::new(&[2]));
        assert_eq!(says::<Words, Defaults, [[[[[u32; 1]; 1]; 1]; 1]; 1]>(), None);
        assert_eq!(
            says::<Words, Defaults, [[[[[[u32; 1]; 1]; 1]; 1]; 1]; 1]>().unwrap(),
            "takes ids of at most five dimensions, as its vectors are one more"
        );
        assert_eq!(says::<Words, Defaults, [f32; 3]>().unwrap(), "takes ids (`u32`)");
    }

    #[test]
    fn the_table_says_that_gradients_come_in_rows() {
        let Kind::Array(array) = <Words as Parameters>::ENTRIES[0].kind else { panic!("one array") };
        assert!(array.sparse && array.trainable && <Words as Parameters>::SPARSE);
        assert_eq!((array.shape, array.initializer), (Shape::new(&[5, 2]), Initializer::RandomUniform(-0.05, 0.05)));
    }

    struct MaskZero;
    impl OptionsOf<Words> for MaskZero {
        const VALUE: EmbeddingOptions = EmbeddingOptions::DEFAULT.mask_zero(true);
    }

    #[test]
    fn the_id_0_does_not_count_if_that_is_said() {
        let (layer, x) = (initialized::<Words>(), [[[0, 4], [2, 0]], [[1, 1], [0, 0]]]);
        let (mut y, mut mask) = ([[[[0.0; 2]; 2]; 2]; 2], [f32::NAN; 8]);
        let mut cx = Forward::new(&mut [], &mut []);
        cx.output_mask = &mut mask;
        Layer::<[[u32; 2]; 2], MaskZero>::forward(&*layer, &mut cx, &x, &mut y);
        assert_eq!(mask, [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(y[0][0][0], layer.embeddings[0]);
        assert_eq!(<Words as Layer<[[u32; 2]; 2], MaskZero>>::NEEDS.masking, Masking::Makes(2));
        assert_eq!(<Words as Layer<[[u32; 2]; 2]>>::NEEDS.masking, Masking::Ignores);
    }

    #[test]
    fn an_id_out_of_range_is_named() {
        let layer = initialized::<Words>();
        let check = |x| Layer::<[[u32; 2]; 2]>::check(&*layer, &mut Forward::new(&mut [], &mut []), &[x, x]);
        assert_eq!(check([[0, 4], [2, 1]]), Ok(()));
        let error = InputError { wire: 0, sample: 0, position: 2, id: 5, bound: 5 };
        assert_eq!(check([[0, 4], [5, 1]]), Err(error));
    }

    #[test]
    fn each_use_of_an_id_adds_to_its_row_and_to_its_squares() {
        let layer = initialized::<Words>();
        let (x, mut y) = ([[1, 4, 1]], [[[0.0; 2]; 3]]);
        Layer::<[u32; 3]>::forward(&*layer, &mut Forward::new(&mut [], &mut []), &x, &mut y);
        assert_eq!(y, [[layer.embeddings[1], layer.embeddings[4], layer.embeddings[1]]]);

        let mut dy = [[[1.0, 2.0], [3.0, 4.0], [-5.0, 6.0]]];
        let (mut gradient, mut squares) = (zeroed_box::<Words>(), zeroed_box::<Words>());
        let cx = Backward::new(Some(&mut *gradient), &mut [], &mut []);
        TrainLayer::<[u32; 3]>::backward(&*layer, &mut cx.with_squares(Some(&mut *squares)), &x, &y, &mut dy, None);
        assert_eq!(gradient.embeddings, [[0.0; 2], [-4.0, 8.0], [0.0; 2], [0.0; 2], [3.0, 4.0]]);
        assert_eq!(squares.embeddings, [[0.0; 2], [26.0, 40.0], [0.0; 2], [0.0; 2], [9.0, 16.0]]);
    }
}

//! A vector for each id.

use crate::initializers::Initializer;
use crate::kernels::{add_rows_by_id, add_squares_by_id};
use crate::layer::{InputError, NoOptions};
use crate::parameters::{ParameterArray, Visit};
use crate::{
    Backward, Configured, Fit, Forward, Layer, Mistake, OptionsOf, Parameter, Parameters, Path, Shape, Tensor, Text,
};

/// y\[…\] = embeddings\[x\[…\]\]: each id becomes its vector, `[…]` of `u32` → `[…, FEATURES]`: Keras's
/// `layers.Embedding`.
///
/// Ids are below `IDS`; one that is not is an error of the batch, with its sample and position. The vectors begin
/// uniform in ±0.05.
///
/// ```
/// use fusion_core::layers::Embedding;
/// use fusion_core::{Layer, Parameters, Shape};
/// type Words = [u32; 12];
/// assert_eq!(<Embedding<1000, 16> as Layer<Words>>::FIT.output, Shape::new(&[12, 16]));
/// assert_eq!(Embedding::<1000, 16>::COUNT, 16_000);
///
/// let error = <Embedding<1000, 16> as Layer<[u32; 2]>>::check(&[[7, 8], [9, 1000]]).unwrap_err();
/// assert_eq!((error.sample, error.position, error.id), (1, 1, 1000));
/// ```
#[repr(C, align(64))]
#[derive(Clone, Debug, PartialEq, fusion_macros::Plain)]
#[parameters(crate = crate)]
pub struct Embedding<const IDS: usize, const FEATURES: usize> {
    /// `embeddings[id]` is what stands for an id.
    pub embeddings: [[f32; FEATURES]; IDS],
}

/// Keras's `"uniform"` initializer.
const LIMIT: f32 = 0.05;

impl<const IDS: usize, const FEATURES: usize> Embedding<IDS, FEATURES> {
    const fn parameter<'a>(path: &'a Path<'a>) -> Parameter<'a> {
        Parameter::new(path, "embeddings", Shape::new(&[IDS, FEATURES]), Initializer::RandomUniform(LIMIT)).in_rows()
    }

    /// The shape of the vectors of ids of this shape.
    const fn output(ids: &Shape) -> Shape {
        if ids.rank == Shape::MAXIMUM_RANK {
            return ids.with_last(FEATURES);
        }
        let mut output = Shape { rank: ids.rank + 1, dims: ids.dims };
        output.dims[ids.rank] = FEATURES;
        output
    }

    const fn unless_room(ids: &Shape) -> Option<Mistake> {
        if ids.rank < Shape::MAXIMUM_RANK {
            return None;
        }
        Some(Mistake::shape(Text::new("takes ids of at most three dimensions, as its vectors are one more")))
    }
}

impl<const IDS: usize, const FEATURES: usize> Parameters for Embedding<IDS, FEATURES> {
    const COUNT: usize = IDS * FEATURES;
    const SPARSE: bool = true;

    fn walk<const K: usize>(these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        ParameterArray::visit(these.map(|layer| &mut layer.embeddings), &Self::parameter(path), visit);
    }

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.embeddings.visit_ref(&Self::parameter(path), visit);
    }
}

impl<const IDS: usize, const FEATURES: usize> Configured for Embedding<IDS, FEATURES> {
    type Options = NoOptions;
    const DEFAULT: NoOptions = NoOptions;
    const CLASS: &'static str = "Embedding";
}

impl<In: Tensor, O: OptionsOf<Self>, const IDS: usize, const FEATURES: usize> Layer<In, O>
    for Embedding<IDS, FEATURES>
{
    const FIT: Fit =
        Fit::new(Self::output(&In::SHAPE)).or(Mistake::unless_ids::<In>()).or(Self::unless_room(&In::SHAPE));

    fn check(x: &[In]) -> Result<(), InputError> {
        let Some(index) = In::ids(x).iter().position(|id| *id as usize >= IDS) else { return Ok(()) };
        let length = In::SHAPE.length();
        let (sample, position) = (index / length, index % length);
        Err(InputError { sample, position, id: In::ids(x)[index], bound: IDS })
    }

    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        let vectors = Out::numbers_mut(y).chunks_exact_mut(FEATURES.max(1));
        for (id, vector) in In::ids(x).iter().zip(vectors) {
            vector.copy_from_slice(&self.embeddings[*id as usize]);
        }
    }

    fn backward<Out: Tensor>(
        &self,
        cx: &mut Backward<'_>,
        x: &[In],
        _y: &[Out],
        dy: &mut [Out],
        _dx: Option<&mut [In]>,
        gradient: &mut Self,
    ) {
        if cx.trainable {
            add_rows_by_id(In::ids(x), Out::numbers(dy), FEATURES, gradient.embeddings.as_flattened_mut());
        }
    }

    fn add_squares<Out: Tensor>(x: &[In], dy: &[Out], squares: &mut Self) {
        add_squares_by_id(In::ids(x), Out::numbers(dy), FEATURES, squares.embeddings.as_flattened_mut());
    }
}

//! The weight files of prepared models.

use std::path::Path;

use fusion_core::Network;
use fusion_core::Prepared;
use fusion_core::layer::{Kind, PreparedArray, WeightKind};
use safetensors::Dtype;

use super::layout::{Expected, Layout};
use super::read::{header_and_data, not_finite_at, read_file, values};
use super::write::{check_ending, check_place, header, write_file};
use super::{Refusal, TensorMismatch, WeightsError};

/// Saves and loads the weights of a [`Prepared`] model, of 32, 16 or 8 bits as it has them: a program that serves needs
/// nothing else.
///
/// The file is safetensors with Keras's names and layout, whatever the machine packs weights for. Numbers of 16 bits are
/// `F16`; integers are `I8`, with `kernel_scale` beside them, which numbers were multiplied by to become integers. Of a
/// layer that batch normalization is folded into, `kernel` and `bias` are the folded ones; where it stands alone it has a
/// `scale` and an `offset`.
///
/// ```
/// use fusion::Prepared;
/// use fusion::layer::F16;
/// use fusion::prelude::*;
/// model! { pub struct Line = [f32; 2] => Dense<2, 1>; }
///
/// let fast = Line::new(1).prepare_as::<F16>();
/// let file = fast.weights_to_bytes();
/// let served = Prepared::<Line, F16>::load_weights_from_bytes(&file)?;
/// let samples = [[0.5, 0.25]];
/// assert_eq!(served.predict_batch(&samples)?, fast.predict_batch(&samples)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait PreparedFiles: Sized {
    /// Writes the weights to a safetensors file, whole or not at all, as
    /// [`WeightFiles::save_weights`](super::WeightFiles::save_weights) does.
    ///
    /// # Errors
    /// As there.
    fn save_weights(&self, path: impl AsRef<Path>) -> Result<(), WeightsError>;

    /// Reads what [`PreparedFiles::save_weights`] wrote: of the same graph, and of weights of this kind.
    ///
    /// # Errors
    /// As [`WeightFiles::load_weights`](super::WeightFiles::load_weights); [`Refusal::Prepared`] for a file of weights of
    /// another kind, or of a model that is not prepared.
    fn load_weights(path: impl AsRef<Path>) -> Result<Self, WeightsError>;

    /// The bytes that [`PreparedFiles::save_weights`] writes.
    fn weights_to_bytes(&self) -> Vec<u8>;

    /// Reads the weights from the bytes of a file, such as `include_bytes!("model.safetensors")`.
    ///
    /// # Errors
    /// As [`PreparedFiles::load_weights`].
    fn load_weights_from_bytes(bytes: &[u8]) -> Result<Self, WeightsError>;
}

impl<N: Network, K: WeightKind> PreparedFiles for Prepared<N, K> {
    fn save_weights(&self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        let path = path.as_ref();
        check_ending(path)?;
        let arrays = Self::arrays();
        let tensors: Vec<_> = arrays.iter().filter_map(|array| mistake(array, &self.array_bytes(&array.1))).collect();
        if !tensors.is_empty() {
            return Err(WeightsError::NotFinite { path: path.into(), tensors });
        }
        check_place(path)?;
        write_file(path, &header::<N>(&layout(&arrays), &[], Some(name(K::KIND))), &mut |show| {
            arrays.iter().for_each(|(_, array)| show(&self.array_bytes(array)));
        })
    }

    fn load_weights(path: impl AsRef<Path>) -> Result<Self, WeightsError> {
        let path = path.as_ref();
        let bytes = read_file(path, layout(&Self::arrays()).file_limit())?;
        read(&bytes).map_err(|reason| WeightsError::Refused { path: Some(path.into()), reason })
    }

    fn weights_to_bytes(&self) -> Vec<u8> {
        let arrays = Self::arrays();
        let mut bytes = header::<N>(&layout(&arrays), &[], Some(name(K::KIND)));
        arrays.iter().for_each(|(_, array)| bytes.extend(self.array_bytes(array)));
        bytes
    }

    fn load_weights_from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        read(bytes).map_err(|reason| WeightsError::Refused { path: None, reason })
    }
}

fn read<N: Network, K: WeightKind>(bytes: &[u8]) -> Result<Prepared<N, K>, Refusal> {
    #[cfg(feature = "keras")]
    if crate::keras::is_archive(bytes) {
        let problem = "a prepared model reads what one wrote: load it into the model, and `prepare` that".into();
        return Err(Refusal::NotKeras { problem });
    }
    let arrays = Prepared::<N, K>::arrays();
    let layout = layout(&arrays);
    let (header, data) = header_and_data(&layout, bytes)?;
    header.check_prepared(Some(name(K::KIND)))?;
    let values = values::<N>(&layout, &header, data)?;
    let mismatches: Vec<_> = arrays.iter().zip(&values).filter_map(|(array, bytes)| mistake(array, bytes)).collect();
    if mismatches.is_empty() { Ok(Prepared::of_arrays(&values)) } else { Err(Refusal::Tensors(mismatches)) }
}

/// The first number that cannot be one of its array.
fn mistake((name, array): &(String, PreparedArray), bytes: &[u8]) -> Option<TensorMismatch> {
    let (index, value) = array.first_mistake(bytes)?;
    Some(not_finite_at(name, &array.shape, index, value))
}

fn layout(arrays: &[(String, PreparedArray)]) -> Layout {
    let expected = |(name, array): &(String, PreparedArray)| {
        let dtype = match array.kind() {
            Kind::F32 => Dtype::F32,
            Kind::F16 => Dtype::F16,
            Kind::Int8 => Dtype::I8,
        };
        Expected { name: name.clone(), shape: array.shape, dtype }
    };
    Layout::of_tensors(arrays.iter().map(expected).collect())
}

/// What a file says of the kind of its weights.
const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::F32 => "F32",
        Kind::F16 => "F16",
        Kind::Int8 => "Int8",
    }
}

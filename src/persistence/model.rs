//! The weight files of any model.

use std::path::Path;

use fusion_core::Model;
use fusion_core::persistence::{SelfTestError, self_test_of_file};

use super::{Matching, MatchingWeights, WeightsError, WeightsFile, read, write};

/// Saves and loads a model's weights; every [`Model`] can.
///
/// ```
/// use fusion::prelude::*;
/// model! { pub struct Line = [f32; 2] => Dense<2, 1>; }
///
/// let trained = Line::new(1);
/// let file = trained.weights_to_bytes();
/// let mut served = Line::new(2);
/// served.load_weights_from_bytes(&file)?;
/// assert_eq!(served.predict(&[0.5, 0.25]), trained.predict(&[0.5, 0.25]));
/// # Ok::<(), fusion::persistence::WeightsError>(())
/// ```
pub trait WeightFiles: Model {
    /// Writes the weights to a safetensors file, with Keras's names and layout, a digest of the graph and the place of
    /// each layer in it.
    ///
    /// The weights are written to a new file in the same directory, which takes the old one's name when all of it is
    /// on the disk: whatever happens, the file at `path` is the old one or the new one, whole. It keeps the old one's
    /// permissions. A symbolic link at `path` is replaced, not what it points to.
    ///
    /// # Errors
    /// [`WeightsError::Write`] if the system cannot write the file, for one because the directory does not exist;
    /// [`WeightsError::NotFinite`]; [`Refusal::NotAFile`](super::Refusal::NotAFile) if `path` is something else than a
    /// file. An old file is then as it was.
    ///
    /// A path that ends in `.weights.h5` gets a file of that kind of Keras's, with the feature `keras`; Keras's
    /// `model.load_weights` takes it into the same model: within it a model of the short form is a `Sequential`, one of
    /// wires a functional one. Without the feature it is refused:
    /// [`Refusal::NotForKeras`](super::Refusal::NotForKeras), as is a model with a vocabulary or with bounds that were found
    /// in data, which Keras keeps elsewhere.
    fn save_weights(&self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        write::save_as(self.network(), path.as_ref())
    }

    /// Writes the whole model to a file of Keras's own, `model.keras`: `keras.models.load_model` of Keras 3 gives the same
    /// model, which computes the same and can be trained on.
    ///
    /// It holds the configuration, [`to_json`](WeightFiles::to_json), and the weights, as `save_weights("model.weights.h5")`
    /// writes them; nothing of a training. The same model gives the same bytes. It is written as
    /// [`save_weights`](WeightFiles::save_weights) writes.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// model! { pub struct Line = [f32; 2] => Dense<_, 1>; }
    ///
    /// let path = std::env::temp_dir().join("fusion-example-line.keras");
    /// let line = Line::new(1);
    /// line.save(&path)?;
    /// let mut same = Line::new(2);
    /// same.load_weights(&path)?;
    /// assert_eq!(same.predict(&[0.5, 0.25]), line.predict(&[0.5, 0.25]));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`save_weights`](WeightFiles::save_weights); and [`Refusal::NotForKeras`](super::Refusal::NotForKeras) where a
    /// layer, an activation, a regularizer or a constraint is one that Keras has not, which it names, or where `path` does
    /// not end in `.keras`.
    #[cfg(feature = "keras")]
    fn save(&self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        super::whole::save(self.network(), path.as_ref())
    }

    /// The model's configuration, which Keras's `model.to_json()` gives and `keras.models.model_from_json` takes.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// model! { pub struct Line = [f32; 2] => Dense<_, 1, Relu>; }
    ///
    /// let json = Line::new(1).to_json()?;
    /// assert!(json.contains(r#""activation":"relu""#) && json.contains(r#""units":1"#));
    /// # Ok::<(), fusion::keras::KerasError>(())
    /// ```
    ///
    /// # Errors
    /// [`KerasError::NotInKeras`](crate::keras::KerasError::NotInKeras) names the first layer that Keras has not, or has
    /// otherwise.
    #[cfg(feature = "keras")]
    fn to_json(&self) -> Result<String, crate::keras::KerasError> {
        let config = crate::as_keras::config(<Self::Network as fusion_core::model::Network>::GRAPH)?;
        Ok(config.to_string())
    }

    /// Writes the whole model to an ONNX file, which [ONNX Runtime](https://onnxruntime.ai) and others run: the same inputs
    /// and outputs by the same names, with a first dimension `batch`. [A page](crate::onnx) says how layers are written.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// model! { pub struct Line { input x: [f32; 2]; output y = x => Dense<_, 1, Relu>; } }
    ///
    /// let path = std::env::temp_dir().join("fusion-example-line.onnx");
    /// Line::new(1).to_onnx(&path)?;
    /// assert!(std::fs::read(&path)?.windows(4).any(|bytes| bytes == b"Gemm"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`save_weights`](WeightFiles::save_weights); and [`Refusal::NotForOnnx`](super::Refusal::NotForOnnx) where ONNX
    /// cannot say a layer, which it names with what to do instead.
    #[cfg(feature = "onnx")]
    fn to_onnx(&self, path: impl AsRef<Path>) -> Result<(), WeightsError>
    where
        Self: Sized,
    {
        super::onnx::save(self, path.as_ref())
    }

    /// The bytes that [`to_onnx`](WeightFiles::to_onnx) writes.
    ///
    /// # Errors
    /// [`ExportError`](crate::onnx::ExportError) names the layer that ONNX cannot say.
    #[cfg(feature = "onnx")]
    fn to_onnx_bytes(&self) -> Result<Vec<u8>, crate::onnx::ExportError>
    where
        Self: Sized,
    {
        super::onnx::to_bytes(self)
    }

    /// Reads the weights from a safetensors file: this model's own, or Keras's by name and shape.
    ///
    /// With the feature `keras` also from Keras's own files, `.keras`, `.weights.h5` and `.h5`, of Keras 3 and of Keras 2;
    /// which it is, is told by the first bytes. Layers of a class are those of the file in Keras's order, which follows
    /// from the graph, and so are models within the model; a name that was chosen in both decides. Where this and the
    /// names lead to different layers the file is refused, and
    /// [`rename`](MatchingWeights::rename) decides.
    ///
    /// # Errors
    /// [`WeightsError::Read`] if the system cannot read the file; [`WeightsError::Refused`] if it is not a
    /// weight file of this very graph with finite values for all of its parameters, and of nothing else: it says which
    /// tensor or layer is wrong, what was expected and what was found. A file that is larger than the model's can be is
    /// refused before it is read. The model is then as it was.
    fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        read::load(self.network_mut(), path.as_ref())
    }

    /// The bytes that [`WeightFiles::save_weights`] writes.
    fn weights_to_bytes(&self) -> Vec<u8> {
        write::to_bytes(self.network(), &[])
    }

    /// The same file with more in it: golden samples for a self-test, and the range of each input.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// model! { pub struct Line = [f32; 2] => Dense<2, 1>; }
    ///
    /// let line = Line::new(1);
    /// let samples = [[0.5, 0.25], [1.0, -1.0]];
    /// // Outputs of Keras's, or of this machine's.
    /// let outputs = line.predict_batch(&samples)?;
    /// let file = line.weights_file().golden(&samples, (&outputs,)).ranges(&samples).to_bytes()?;
    ///
    /// let mut served = Line::new(2);
    /// assert!(served.self_test(&file, 1e-5).is_err());
    /// served.load_weights_from_bytes(&file)?;
    /// assert!(served.self_test(&file, 1e-5)? <= 1e-5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn weights_file(&self) -> WeightsFile<'_, Self::Network> {
        WeightsFile::new(self.network())
    }

    /// Predicts the golden samples in the bytes of a file and compares; gives the largest difference.
    ///
    /// It is the difference of two numbers, as a part of the expected one where that is greater than 1. Other processors
    /// add in another order: `1e-5` is what models of a few layers keep to. A model within the program has
    /// [`Included::self_test`](super::Included::self_test).
    ///
    /// # Errors
    /// [`SelfTestError::Differs`] names the sample, the output and the position of the first number that differs by more
    /// than `tolerance`; [`SelfTestError::NoSamples`] if the file has no golden samples of this model.
    fn self_test(&self, file: &[u8], tolerance: f32) -> Result<f32, SelfTestError> {
        self_test_of_file(self.network(), file, tolerance)
    }

    /// Reads the weights from the bytes of a file, such as `include_bytes!("model.safetensors")`.
    ///
    /// # Errors
    /// As [`WeightFiles::load_weights`].
    fn load_weights_from_bytes(&mut self, bytes: &[u8]) -> Result<(), WeightsError> {
        read::load_from_bytes(self.network_mut(), bytes)
    }

    /// Takes from a file what fits by name, shape and type, for transfer learning, and reports the rest:
    /// [`MatchingWeights::load`].
    ///
    /// # Errors
    /// When the file cannot be read or is of no kind that [`load_weights`](WeightFiles::load_weights) takes, or nothing
    /// fits; the model is then left as it was.
    #[doc(alias = "skip_mismatch")]
    fn load_matching_weights(&mut self, path: impl AsRef<Path>) -> Result<Matching, WeightsError> {
        self.matching_weights(path).load()
    }

    /// The same, with names of the file's that mean others here.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// model! {
    ///     struct Digits {
    ///         input image: [f32; 64];
    ///         output digit = image => Dense<_, 32, Relu> => Dense<_, 16, Relu> => Dense<_, 10, Softmax>;
    ///     }
    /// }
    /// model! {
    ///     /// The same features for another task, beside a second input.
    ///     struct Doctor {
    ///         input age: [f32; 1];
    ///         input image: [f32; 64];
    ///         branch years = age => Dense<_, 32, Relu>;
    ///         branch features = image => features: Dense<_, 32, Relu> => Dense<_, 16, Relu>;
    ///         output ill = concatenate(years, features) => Dense<_, 1, Sigmoid>;
    ///     }
    /// }
    ///
    /// let path = std::env::temp_dir().join("fusion-example-digits.safetensors");
    /// let digits = Digits::new(1);
    /// digits.save_weights(&path)?;
    ///
    /// let mut doctor = Doctor::new(2);
    /// let matching = doctor.matching_weights(&path).rename("dense", "features").load()?;
    /// assert_eq!(doctor.features, digits.dense);
    /// assert_eq!(doctor.dense_1, digits.dense_1);
    /// // `dense` here is of years: nothing was taken for it.
    /// assert_eq!(matching.missing, ["dense/kernel", "dense/bias"]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn matching_weights(&mut self, path: impl AsRef<Path>) -> MatchingWeights<'_, Self::Network> {
        MatchingWeights::new(self.network_mut(), path.as_ref())
    }
}

impl<M: Model + ?Sized> WeightFiles for M {}

//! What a classifier gets right: outputs as classes, a [`ConfusionMatrix`], a [`ClassificationReport`].
//!
//! ```
//! use fusion::classification::{ConfusionMatrix, argmax};
//!
//! // What a model predicts for five pictures, and what they show.
//! let scores = [[0.9, 0.1, 0.0], [0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]];
//! let actual = [0, 1, 1, 2, 2];
//! let matrix = ConfusionMatrix::named(&actual, &argmax(&scores), ["cat", "dog", "bird"])?;
//! assert_eq!(matrix.count(1, 0), 1.0); // a dog that looks like a cat
//! println!("{matrix}\n{}", matrix.report());
//! # Ok::<(), fusion::classification::ClassesError>(())
//! ```

mod confusion_matrix;
mod report;

pub use confusion_matrix::{ClassesError, ConfusionMatrix, Normalize};
use fusion_core::Tensor;
use fusion_core::kernels::first_largest;
pub use report::{ClassScores, ClassificationReport};

/// The class of each output: the place of the largest number of each vector, the first of several. One-hot targets become
/// class ids so too.
///
/// A vector is the last dimension: of `[f32; N]` each sample has a class, of `[f32; HEIGHT, WIDTH, N]` each pixel, one
/// after the other. Outputs of one number, as of a sigmoid, have no largest and do not compile: see [`above`].
///
/// ```
/// use fusion::classification::argmax;
///
/// assert_eq!(argmax(&[[0.1, 0.7, 0.2], [0.5, 0.0, 0.5]]), [1, 0]);
/// ```
#[must_use]
pub fn argmax<Out: Tensor<Element = f32>>(outputs: &[Out]) -> Vec<u32> {
    const { assert!(Out::SHAPE.last() != 1, "an output of one number has no largest one: write `above(&outputs, 0.5)`") };
    let vectors = Out::numbers(outputs).chunks_exact(Out::SHAPE.last().max(1));
    vectors.map(|vector| first_largest(vector) as u32).collect()
}

/// 1 for each number of the outputs above the threshold, and 0 for the others: ½ of a sigmoid, 0 before it.
///
/// ```
/// use fusion::classification::above;
///
/// assert_eq!(above(&[[0.2], [0.9], [0.5]], 0.5), [0, 1, 0]);
/// ```
#[must_use]
pub fn above<Out: Tensor<Element = f32>>(outputs: &[Out], threshold: f32) -> Vec<u32> {
    Out::numbers(outputs).iter().map(|number| u32::from(*number > threshold)).collect()
}

/// A text of at most so many letters.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

//! What can be wrong with a weight file, in words that a constant can say.

use core::fmt;

use super::name::{ParameterOf, TensorName};
use crate::shape::{Shape, Text};

/// Why a file's weights were not loaded, without a heap; the model is as it was.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum WeightsError {
    /// The bytes are something else than a safetensors file.
    NotSafetensors {
        /// What shows it.
        problem: &'static str,
        /// At which byte of the file, or shortly before.
        at: usize,
    },
    /// The end is missing, or there are bytes that belong to no tensor.
    WrongLength {
        /// How many bytes the file must have, by its own account.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// The file's layout, or the digest of its graph, is none that this version compares.
    UnknownFormat,
    /// The model has this parameter, the file has not.
    Missing {
        /// The parameter.
        tensor: ParameterOf,
        /// A tensor of the file that the model does not have.
        instead: Option<TensorName>,
    },
    /// The file has this tensor, the model has not.
    Unknown {
        /// The tensor.
        tensor: TensorName,
    },
    /// The file has more tensors than the model, two of one name.
    Twice,
    /// The values are of another type than `F32`.
    Dtype {
        /// The parameter.
        tensor: ParameterOf,
        /// The type in the file, such as `F16`.
        found: TensorName,
    },
    /// The shapes differ.
    Shape {
        /// The parameter.
        tensor: ParameterOf,
        /// The file's; none of more than six dimensions.
        found: Option<Shape>,
    },
    /// A value is NaN or infinite.
    NotFinite {
        /// The tensor.
        tensor: TensorName,
        /// The value's place among its numbers.
        position: usize,
    },
    /// A tensor of golden samples or ranges is not of the model's inputs and outputs.
    Golden {
        /// The tensor.
        tensor: TensorName,
    },
    /// There are not golden samples of all inputs and outputs, or not ranges of all inputs.
    GoldenCount,
    /// All tensors fit, but the file was saved by a model with another graph.
    OtherGraph,
    /// The same, but inputs of the same names come in another order.
    OtherOrder {
        /// One of them.
        input: &'static str,
    },
}

impl WeightsError {
    /// A clause without its subject, which is the file.
    pub(super) const fn text(&self, text: Text) -> Text {
        match self {
            Self::NotSafetensors { problem, at } => {
                text.and("is not a safetensors file: ").and(problem).and(" (byte ").number(*at).and(")")
            }
            Self::WrongLength { expected, found } => {
                let text = text.and(if *found < *expected { "is cut off: " } else { "is too long: " });
                text.and("its header accounts for ").number(*expected).and(" bytes, but it has ").number(*found)
            }
            Self::UnknownFormat => {
                text.and("is of another version of fusion: load it with `load_weights` and save it again")
            }
            Self::Missing { tensor, instead: None } => {
                text.and("does not fit the model: `").and(tensor.name().as_str()).and("` is missing in the file")
            }
            Self::Missing { tensor, instead: Some(instead) } => text
                .and("does not fit the model: `")
                .and(tensor.name().as_str())
                .and("` is missing in the file, which has a `")
                .and(instead.as_str())
                .and("` that the model does not have"),
            Self::Unknown { tensor } => {
                text.and("does not fit the model: `").and(tensor.as_str()).and("` is in the file, but not in the model")
            }
            Self::Twice => text.and("has two tensors of one name"),
            Self::Dtype { tensor, found } => text
                .and("does not fit the model: `")
                .and(tensor.name().as_str())
                .and("` has dtype ")
                .and(found.as_str())
                .and(" in the file, but must have F32"),
            Self::Shape { tensor, found } => {
                let text = text.and("does not fit the model: `").and(tensor.name().as_str()).and("` has ");
                let text = match found {
                    Some(found) => text.and("shape ").shape(found),
                    None => text.and("more than six dimensions"),
                };
                text.and(" in the file, but shape ").shape(&tensor.shape()).and(" in the model")
            }
            Self::NotFinite { tensor, position } => {
                let text = text.and("cannot be used: `").and(tensor.as_str()).and("` is NaN or infinite at position ");
                text.number(*position)
            }
            Self::Golden { tensor } => text
                .and("does not fit the model: `")
                .and(tensor.as_str())
                .and("` is not of the shape and type of its input or output"),
            Self::GoldenCount => {
                text.and("does not fit the model: its golden samples or ranges are not of all inputs and outputs")
            }
            Self::OtherGraph => text
                .and("was saved by a model with another graph, even though the names and shapes of all tensors fit: ")
                .and("a layer's kind or activation, or the wiring between the layers must differ"),
            Self::OtherOrder { input } => text
                .and("was saved by a model whose inputs come in another order: `")
                .and(input)
                .and("` stands elsewhere there"),
        }
    }

    /// The same with what to do about it, where the file is in the program of this model.
    pub(super) const fn advice(&self, text: Text, model: &str) -> Text {
        match self {
            Self::NotSafetensors { .. } | Self::WrongLength { .. } => {
                text.and("\nhelp: put in its place what `save_weights` wrote")
            }
            Self::NotFinite { .. } => text.and("\nhelp: train again, with a smaller learning rate"),
            Self::UnknownFormat => text,
            _ => text
                .and("\nhelp: save the weights of `")
                .and(model)
                .and("` as it is declared now, or declare it as it was when they were saved"),
        }
    }
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(Text::new("the weight file ")).as_str())
    }
}
crate::debug_is_display!(WeightsError);
impl core::error::Error for WeightsError {}

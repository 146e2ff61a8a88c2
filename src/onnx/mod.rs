//! ONNX files: models of PyTorch's and of other exporters come in, models go out.

#[allow(missing_docs, reason = "the words are those of onnx.proto")]
pub(crate) mod proto;
mod read;
mod write;

pub use read::{Model, OnnxError, Problem, Turned, read};
pub(crate) use write::write_named;
pub use write::{ExportError, IR_VERSION, Lengths, OPSET, from_archive};

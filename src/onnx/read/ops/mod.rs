//! Nodes as layers of Keras's, a file each kind.

mod activations;
mod attention;
mod convolution;
mod elementwise;
mod images;
mod linear;
mod normalization;
mod pooling;
mod recurrent;
mod shapes;
mod slices;
mod written;

use super::graph::Node;
use super::{Outcome, Reader};

/// What makes layers of a node.
pub(super) type Operation = fn(&mut Reader<'_>, &Node) -> Outcome;

/// How a node of this kind is read.
pub(super) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "Gemm" => linear::gemm,
        "MatMul" => linear::matmul,
        "Conv" => convolution::convolution,
        "ConvTranspose" => convolution::transposed,
        "BatchNormalization" => normalization::batch,
        "LayerNormalization" => normalization::layer,
        "InstanceNormalization" => normalization::instance,
        "GroupNormalization" => normalization::group,
        "RMSNormalization" | "SimplifiedLayerNormalization" => normalization::root_mean_square,
        "MaxPool" | "AveragePool" => pooling::pool,
        "GlobalMaxPool" | "GlobalAveragePool" => pooling::global,
        "ReduceMean" | "ReduceMax" => pooling::reduce,
        "LSTM" | "GRU" | "RNN" => recurrent::recurrent,
        "Concat" => elementwise::concat,
        "Add" | "Sub" | "Mul" | "Div" | "Pow" => elementwise::of_two,
        "Max" | "Min" | "Sum" | "Mean" => elementwise::of_several,
        "Softmax" | "LogSoftmax" => activations::softmax,
        "Clip" => activations::clip,
        "PRelu" => activations::slopes,
        "Reshape" => shapes::reshape,
        "Flatten" => shapes::flatten,
        "Squeeze" => shapes::squeeze,
        "Unsqueeze" => shapes::unsqueeze,
        "Transpose" => shapes::transpose,
        "Expand" => shapes::expand,
        "Shape" => shapes::shape,
        "Identity" | "Cast" | "CastLike" | "Dropout" => shapes::same,
        "Where" => shapes::chosen,
        "Less" => shapes::asked,
        "Gather" => slices::gather,
        "Slice" => slices::slice,
        "Split" => slices::split,
        "Pad" => images::pad,
        "Resize" | "Upsample" => images::resize,
        "Tile" => images::tile,
        other if activations::is_one(other) => activations::activation,
        _ => return None,
    })
}

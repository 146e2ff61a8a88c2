//! What models, training and files do, seen from outside.

mod blocks;
mod classification;
mod damaged_files;
mod doc_aliases;
mod graphs;
mod hygiene;
mod import_table;
mod inference;
mod keras_files;
mod keras_names;
mod layer_options;
mod layer_table;
mod many_layers;
mod masks;
mod named_in_notes;
mod onnx_files;
mod onnx_out;
mod persistence;
mod plot;
mod preprocessing;
mod regressions;
mod rooms;
mod several_outputs;
mod summaries;
mod training;
mod weight_options;

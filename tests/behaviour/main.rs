//! What models, training and files do, seen from outside.

mod damaged_files;
mod graphs;
mod hygiene;
mod inference;
mod layer_table;
mod persistence;
mod regressions;
mod rooms;
mod several_outputs;
mod summaries;
mod training;

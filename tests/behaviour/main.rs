//! What models, training and files do, seen from outside.

mod blocks;
mod damaged_files;
mod graphs;
mod hygiene;
mod inference;
mod keras_names;
mod layer_table;
mod persistence;
mod regressions;
mod rooms;
mod summaries;
mod training;

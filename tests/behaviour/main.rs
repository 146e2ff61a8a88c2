//! What models, training and files do, seen from outside.

mod damaged_files;
mod graphs;
mod hygiene;
mod inference;
mod persistence;
mod regressions;
mod summaries;
mod training;

//! What compiles and what does not, with the text that users see and how often they see it.

mod error_counts;
mod layer_options;
mod texts;

//! Layers written outside of `fusion`: weights, options, state, randomness and several inputs, and no `unsafe`.
//!
//! The source is the page `docs/writing-a-layer.md`: its blocks of code, one after the other.
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/page.rs"));

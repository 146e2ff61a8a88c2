//! Tests that need more than the public side.

mod callbacks;
mod tiles;

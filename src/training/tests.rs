//! Tests that need more than the public side.

mod adapted;
mod callbacks;
mod tiles;

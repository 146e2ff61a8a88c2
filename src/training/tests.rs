//! Tests that need more than the public side.

//! What a program takes that does nothing.

fn main() {}

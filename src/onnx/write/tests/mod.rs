//! What is written, read again.

// 1 error
//! Not every byte is a `bool`.
use fusion::Parameters;

#[derive(Parameters)]
pub struct Mask {
    pub keep: [bool; 4],
}

fn main() {}

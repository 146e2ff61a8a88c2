// 1 error
//! The macro behind `model!` is told the path of the crate, whose checks it trusts.
use fusion::prelude::*;

mod other {
    pub use fusion::*;
}

fusion::__private::model! {
    [other]
    pub struct Line = [f32; 2] => Dense<2, 1>;
}

fn main() {}

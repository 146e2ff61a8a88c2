// 1 error
//! Ids are no output: nothing could be learned from them.
use fusion::prelude::*;

model! {
    pub struct Ids {
        input ids: [u32; 3];
        output z = ids;
    }
}

fn main() {}

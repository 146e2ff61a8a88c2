// 1 error
use fusion::prelude::*;

model! {
    pub struct Fusion {}
}

fn main() {
    println!("{}", Fusion::PARAMETERS);
}

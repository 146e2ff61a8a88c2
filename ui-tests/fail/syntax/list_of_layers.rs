// 1 error
use fusion::prelude::*;
model! {
    struct M = [Dense<_, 4>, Dense<_, 1>];
}
fn main() { let _ = M::new(1); }

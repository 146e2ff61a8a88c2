// 1 error
use fusion::prelude::*;
model! { pub struct M {
    input a: [f32; 32];
    output z = a => Dense<_, 1>;
    /// nothing follows
} }
fn main() { let _ = M::new(1); }

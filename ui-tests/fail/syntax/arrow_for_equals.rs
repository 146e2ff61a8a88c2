// 1 error
use fusion::prelude::*;
model! { pub struct M {
    input a: [f32; 32];
    branch x => a => Dense<_, 4>;
    output z = x => Dense<_, 1>;
} }
fn main() { let m = M::new(1); let _ = m.predict(&[0.0; 32]); }

// 1 error
use fusion::prelude::*;
model! { pub struct M {
    input a: [f32; 32];
    output z = a
        => Dense<units = 8>
        => Dense<_, 1>;
} }
fn main() { let m = M::new(1); let _ = m.predict(&[0.0; 32]); }

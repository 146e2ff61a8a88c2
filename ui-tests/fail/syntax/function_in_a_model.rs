// 1 error
use fusion::prelude::*;
model! { pub struct M {
    input a: [f32; 32];
    output z = a => Dense<_, 1>;
    fn helper(&self) -> f32 { 1.0 }
} }
fn main() { let m = M::new(1); let _ = m.predict(&[0.0; 32]); }

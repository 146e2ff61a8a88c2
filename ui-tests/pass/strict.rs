//! A crate that forbids unsafe code and denies every warning.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused)]

use fusion::prelude::*;

model! {
    /// Price of a diamond from its measures and its grades.
    #[derive(Debug)]
    pub struct Fusion {
        input a: [f32; 32];
        input b: [f32; 128];
        input _spare: [u32; 3];
        branch x = a => Dense<32, 8, Relu> => Dropout(rate = 0.5) => Dense<8, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 4, Relu>;
        layer _unused: Dense<3, 3>;
        branch _later = y => Dense<4, 4>;
        output z = concatenate(x, y, axis = 1) => head: Dense<8, 2, Relu> => Dense<2, 1>;
        output w = x;
    }
}

model! {
    #[allow(unused_variables)]
    struct Allowed = [f32; 3] => Dense<3, 1>;
}

macro_rules! family {
    ($($name:ident $size:literal),*) => {
        $(model! {
            /// One of a family.
            #[derive(Debug)]
            pub struct $name {
                input a: [f32; $size];
                output z = a => Dense<$size, 1>;
            }
        })*
    };
}
family!(Two 2, Three 3);

fn main() {
    let output = Fusion::new(42).predict(&[0.5; 32], &[0.25; 128], &[1; 3]);
    assert_eq!((output.z.len(), output.w.len()), (1, 4));
    let sum =
        Two::new(1).predict(&[0.0; 2])[0] + Three::new(1).predict(&[0.0; 3])[0] + Allowed::new(1).predict(&[0.0; 3])[0];
    assert!(sum.abs() < 1e-6);
}

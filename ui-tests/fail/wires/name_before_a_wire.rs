// 1 error
use fusion::prelude::*;

model! {
    pub struct Line {
        input a: [f32; 3];
        output z = first: a => Dense<3, 1>;
    }
}

fn main() {
    let z: [f32; 1] = Line::new(42).predict(&[0.0; 3]);
    println!("{z:?}");
}

// 3 errors
use fusion::prelude::*;

model! {
    pub struct Line {
        input x: [f32; 3];
        output y = x => Dense<3, 1>;
    }
}

model! {
    pub struct Twins {
        input left: [f32; 3];
        input right: [f32; 3];
        output y = concatenate(left, right) => Dense<_, 1>;
    }
}

fn main() {
    let (line, twins) = (Line::new(1).prepare(), Twins::new(1).prepare());
    println!("{:?}", line.predict(&[1.0; 4]));
    println!("{:?}", line.predict(&vec![[1.0; 3]]));
    println!("{:?}", twins.predict((&[1.0; 3], &[2.0; 3])));
}

// 1 error
//! An activation of one's own that is only half there.
use fusion::activations::Activation;
use fusion::prelude::*;

struct Square;

impl Activation for Square {
    const NAME: &'static str = "square";
    const NEEDS_INPUT: bool = true;
    fn forward(values: &mut [f32], _features: usize) {
        values.iter_mut().for_each(|x| *x *= *x);
    }
}

model! {
    pub struct Line = [f32; 2] => Dense<2, 3, Square> => Dense<3, 1>;
}

fn main() {
    let mut line = Line::new(1);
    let history = Trainer::new(&mut line, Adam::default(), MeanSquaredError).fit(&[[0.0, 1.0]], &[[1.0]]).unwrap();
    println!("{:?}", history.get("loss"));
}

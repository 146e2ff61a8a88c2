// 1 error
//! A layer of one's own that is only half there.
use fusion::layer::{Forward, Layer, Output};
use fusion::prelude::*;
use fusion::weights::OptionsOf;

#[derive(Parameters)]
pub struct Double;

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Double {
    const OUTPUT: Output = Output::new(In::SHAPE);
    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
        In::numbers(x).iter().zip(Out::numbers_mut(y)).for_each(|(x, y)| *y = 2.0 * x);
    }
}

model! {
    pub struct Line = [f32; 2] => Dense<2, 3> => Double => Dense<3, 1>;
}

fn main() {
    let mut line = Line::new(1);
    let history = Trainer::new(&mut line, Adam::default(), MeanSquaredError).fit(&[[0.0, 1.0]], &[[1.0]]).unwrap();
    println!("{:?}", history.get("loss"));
}

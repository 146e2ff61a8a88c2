// 3 errors
use fusion::layer::{Forward, Output};
use fusion::prelude::*;

pub struct Scale {
    pub gain: [f32; 8],
}

impl<In: Tensor, O: OptionsOf<Self>> Layer<In, O> for Scale {
    const OUTPUT: Output = Output::new(In::SHAPE);
    fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, _x: &[In], _y: &mut [Out]) {}
}

model! {
    pub struct Net {
        input a: [f32; 8];
        output z = a => Scale => Dense<_, 1>;
    }
}

fn main() {}

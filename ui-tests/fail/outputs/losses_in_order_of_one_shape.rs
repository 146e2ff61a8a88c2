// 1 error
use fusion::prelude::*;

model! {
    pub struct Tickets {
        input text: [f32; 16];
        output priority = text => Dense<16, 4>;
        output department = text => Dense<16, 4>;
    }
}

fn main() {
    let mut model = Tickets::new(42);
    let losses = (BinaryCrossentropy::from_logits(), MeanSquaredError);
    let _ = Trainer::new(&mut model, Adam::default(), losses).epochs(3);
}

// 1 error
use fusion::prelude::*;

model! {
    pub struct Tickets {
        input text: [f32; 16];
        output priority = text => Dense<16, 1>;
        output department = text => Dense<16, 4>;
    }
}

fn main() {
    let mut model = Tickets::new(42);
    let losses = TicketsLosses { priority: BinaryCrossentropy::from_logits(), department: CategoricalCrossentropy::from_logits() };
    let trainer = Trainer::new(&mut model, Adam::default(), losses);
    let _ = trainer.metric(CategoricalAccuracy);
}

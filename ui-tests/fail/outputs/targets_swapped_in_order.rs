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
    let (text, priority, department) = (vec![[0.0_f32; 16]; 8], vec![[1.0_f32; 1]; 8], vec![[0.0_f32; 4]; 8]);
    let losses = TicketsLosses { priority: BinaryCrossentropy::from_logits(), department: CategoricalCrossentropy::from_logits() };
    let mut trainer = Trainer::new(&mut model, Adam::default(), losses);
    trainer.fit(&text, (&department, &priority)).unwrap();
}

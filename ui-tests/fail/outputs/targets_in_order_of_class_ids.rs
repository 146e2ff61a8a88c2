// 1 error
use fusion::prelude::*;

model! {
    pub struct Tickets {
        input text: [f32; 16];
        output priority = text => Dense<16, 3>;
        output department = text => Dense<16, 4>;
    }
}

fn main() {
    let mut model = Tickets::new(42);
    let (text, priority, department) = (vec![[0.0_f32; 16]; 8], vec![1_u32; 8], vec![3_u32; 8]);
    let losses = TicketsLosses {
        priority: SparseCategoricalCrossentropy::from_logits(),
        department: SparseCategoricalCrossentropy::from_logits(),
    };
    let mut trainer = Trainer::new(&mut model, Adam::default(), losses);
    trainer.fit(&text, (&priority, &department)).unwrap();
}

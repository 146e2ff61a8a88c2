// 1 error
use fusion::prelude::*;

model! {
    pub struct Tickets {
        input text: [f32; 16];
        branch hidden = text => Dense<_, 8>;
        output department = hiden => Dense<_, 4>;
    }
}

fn main() {
    let mut model = Tickets::new(42);
    let (text, classes, weights) = (vec![[0.0_f32; 16]; 8], vec![3_u32; 8], vec![1.0_f32; 8]);
    let mut trainer = Trainer::new(&mut model, Adam::default(), SparseCategoricalCrossentropy::from_logits())
        .metric(SparseCategoricalAccuracy)
        .sample_weight(&weights);
    trainer.fit(&text, &classes).unwrap();
    println!("{:?}", model.predict_batch(&text).unwrap()[3]);
}

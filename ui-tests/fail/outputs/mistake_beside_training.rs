// 1 error
//! What is given for the outputs is right beside a mistake, so that only the mistake is reported.
use fusion::prelude::*;

model! {
    pub struct Tickets {
        input text: [f32; 16];
        output priority = text => Dense<16, 1>;
        output department = txt => Dense<16, 4>;
    }
}

fn main() {
    let mut model = Tickets::new(42);
    let (text, priority, department) = (vec![[0.0_f32; 16]; 8], vec![[1.0_f32; 1]; 8], vec![[0.0_f32; 4]; 8]);
    let weights = vec![1.0_f32; 8];
    let losses = TicketsLosses { priority: BinaryCrossentropy::from_logits(), department: CategoricalCrossentropy::from_logits() };
    let mut trainer = Trainer::new(&mut model, Adam::default(), losses)
        .loss_weights(TicketsLossWeights { priority: 1.0, department: 0.2 })
        .metric(TicketsMetrics { priority: (), department: CategoricalAccuracy })
        .sample_weight(&weights);
    trainer.fit(&text, TicketsTargets { priority: &priority, department: &department }).unwrap();
    trainer.evaluate(&text, (&priority, &department)).unwrap();
    let mut trainer = Trainer::new(&mut model, Adam::default(), (MeanSquaredError, MeanSquaredError))
        .loss_weights([1.0, 0.2])
        .metric(((), MeanSquaredError))
        .sample_weight(TicketsSampleWeights { priority: &weights, department: &weights });
    trainer.fit(&text, (&priority, &department)).unwrap();
    let mut predictions = model.predict_batch(&text).unwrap();
    model.predict_batch_into(&text, predictions.as_mut(), &mut Tickets::workspace()).unwrap();
    println!("{:?}", predictions.department[3]);
}

//! A large model is never on the stack.

use super::super::*;

model! {
    struct Large = [f32; 3900] => Dense<3900, 3900> => Dense<3900, 1>;
}

#[test]
fn a_model_of_60_mb_trains_on_a_stack_of_256_kb() {
    const { assert!(Large::WEIGHT_BYTES > 60_000_000) };
    let train = || {
        let (x, y) = (vec![[0.001; 3900]; 3], vec![[1.0]; 3]);
        let mut model = Large::new(1);
        let mut trainer = Trainer::new(&mut model, Adam::new(1e-5), MeanSquaredError)
            .epochs(2)
            .batch_size(2)
            .shuffle(1)
            .callback(EarlyStopping::new("loss").restore_best_weights(true))
            .verbose(false);
        let history = trainer.fit(&x, &y).unwrap();
        assert!(history["loss"][1] < history["loss"][0]);
        assert!(trainer.evaluate(&x, &y).unwrap()["loss"].is_finite());
        let copy = model.duplicate();
        assert_eq!(copy.predict(&x[0]), model.predict(&x[0]));
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(train).unwrap().join().unwrap();
}

//! A model with two outputs, against numbers computed by hand.

use super::*;

model! {
    struct Tickets {
        input text: [f32; 2];
        output priority = text => Dense<2, 1>;
        output department = text => Dense<2, 2>;
    }
}

const TEXT: [[f32; 2]; 2] = [[1.0, 2.0], [3.0, -1.0]];
const PRIORITY: [[f32; 1]; 2] = [[1.0], [0.0]];
const DEPARTMENT: [[f32; 2]; 2] = [[0.5, 0.0], [1.0, 2.0]];

fn tickets() -> Box<Tickets> {
    let mut model = Tickets::new(1);
    model.dense.kernel = [[0.5], [0.25]];
    model.dense_1.kernel = [[1.0, 0.0], [0.0, 1.0]];
    model
}

#[test]
fn losses_and_metrics_of_each_output_have_kerass_names_and_values() {
    let mut model = tickets();
    let mut trainer = Trainer::new(&mut model, RmsProp::default(), (MeanSquaredError, MeanAbsoluteError))
        .loss_weights([1.0, 0.5])
        .metric((BinaryAccuracy::default().named("accuracy"), ()))
        .metric(((), MeanSquaredError))
        .verbose(false);
    let scores = trainer.evaluate(&TEXT, (&PRIORITY, &DEPARTMENT)).unwrap();
    let names = ["department_loss", "department_mean_squared_error", "loss", "priority_accuracy", "priority_loss"];
    assert_eq!(scores.keys().collect::<Vec<_>>(), names);
    // priority: 1.0 and 1.25; department: the text itself.
    let priority = (0.0 + 1.25 * 1.25) / 2.0;
    let department = ((0.5 + 2.0) / 2.0 + (2.0 + 3.0) / 2.0) / 2.0;
    let squared = ((0.25 + 4.0) / 2.0 + (4.0 + 9.0) / 2.0) / 2.0;
    let expected = [department, squared, priority + 0.5 * department, 0.5, priority];
    for ((name, value), expected) in scores.iter().zip(expected) {
        assert!((value - expected).abs() < 1e-6, "{name}: {value} is not {expected}");
    }
}

#[test]
fn each_loss_counts_as_much_as_its_weight() {
    let mut model = tickets();
    let mut trainer = Trainer::new(&mut model, Sgd::new(1.0), (MeanSquaredError, MeanAbsoluteError))
        .loss_weights([1.0, 0.5])
        .verbose(false);
    trainer.train_on_batch(&TEXT, (&PRIORITY, &DEPARTMENT)).unwrap();
    // d loss / d priority: 2 (p − t) / 2 = 0 and 1.25; kernel: text times that.
    assert_eq!(model.dense.kernel, [[0.5 - 3.0 * 1.25], [0.25 + 1.25]]);
    assert_eq!(model.dense.bias, [-1.25]);
    // d loss / d department: 0.5 · sign(p − t) / 2 numbers / 2 samples = ± 0.125.
    assert_eq!(model.dense_1.bias, [-0.25, 0.0]);
    assert_eq!(model.dense_1.kernel, [[1.0 - 0.5, 0.25], [-0.125, 1.0 - 0.375]]);
}

#[test]
fn the_wrong_target_is_found_by_its_output() {
    let mut model = tickets();
    let mut trainer = Trainer::new(&mut model, Adam::default(), (MeanSquaredError, MeanSquaredError)).verbose(false);
    let error = trainer.fit(&TEXT, (&PRIORITY, &[[0.0, f32::NAN], [0.0, 0.0]])).unwrap_err();
    assert_eq!(error.to_string(), "output `department`: the target of sample 0 is NaN or infinite at position 1");
    let error = trainer.fit(&TEXT, (&PRIORITY, &DEPARTMENT[..1])).unwrap_err();
    assert_eq!(error.to_string(), "there are 2 samples, but 1 target for the output `department`");
}

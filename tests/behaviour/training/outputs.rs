//! Models with several outputs: what is given for each by its name, against numbers computed by hand and Keras's.

use super::keras::{assert_weights, sgd, train};
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
const TARGETS: TicketsTargets<'_, [f32; 1], [f32; 2]> = TicketsTargets { priority: &PRIORITY, department: &DEPARTMENT };
const LOSSES: TicketsLosses<MeanSquaredError, MeanAbsoluteError> =
    TicketsLosses { priority: MeanSquaredError, department: MeanAbsoluteError };

fn tickets() -> Box<Tickets> {
    let mut model = Tickets::new(1);
    model.dense.kernel = [[0.5], [0.25]];
    model.dense_1.kernel = [[1.0, 0.0], [0.0, 1.0]];
    model
}

#[test]
fn losses_and_metrics_of_each_output_have_kerass_names_and_values() {
    let mut model = tickets();
    let mut trainer = Trainer::new(&mut model, RmsProp::default(), LOSSES)
        .loss_weights(TicketsLossWeights { priority: 1.0, department: 0.5 })
        .metric(TicketsMetrics { priority: BinaryAccuracy::default().named("accuracy"), department: () })
        .metric(TicketsMetrics { priority: (), department: MeanSquaredError })
        .verbose(false);
    let scores = trainer.evaluate(&TEXT, TARGETS).unwrap();
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
    let mut trainer = Trainer::new(&mut model, Sgd::new(1.0), LOSSES)
        .loss_weights(TicketsLossWeights { priority: 1.0, department: 0.5 })
        .verbose(false);
    trainer.train_on_batch(&TEXT, TARGETS).unwrap();
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
    let mut trainer = Trainer::new(&mut model, Adam::default(), LOSSES).verbose(false);
    let error =
        trainer.fit(&TEXT, TicketsTargets { department: &[[0.0, f32::NAN], [0.0, 0.0]], ..TARGETS }).unwrap_err();
    assert_eq!(error.to_string(), "output `department`: the target of sample 0 is NaN or infinite at position 1");
    let error = trainer.fit(&TEXT, TicketsTargets { department: &DEPARTMENT[..1], ..TARGETS }).unwrap_err();
    assert_eq!(error.to_string(), "there are 2 samples, but 1 target for the output `department`");
}

#[test]
fn weights_of_the_wrong_number_are_found_by_their_output() {
    let mut model = tickets();
    let weights = TicketsSampleWeights { priority: &[1.0, 2.0], department: &[1.0] };
    let mut trainer = Trainer::new(&mut model, Adam::default(), LOSSES).verbose(false).sample_weight(weights);
    let error = trainer.fit(&TEXT, TARGETS).unwrap_err();
    assert_eq!(error.to_string(), "there are 2 samples, but 1 sample weight for the output `department`");
    let weights = TicketsSampleWeights { priority: &[1.0, f32::NAN], department: &[1.0, 2.0] };
    let error = trainer.sample_weight(weights).fit(&TEXT, TARGETS).unwrap_err();
    assert_eq!(error.to_string(), "the weight of sample 1 for the output `priority` is NaN or infinite");
}

/// Where the types tell which is which, what is given in order is the same as what is given by name.
#[test]
fn in_order_is_as_by_name() {
    let trained = |train: &dyn Fn(&mut Tickets)| {
        let mut model = tickets();
        train(&mut model);
        weights(&*model)
    };
    let by_name = trained(&|model| {
        let trainer = Trainer::new(model, sgd(), LOSSES).verbose(false);
        let trainer = trainer.loss_weights(TicketsLossWeights { priority: 1.0, department: 0.5 });
        trainer.validation_data(&TEXT, TARGETS).fit(&TEXT, TARGETS).unwrap();
    });
    let in_order = trained(&|model| {
        let trainer = Trainer::new(model, sgd(), (MeanSquaredError, MeanAbsoluteError)).verbose(false);
        let (trainer, targets) = (trainer.loss_weights([1.0, 0.5]), (&PRIORITY, &DEPARTMENT));
        trainer.validation_data(&TEXT, targets).fit(&TEXT, targets).unwrap();
    });
    assert_eq!(by_name, in_order);
}

/// A shuffled epoch takes each output's weights along with its targets.
#[test]
fn shuffled_samples_keep_their_weights() {
    let trained = |order: [usize; 2]| {
        let (text, priority) = (order.map(|i| TEXT[i]), order.map(|i| PRIORITY[i]));
        let (department, weights_of) = (order.map(|i| DEPARTMENT[i]), order.map(|i| [[2.0, 0.5], [0.0, 3.0]][i]));
        let [of_priority, of_department] = [0, 1].map(|output| weights_of.map(|weights| weights[output]));
        let mut model = tickets();
        Trainer::new(&mut model, sgd(), LOSSES)
            .sample_weight(TicketsSampleWeights { priority: &of_priority, department: &of_department })
            .epochs(4)
            .shuffle(2)
            .verbose(false)
            .fit(&text, TicketsTargets { priority: &priority, department: &department })
            .unwrap();
        weights(&*model)
    };
    // One batch has all samples, so that their order makes no difference.
    for (a, b) in trained([0, 1]).iter().zip(trained([1, 0])) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }
}

model! {
    struct Short {
        input x: [f32; 2];
        output p = x => p: Dense<2, 1>;
        output q = x => q: Dense<2, 3, Softmax>;
    }
}

const X: [[f32; 2]; 5] = [[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0], [-0.5, -0.75]];
const SHORT: ShortTargets<'_, [f32; 1], u32> =
    ShortTargets { p: &[[1.0], [0.0], [0.5], [-1.0], [2.0]], q: &[2, 0, 1, 1, 0] };

type ShortTrainer<'a> = Trainer<'a, Short, Sgd, (MeanSquaredError, SparseCategoricalCrossentropy), ([f32; 1], u32)>;

/// Five samples in batches of two, so that the last batch is shorter: the losses of outputs weigh all batches alike.
fn short(case: &str, options: impl FnOnce(ShortTrainer<'_>) -> ShortTrainer<'_>) {
    let mut model = Short::new(1);
    model.p.kernel = [[0.5], [0.25]];
    model.q.kernel = [[1.0, 0.0, -0.5], [0.0, 1.0, 0.25]];
    let sparse = SparseCategoricalCrossentropy::default();
    let trainer = Trainer::new(&mut model, sgd(), ShortLosses { p: MeanSquaredError, q: sparse })
        .metric(ShortMetrics { p: MeanAbsoluteError.named("mae"), q: SparseCategoricalAccuracy })
        .weighted_metric(ShortMetrics { p: MeanSquaredError.named("mse"), q: sparse })
        .validation_data(&X, SHORT);
    train(case, options(trainer), &X, SHORT);
    assert_weights(case, &*model);
}

const LOSS_WEIGHTS: ShortLossWeights = ShortLossWeights { p: 0.5, q: 2.0 };

#[test]
fn a_short_batch_is_kerass() {
    short("outputs/plain", |trainer| trainer);
}

#[test]
fn loss_weights_are_kerass() {
    short("outputs/loss_weights", |trainer| trainer.loss_weights(LOSS_WEIGHTS));
}

#[test]
fn sample_weights_for_all_outputs_are_kerass() {
    short("outputs/weights_alike", |trainer| trainer.sample_weight(&[1.0, 0.5, 2.0, 0.0, 1.5]));
}

#[test]
fn sample_weights_for_each_output_are_kerass() {
    let weights = ShortSampleWeights { p: &[0.5, 1.0, 0.0, 2.0, 3.0], q: &[1.0, 0.25, 4.0, 1.0, 0.5] };
    short("outputs/weights_of_each", |trainer| trainer.loss_weights(LOSS_WEIGHTS).sample_weight(weights));
}

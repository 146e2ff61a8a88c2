//! Public programs against Keras's own numbers, as the five of the page of blocks: their losses, optimizers, sample
//! weights and frozen layers are those that they were published with.

use fusion::prelude::*;

use super::own::Contrastive;
use super::public_models::*;
use crate::golden::{Golden, Record};

/// Keras's inputs of a program by their names, which stand in Keras's order.
macro_rules! read {
    ($inputs:ident = $golden:ident, $file:literal, $Inputs:ident { $($name:ident),+ }) => {
        let mut index = 0..;
        $(let $name = $golden.rows($file, &format!("input{}", index.next().unwrap()));)+
        let $inputs = $Inputs { $($name: &$name),+ };
    };
}

#[test]
pub fn tab_transformer() {
    let golden = Golden::open("program_tab_transformer");
    let mut model: Box<TabTransformer> = golden.load();
    read!(io = golden, "io", TabTransformerInputs { age, gain, hours, job, education, relation, country });
    golden.check_output(0, model.predict_batch(io).unwrap().as_flattened());

    read!(data = golden, "train_data", TabTransformerInputs { age, gain, hours, job, education, relation, country });
    let incomes: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let weights = golden.rows("train_data", "sample_weight");
    let trainer = Trainer::new(&mut model, AdamW::new(0.001).weight_decay(0.0001), BinaryCrossentropy::default())
        .metric(BinaryAccuracy::default().named("accuracy"))
        .sample_weight(&weights);
    check_training!(golden, model, trainer, data, &incomes);
}

#[test]
pub fn behavior_sequence() {
    let golden = Golden::open("program_behavior_sequence");
    let mut model: Box<BehaviorSequence> = golden.load();
    let genres = model.genres_vector.embeddings;
    read!(io = golden, "io", BehaviorSequenceInputs { films, film, ratings, sex, age, occupation });
    golden.check_output(0, model.predict_batch(io).unwrap().as_flattened());

    read!(data = golden, "train_data", BehaviorSequenceInputs { films, film, ratings, sex, age, occupation });
    let ratings: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Adagrad::new(0.01), MeanSquaredError).metric(MeanAbsoluteError.named("mae"));
    check_training!(golden, model, trainer, data, &ratings);
    assert_eq!(model.genres_vector.embeddings, genres);
}

#[test]
pub fn variable_selection() {
    let golden = Golden::open("program_variable_selection");
    let mut model: Box<VariableSelection> = golden.load();
    read!(io = golden, "io", VariableSelectionInputs { age, wage, weeks, worker, sex, state });
    golden.check_output(0, model.predict_batch(io).unwrap().as_flattened());

    read!(data = golden, "train_data", VariableSelectionInputs { age, wage, weeks, worker, sex, state });
    let incomes: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let weights = golden.rows("train_data", "sample_weight");
    let trainer = Trainer::new(&mut model, Adam::default(), BinaryCrossentropy::default())
        .metric(BinaryAccuracy::default().named("accuracy"))
        .sample_weight(&weights);
    check_training!(golden, model, trainer, data, &incomes);
}

/// Keras names nothing after the model within, and made its layers first.
pub fn siamese_golden() -> Golden {
    Golden::open("program_siamese").named(|ours| match ours.split_once('/').unwrap() {
        ("tower", inner) => inner.to_owned(),
        ("batch_normalization", array) => format!("batch_normalization_2/{array}"),
        (layer, array) => format!("{layer}_1/{array}"),
    })
}

#[test]
pub fn siamese() {
    let golden = siamese_golden();
    let mut model: Box<Siamese> = golden.load();
    read!(io = golden, "io", SiameseInputs { left, right });
    golden.check_output(0, model.predict_batch(io).unwrap().as_flattened());

    read!(data = golden, "train_data", SiameseInputs { left, right });
    let unlike: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let trainer =
        Trainer::new(&mut model, RmsProp::default(), Contrastive).metric(BinaryAccuracy::default().named("accuracy"));
    check_training!(golden, model, trainer, data, &unlike);
}

#[test]
pub fn lstm_fcn() {
    let golden = Golden::open("program_lstm_fcn");
    let mut model: Box<LstmFcn> = golden.load();
    golden.check_output(0, model.predict_batch(&golden.rows("io", "input0")).unwrap().as_flattened());

    let series: Vec<[[f32; 12]; 1]> = golden.rows("train_data", "input0");
    let classes: Vec<[f32; 4]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Adam::new(0.001), CategoricalCrossentropy::default())
        .metric(CategoricalAccuracy.named("accuracy"));
    check_training!(golden, model, trainer, &series, &classes);
}

/// Keras counts the layers within a wrapper too, and not their cells.
pub fn text_and_metadata_golden() -> Golden {
    Golden::open("program_text_and_metadata").named(|ours| match ours.strip_prefix("bidirectional_1/") {
        Some(within) => format!("bidirectional_1/{}", within.replace("_lstm/", "_lstm_1/")),
        None => ours.to_owned(),
    })
}

#[test]
pub fn text_and_metadata() {
    let golden = text_and_metadata_golden();
    let mut model: Box<TextAndMetadata> = golden.load();
    read!(io = golden, "io", TextAndMetadataInputs { numbers, place, text });
    golden.check_output(0, model.predict_batch(io).unwrap().as_flattened());

    read!(data = golden, "train_data", TextAndMetadataInputs { numbers, place, text });
    let good: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Adam::new(0.001), BinaryCrossentropy::default())
        .metric(BinaryAccuracy::default())
        .metric(Precision::default())
        .metric(Auc::default());
    check_training!(golden, model, trainer, data, &good);
}

/// Keras counts what is within a wrapper along with what is not.
pub fn question_pairs_golden() -> Golden {
    Golden::open("program_question_pairs").named(|ours| {
        if let Some(array) = ours.strip_prefix("time_distributed_1/dense/") {
            return format!("time_distributed_1/dense_1/{array}");
        }
        match ours.split_once('/').unwrap() {
            ("dense", array) => format!("dense_2/{array}"),
            (layer, array) if layer.starts_with("dense_") => {
                format!("dense_{}/{array}", layer["dense_".len()..].parse::<usize>().unwrap() + 2)
            }
            _ => ours.to_owned(),
        }
    })
}

#[test]
pub fn question_pairs() {
    let golden = question_pairs_golden();
    let mut model: Box<QuestionPairs> = golden.load();
    let words = (model.embedding.embeddings, model.embedding_1.embeddings);
    read!(io = golden, "io", QuestionPairsInputs { one, other });
    golden.check_output(0, model.predict_batch(io).unwrap().as_flattened());

    read!(data = golden, "train_data", QuestionPairsInputs { one, other });
    let duplicates: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Adam::default(), BinaryCrossentropy::default())
        .metric(BinaryAccuracy::default().named("accuracy"))
        .validation_split(0.1);
    check_training!(golden, model, trainer, data, &duplicates);
    assert_eq!((model.embedding.embeddings, model.embedding_1.embeddings), words);
}

#[test]
pub fn node2vec() {
    let golden = Golden::open("program_node2vec");
    let mut model: Box<Node2Vec> = golden.load();
    read!(io = golden, "io", Node2VecInputs { target, context });
    golden.check_output(0, model.predict_batch(io).unwrap().as_flattened());

    read!(data = golden, "train_data", Node2VecInputs { target, context });
    let near: Vec<[f32; 1]> = golden.rows("train_data", "target0");
    let weights = golden.rows("train_data", "sample_weight");
    let trainer = Trainer::new(&mut model, Adam::new(0.001), BinaryCrossentropy::from_logits()).sample_weight(&weights);
    check_training!(golden, model, trainer, data, &near);
}

#[test]
pub fn unet() {
    let golden = Golden::open("program_unet");
    let mut model: Box<UNet> = golden.load();
    golden.check_output(0, Tensor::numbers(&model.predict_batch(&golden.rows("io", "input0")).unwrap()));

    let images: Vec<[[[f32; 1]; 8]; 8]> = golden.rows("train_data", "input0");
    let masks: Vec<[[[f32; 1]; 8]; 8]> = golden.rows("train_data", "target0");
    let trainer = Trainer::new(&mut model, Adam::new(0.0001), BinaryCrossentropy::default())
        .metric(BinaryAccuracy::default().named("accuracy"));
    check_training!(golden, model, trainer, &images, &masks);
}

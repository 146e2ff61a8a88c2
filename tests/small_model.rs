//! One of everything at its smallest: predicting, training, saving and loading, soon done where each access is
//! interpreted (`docs/unsafe.md`).

use fusion::prelude::*;

model! {
    /// Within the other one.
    struct Inner {
        input a: [f32; 3];
        input b: [f32; 2];
        output c = concatenate(a, b) => Dense<5, 2, Tanh>;
    }
}

model! {
    /// Ids, a sequence, an image, state, chance, a shared wire and two outputs.
    struct Small {
        input ids: [u32; 3];
        input image: [f32; 4, 4, 1];
        branch words = ids => Embedding<5, 2> => Lstm<2, 3>;
        branch picture = image => Conv2d<1, 2, 3> => MaxPooling2d => Flatten => BatchNormalization<2> => Dropout(0.25);
        output class = (a = words, b = picture) => Inner => Dense<2, 2, Softmax>;
        output size = words => Dense<3, 1>;
    }
}

type Image = [[[f32; 1]; 4]; 4];

fn data() -> ([[u32; 3]; 3], [Image; 3]) {
    let image = |sample: usize| std::array::from_fn(|i| std::array::from_fn(|j| [(sample + 3 * i * j) as f32 / 9.0]));
    ([[0, 1, 2], [4, 4, 3], [2, 0, 1]], std::array::from_fn(image))
}

#[test]
fn it_trains_travels_and_predicts() {
    let (ids, images) = data();
    let mut model = Small::new(1);
    let fresh = model.duplicate();
    let losses = SmallLosses { class: SparseCategoricalCrossentropy::default(), size: MeanSquaredError };
    let targets = SmallTargets { class: &[0, 1, 0], size: &[[0.5], [-0.5], [1.0]] };
    let mut trainer = Trainer::new(&mut model, Adam::new(0.05), losses).verbose(false);
    let scores: Vec<f64> = (0..4).map(|_| trainer.train_on_batch((&ids, &images), targets).unwrap()["loss"]).collect();
    assert!(scores.iter().all(|loss| loss.is_finite()), "{scores:?}");
    assert_ne!(model.embedding.embeddings, fresh.embedding.embeddings);
    assert_ne!(model.batch_normalization.moving_mean, fresh.batch_normalization.moving_mean);

    let mut other = Small::new(2);
    other.load_weights_from_bytes(&model.weights_to_bytes()).unwrap();
    let outputs = other.predict_batch((&ids, &images)).unwrap();
    for (sample, (ids, image)) in ids.iter().zip(&images).enumerate() {
        let (one, output) = (model.predict(ids, image), outputs.sample(sample));
        assert!((one.class[0] + one.class[1] - 1.0).abs() < 1e-6, "{one:?}");
        assert!((one.class[0] - output.class[0]).abs() < 1e-6 && (one.size[0] - output.size[0]).abs() < 1e-6);
    }
    other.copy_from(&fresh);
    assert_eq!(other.predict(&ids[0], &images[0]), fresh.predict(&ids[0], &images[0]));
}

#[test]
fn an_id_that_is_out_of_range_is_an_error() {
    let (mut ids, images) = data();
    ids[1][2] = 5;
    let error = Small::new(1).predict_batch((&ids, &images)).unwrap_err();
    assert_eq!(error.to_string(), "input `ids`: the id 5 at position 2 of sample 1 is out of range: ids are below 5");
}

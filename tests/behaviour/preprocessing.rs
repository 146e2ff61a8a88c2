//! Numbers, ids and images on their way into a model.

use fusion::prelude::*;

model! {
    struct Customers {
        input age: [f32; 1];
        input zip: u32;
        input day: u32;
        branch a = age => bins: Discretization<4> => Embedding<4, 2> => Flatten;
        branch z = zip => zips: IntegerLookup<6>(mask_token = 0) => Embedding<6, 2>;
        branch h = zip => Hashing(7, mask_value = 0) => Embedding<7, 2>;
        branch c = (zip = zip, day = day) => HashedCrossing(20, output_mode = OneHot);
        branch k = day => IntegerLookup(vocabulary = &[1, 2, 3, 4, 5], output_mode = OneHot);
        output y = concatenate(a, z, h, c, k) => Dense<_, 1>;
    }
}

fn customers() -> (Vec<[f32; 1]>, Vec<u32>, Vec<u32>) {
    let ages = (0..40).map(|i| [18.0 + (i * 7 % 60) as f32]).collect();
    let zips = (0..40).map(|i| 4_000_000_000 + i * i % 9).collect();
    (ages, zips, (0..40).map(|i| i % 7).collect())
}

#[test]
fn what_was_learnt_of_data_comes_back_from_a_file() {
    let (ages, zips, days) = customers();
    let targets: Vec<[f32; 1]> = ages.iter().map(|[age]| [age / 50.0]).collect();
    let mut model = Customers::new(1);
    model.bins.adapt(&ages).expect("finite ages");
    model.zips.adapt(&zips).expect("zip codes");
    let vocabulary = model.zips.vocabulary;
    let mut trainer = Trainer::new(&mut model, Adam::new(0.05), MeanSquaredError).epochs(30).verbose(false);
    let inputs = CustomersInputs { age: &ages, zip: &zips, day: &days };
    let history = trainer.fit(inputs, &targets).expect("ids and numbers");
    let losses = history["loss"].to_vec();
    assert!(losses[29] < losses[0] / 4.0, "{losses:?}");
    assert_eq!(model.zips.vocabulary, vocabulary, "no optimizer moves it");

    let mut other = Customers::new(2);
    other.load_weights_from_bytes(&model.weights_to_bytes()).expect("its own file");
    let predict = |model: &Customers| model.predict_batch(inputs).expect("ids in range");
    assert_eq!(predict(&other), predict(&model));
}

/// Ids that were made within a model are checked as those of its inputs are.
#[test]
fn ids_without_a_place_name_their_input() {
    model! {
        struct Strict {
            input size: [f32; 2];
            input code: u32;
            branch s = size => Discretization(&[0.0, 1.0, 2.0]) => Embedding<3, 2> => Flatten;
            branch c = code => IntegerLookup(vocabulary = &[12, 36], num_oov_indices = 0) => Embedding<2, 2>;
            output y = concatenate(s, c) => Dense<_, 1>;
        }
    }
    let model = Strict::new(1);
    assert!(model.predict_batch((&[[0.5, 1.5]], &[36])).is_ok());
    let error = model.predict_batch((&[[0.5, 1.5], [0.5, 1.5]], &[36, 13])).unwrap_err().to_string();
    assert_eq!(error, "input `code`: the id 13 at position 0 of sample 1 is not in the vocabulary");
    let error = model.predict_batch((&[[0.5, 2.5]], &[36])).unwrap_err().to_string();
    assert_eq!(error, "input `size`: the id 3 at position 1 of sample 0 is out of range: ids are below 3");
}

model! {
    struct Pictures = [f32; 8, 6, 3] => Rescaling(1.0 / 255.0)
        => RandomFlip(Horizontal)
        => RandomTranslation(height_factor = 0.1, width_factor = 0.1)
        => RandomRotation(0.1, fill_mode = FillMode::Nearest)
        => RandomZoom(height_factor_range = (-0.2, 0.0))
        => RandomContrast(factor_range = (0.2, 0.2), value_range = (0.0, 1.0))
        => RandomBrightness(0.1, value_range = (0.0, 1.0))
        => Resizing(height = 4, width = 4, crop_to_aspect_ratio = true)
        => CenterCrop(height = 3, width = 3)
        => Flatten => Dense<_, 1>;
}

#[test]
fn images_change_in_training_alone() {
    let image = |sample: usize| -> [[[f32; 3]; 6]; 8] {
        let at = |i: usize, j: usize, k: usize| ((sample * 31 + i * 7 + j * 11 + k * 5) % 256) as f32;
        std::array::from_fn(|i| std::array::from_fn(|j| std::array::from_fn(|k| at(i, j, k))))
    };
    let (images, targets): (Vec<_>, Vec<_>) = (0..20).map(|i| (image(i * 3), [i as f32 / 20.0])).unzip();
    let losses = |epochs: usize, learning_rate: f32| {
        let mut model = Pictures::new(3);
        let mut trainer = Trainer::new(&mut model, Sgd::new(learning_rate), MeanSquaredError).epochs(epochs);
        trainer = trainer.batch_size(20).verbose(false);
        let history = trainer.fit(&images, &targets).expect("images");
        (history["loss"].to_vec(), trainer.evaluate(&images, &targets).expect("images")["loss"])
    };
    // Without a step of any size the losses of epochs differ by what is drawn alone.
    let (drawn, evaluated) = losses(3, 0.0);
    assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2] && drawn[0] != evaluated, "{drawn:?}, {evaluated}");
    assert_eq!(losses(3, 0.0), (drawn, evaluated), "the same seed draws the same");
    let model = Pictures::new(3);
    assert_eq!(model.predict(&images[0]), model.predict(&images[0]));
}

//! Files of prepared models.

use fusion_core::Prepared;
use fusion_core::layer::{F16, F32, Int8, WeightKind};

use super::*;

model! {
    /// What is folded, what stands alone, layers within a model, a layer that is used twice, and one that stays as it is.
    struct Small {
        input x: [f32; 6];
        layer twice: Dense<4, 4, Tanh>;
        branch h = x => Dense<_, 80>(use_bias = false) => BatchNormalization<_> => Dense<_, 80, Relu> => BatchNormalization<_>;
        output y = h => Dense<_, 4> => twice => Inside => twice => LayerNormalization<4>;
    }
}
model! { struct Inside = [f32; 4] => Dense<_, 4> => BatchNormalization<_>; }
model! { struct Line = [f32; 6] => Dense<_, 3>; }
model! { struct Curve = [f32; 6] => Dense<_, 3, Tanh>; }

fn predicted<K: WeightKind>(fast: &Prepared<Small, K>) -> Vec<u32> {
    let x: Vec<[f32; 6]> = (0..5).map(|i| std::array::from_fn(|j| (i * 6 + j) as f32 / 15.0 - 1.0)).collect();
    fast.predict_batch(&x).unwrap().as_flattened().iter().map(|y| y.to_bits()).collect()
}

fn comes_back<K: WeightKind>() {
    let fast = Small::new(3).prepare_as::<K>();
    let bytes = fast.weights_to_bytes();
    let loaded = Prepared::<Small, K>::load_weights_from_bytes(&bytes).unwrap();
    assert_eq!((loaded.weights_to_bytes(), predicted(&loaded)), (bytes, predicted(&fast)));
}

#[test]
fn prepared_weights_come_back_the_same_bits() {
    comes_back::<F32>();
    comes_back::<F16>();
    comes_back::<Int8>();
}

#[test]
fn a_file_has_kerass_names_and_layout() {
    let mut model = Line::new(1);
    model.dense.kernel = std::array::from_fn(|i| [i as f32, -0.5 * i as f32, 0.0]);
    let entries = |bytes: &[u8]| -> Vec<(String, Dtype, Vec<usize>, Vec<u8>)> {
        let tensors = SafeTensors::deserialize(bytes).unwrap();
        let mut all: Vec<_> = tensors
            .tensors()
            .into_iter()
            .map(|(name, view)| (name, view.dtype(), view.shape().to_vec(), view.data().to_vec()))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    let names_of = |bytes: &[u8]| {
        entries(bytes).into_iter().map(|(name, dtype, shape, _)| (name, dtype, shape)).collect::<Vec<_>>()
    };
    let [bias, kernel] = ["dense/bias", "dense/kernel"].map(str::to_owned);
    assert_eq!(
        names_of(&model.prepare_as::<F16>().weights_to_bytes()),
        [(bias.clone(), Dtype::F32, vec![3]), (kernel.clone(), Dtype::F16, vec![6, 3])]
    );
    let int8 = entries(&model.prepare_as::<Int8>().weights_to_bytes());
    assert_eq!((&int8[1].0, int8[1].1, &int8[1].2), (&kernel, Dtype::I8, &vec![6, 3]));
    let integers: Vec<i8> = int8[1].3.iter().map(|byte| byte.cast_signed()).collect();
    assert_eq!(integers, [0, 0, 0, 25, -25, 0, 51, -51, 0, 76, -76, 0, 102, -102, 0, 127, -127, 0]);
    assert_eq!((int8[2].0.as_str(), int8[2].1, &int8[2].2), ("dense/kernel_scale", Dtype::F32, &vec![3]));
    let scales: Vec<f32> = int8[2].3.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    // Keras: 127 / (the largest magnitude + 1e-7).
    let near = scales.iter().zip([127.0 / 5.0, 127.0 / 2.5, 127.0 / 1e-7]).all(|(a, b)| (a - b).abs() < 1e-6 * b);
    assert!(near, "{scales:?}");
    let names: Vec<String> =
        names_of(&Small::new(1).prepare().weights_to_bytes()).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(
        names,
        [
            "batch_normalization_1/offset",
            "batch_normalization_1/scale",
            "dense/bias",
            "dense/kernel",
            "dense_1/bias",
            "dense_1/kernel",
            "dense_2/bias",
            "dense_2/kernel",
            "inside/dense/bias",
            "inside/dense/kernel",
            "layer_normalization/beta",
            "layer_normalization/gamma",
            "twice/bias",
            "twice/kernel",
        ]
    );
}

fn refused<N: Network, K: WeightKind>(bytes: &[u8]) -> String {
    Prepared::<N, K>::load_weights_from_bytes(bytes).err().unwrap().to_string()
}

#[test]
fn files_of_another_kind_are_refused() {
    let mut model = Line::new(1);
    let (plain, f16) = (model.weights_to_bytes(), model.prepare_as::<F16>().weights_to_bytes());
    let said = refused::<Line, Int8>(&f16);
    assert!(said.contains("holds the weights of a prepared model of the kind `F16`"), "{said}");
    let said = refused::<Line, F32>(&plain);
    assert!(said.contains("holds the weights of a model that is not prepared"), "{said}");
    let said = model.load_weights_from_bytes(&f16).unwrap_err().to_string();
    assert!(said.contains("holds the weights of a prepared model of the kind `F16`"), "{said}");
    let said = refused::<Curve, F16>(&f16);
    assert!(said.contains("was saved by a model with another graph"), "{said}");
    let said = refused::<Small, F16>(&f16);
    assert!(said.contains("does not fit the model"), "{said}");
    assert!(refused::<Line, F16>(&f16[..f16.len() - 1]).contains("is cut off"));
}

#[test]
fn numbers_that_cannot_be_weights_are_refused() {
    let mut model = Line::new(1);
    let int8 = model.prepare_as::<Int8>().weights_to_bytes();
    // Kernel, scales and bias are the last 18, 12 and 12 bytes.
    let kernel = int8.len() - 42;
    let mut beyond = int8.clone();
    beyond[kernel + 4] = 128;
    let said = refused::<Line, Int8>(&beyond);
    assert!(said.contains("`dense/kernel` has the value -128 at [1, 1]"), "{said}");
    let mut zero = int8;
    zero[kernel + 18..kernel + 22].fill(0);
    let said = refused::<Line, Int8>(&zero);
    assert!(said.contains("`dense/kernel_scale` has the value 0 at [0]"), "{said}");
    model.dense.kernel[2][1] = f32::INFINITY;
    let path = std::env::temp_dir().join(format!("fusion-prepared-{}.safetensors", std::process::id()));
    let error = model.prepare().save_weights(&path).unwrap_err();
    assert!(matches!(error, WeightsError::NotFinite { .. }) && !path.exists(), "{error}");
    model.dense.kernel[2][1] = 1.0;
    model.prepare_as::<F16>().save_weights(&path).unwrap();
    let loaded = Prepared::<Line, F16>::load_weights(&path).map(|fast| fast.weights_to_bytes());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(loaded.unwrap(), model.prepare_as::<F16>().weights_to_bytes());
}

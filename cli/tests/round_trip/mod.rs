//! What was imported goes back to Keras: a model that `fusion import` wrote is saved as `.keras`, and imported again is the
//! same text with the same weights.
//!
//! `FUSION_KERAS_FILES=DIRECTORY cargo test -p fusion-cli --test import round_trip` leaves the files in a directory, for
//! `tools/keras/whole.py`, which loads them with Keras.

#[path = "../imported/src/autoencoder.rs"]
mod autoencoder;
#[path = "../imported/src/class_weight.rs"]
mod class_weight;
#[path = "../imported/src/ensemble.rs"]
mod ensemble;
#[path = "../imported/src/frozen.rs"]
mod frozen;
#[path = "../imported/src/lengths.rs"]
mod lengths;
#[path = "../imported/src/masks.rs"]
mod masks;
#[path = "../imported/src/mixed_data.rs"]
mod mixed_data;
#[path = "../imported/src/mnist_mlp.rs"]
mod mnist_mlp;
#[path = "../imported/src/pooled_attention.rs"]
mod pooled_attention;
#[path = "../imported/src/recommender.rs"]
mod recommender;
#[path = "../imported/src/regularized.rs"]
mod regularized;
#[path = "../imported/src/seed_functional.rs"]
mod seed_functional;
#[path = "../imported/src/seed_fusion.rs"]
mod seed_fusion;
#[path = "../imported/src/seed_sequential.rs"]
mod seed_sequential;
#[path = "../imported/src/series.rs"]
mod series;
#[path = "../imported/src/settings.rs"]
mod settings;
#[path = "../imported/src/shared_embedding.rs"]
mod shared_embedding;
#[path = "../imported/src/squeeze_excite.rs"]
mod squeeze_excite;
#[path = "../imported/src/tagging.rs"]
mod tagging;
#[path = "../imported/src/tickets.rs"]
mod tickets;
#[path = "../imported/src/toy_resnet.rs"]
mod toy_resnet;

use std::fs;
use std::path::Path;

use fusion::prelude::*;

use super::{fusion, here, models, said};

/// Each imported model, with its name.
macro_rules! each {
    ($check:ident; $($module:ident::$model:ident),+ $(,)?) => {
        [$((stringify!($module), $check::<$module::$model> as fn(&str))),+]
    };
}

#[test]
fn an_imported_model_that_goes_back_is_the_same() {
    let all = each![
        again;
        autoencoder::Autoencoder,
        class_weight::ClassWeight,
        ensemble::Ensemble,
        frozen::Frozen,
        lengths::Lengths,
        masks::Masks,
        mixed_data::MixedData,
        mnist_mlp::MnistMlp,
        pooled_attention::PooledAttention,
        recommender::Recommender,
        regularized::Regularized,
        seed_functional::SeedFunctional,
        seed_fusion::SeedFusion,
        seed_sequential::SeedSequential,
        series::Series,
        settings::Settings,
        shared_embedding::SharedEmbedding,
        squeeze_excite::SqueezeExcite,
        tagging::Tagging,
        tickets::Tickets,
        toy_resnet::ToyResnet,
    ];
    // A model with parts that are still to be written computes nothing, and activations with parameters do not go back.
    let goes_back = |name: &String| !["gaps", "operations"].contains(&name.as_str());
    let expected: Vec<String> = models().into_iter().filter(goes_back).collect();
    assert_eq!(all.map(|(name, _)| name).as_slice(), expected, "a fixture does not go back");
    for (name, again) in all {
        again(name);
    }
}

fn again<M: Model<Network = M>>(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (file, imported) = (folder.path().join(format!("{name}.keras")), here("imported/src"));
    let mut model = M::new(0);
    let weights = imported.join(format!("{name}.safetensors"));
    model.load_weights(&weights).unwrap();
    model.save(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
    if let Some(files) = std::env::var_os("FUSION_KERAS_FILES") {
        let to = |ending: &str| Path::new(&files).join(format!("{name}{ending}"));
        fs::copy(&file, to(".keras")).unwrap();
        fs::copy(here(&format!("keras/{name}.io.safetensors")), to(".io.safetensors")).unwrap();
        fs::copy(here(&format!("keras/{name}.keras")), to(".original.keras")).unwrap();
        fs::write(to(".summary.txt"), M::summary().terminal_width(80).to_string()).unwrap();
    }
    // The same bytes each time, so that a file that has not changed is not another one.
    let bytes = fs::read(&file).unwrap();
    model.save(&file).unwrap();
    assert!(fs::read(&file).unwrap() == bytes, "{name}");
    let (mut loaded, before) = (M::new(0), model.weights_to_bytes());
    loaded.load_weights(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(loaded.weights_to_bytes() == before, "{name}: other weights");

    let out = folder.path().join("src");
    let golden = here(&format!("keras/{name}.io.safetensors"));
    let [path, golden, to] = [&file, &golden, &out].map(|path| path.to_str().unwrap());
    let output = fusion(&["import", path, "--name", name, "--out", to, "--golden", golden]);
    assert!(output.status.success(), "{name}: {}", said(&output));
    let text = |folder: &Path| without_comments(&fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap());
    assert_eq!(text(&out), text(&imported), "{name}");
    assert!(fs::read(out.join(format!("{name}.safetensors"))).unwrap() == fs::read(weights).unwrap(), "{name}");
}

/// A model that goes back is called as its type, and the comments say how it was called.
fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

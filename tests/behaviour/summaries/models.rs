//! The models of the fixtures, layer by layer in the order in which Keras created them.

use fusion::layer::{From, Graph, LayerNode, Needs, Output, Source, StepNode, Wire};
use fusion::shape::{ElementType, Shape};
use fusion::weights::{Entry, Initializer};

pub(super) struct Model {
    pub(super) name: &'static str,
    pub(super) sequential: bool,
    /// Layers by name.
    pub(super) outputs: &'static [&'static str],
    pub(super) layers: &'static [Layer],
}

#[derive(Clone, Copy)]
pub(super) struct Layer {
    name: &'static str,
    class: &'static str,
    entries: &'static [Entry],
    /// What each call takes: layers by name, `name[1]` for a layer's second call. An input has none.
    calls: &'static [&'static [&'static str]],
    output: &'static [usize],
}

pub(super) const fn input(name: &'static str, output: &'static [usize]) -> Layer {
    Layer { name, class: "InputLayer", entries: &[], calls: &[], output }
}

/// So many weights.
struct Weights<const COUNT: usize>;

impl<const COUNT: usize> Weights<COUNT> {
    const ARRAY: Entry = Entry::array::<[f32; COUNT]>("kernel", 0, Shape::new(&[COUNT]), Initializer::Zeros);
}

pub(super) const fn layer<const PARAMETERS: usize>(
    name: &'static str,
    class: &'static str,
    calls: &'static [&'static [&'static str]],
    output: &'static [usize],
) -> Layer {
    Layer { name, class, entries: const { &[Weights::<PARAMETERS>::ARRAY] }, calls, output }
}

/// A layer of twice so many weights, of which the second half is not trained: moving statistics.
pub(super) const fn half_trainable<const HALF: usize>(
    name: &'static str,
    class: &'static str,
    calls: &'static [&'static [&'static str]],
    output: &'static [usize],
) -> Layer {
    let entries = const { &[Weights::<HALF>::ARRAY, Weights::<HALF>::ARRAY.frozen()] };
    Layer { name, class, entries, calls, output }
}

impl Model {
    /// The graph, its layers declared in the order of the keys that `key` gives their indices.
    pub(super) fn graph<K: Ord>(&self, key: impl Fn(usize) -> K) -> &'static Graph {
        let mut layers: Vec<_> = self.layers.iter().enumerate().collect();
        layers.sort_by_key(|&(index, _)| key(index));
        let (inputs, layers): (Vec<&Layer>, Vec<&Layer>) =
            layers.into_iter().map(|(_, layer)| layer).partition(|layer| layer.class == "InputLayer");
        let wires = inputs.iter().map(|input| Wire {
            name: input.name,
            shape: Shape::new(input.output),
            element: ElementType::F32,
        });
        let steps = layers.iter().enumerate().flat_map(|(index, layer)| {
            let (inputs, layers) = (&inputs, &layers);
            layer.calls.iter().map(move |taken| {
                let operands = taken.iter().map(|name| Source { from: source(name, inputs, layers), again: false });
                let output = Output::new(Shape::new(layer.output));
                StepNode::new(output, Needs::NONE).of(index, operands.collect::<Vec<_>>().leak())
            })
        });
        let outputs = self.outputs.iter().map(|name| match source(name, &inputs, &layers) {
            From::Step(step) => (*name, step),
            From::Input(_) => panic!("an output must be a layer of the model"),
        });
        Box::leak(Box::new(Graph {
            name: self.name,
            sequential: self.sequential,
            inputs: wires.collect::<Vec<_>>().leak(),
            layers: layers.iter().map(|layer| layer.node()).collect::<Vec<_>>().leak(),
            steps: steps.collect::<Vec<_>>().leak(),
            outputs: outputs.collect::<Vec<_>>().leak(),
        }))
    }
}

impl Layer {
    fn node(&self) -> LayerNode {
        LayerNode { name: self.name, class: self.class, entries: self.entries, ..LayerNode::NONE }
    }
}

/// Where a layer's call gives its output.
fn source(name: &str, inputs: &[&Layer], layers: &[&Layer]) -> From {
    let (name, call) = match name.strip_suffix("[1]") {
        Some(name) => (name, 1),
        None => (name, 0),
    };
    if let Some(input) = inputs.iter().position(|input| input.name == name) {
        return From::Input(input);
    }
    let layer = layers.iter().position(|layer| layer.name == name).expect("a source must be a layer of the model");
    From::Step(layers[..layer].iter().map(|layer| layer.calls.len()).sum::<usize>() + call)
}

pub(super) const AUTOENCODER: Model = Model {
    name: "autoencoder",
    sequential: false,
    outputs: &["conv2d_transpose_1"],
    layers: &[
        input("img", &[12, 12, 1]),
        layer::<40>("conv2d", "Conv2D", &[&["img"]], &[10, 10, 4]),
        layer::<222>("conv2d_1", "Conv2D", &[&["conv2d"]], &[8, 8, 6]),
        layer::<0>("max_pooling2d", "MaxPooling2D", &[&["conv2d_1"]], &[4, 4, 6]),
        layer::<330>("conv2d_2", "Conv2D", &[&["max_pooling2d"]], &[4, 4, 6]),
        layer::<220>("conv2d_3", "Conv2D", &[&["conv2d_2"]], &[2, 2, 4]),
        layer::<0>("global_max_pooling2d", "GlobalMaxPooling2D", &[&["conv2d_3"]], &[4]),
        layer::<0>("reshape", "Reshape", &[&["global_max_pooling2d"]], &[2, 2, 1]),
        layer::<40>("conv2d_transpose", "Conv2DTranspose", &[&["reshape"]], &[4, 4, 4]),
        layer::<0>("up_sampling2d", "UpSampling2D", &[&["conv2d_transpose"]], &[12, 12, 4]),
        layer::<37>("conv2d_transpose_1", "Conv2DTranspose", &[&["up_sampling2d"]], &[12, 12, 1]),
    ],
};

pub(super) const ENSEMBLE: Model = Model {
    name: "ensemble",
    sequential: false,
    outputs: &["average"],
    layers: &[
        input("input_layer", &[16]),
        layer::<145>("m1", "Functional", &[&["input_layer"]], &[1]),
        layer::<145>("m2", "Functional", &[&["input_layer"]], &[1]),
        layer::<145>("m3", "Functional", &[&["input_layer"]], &[1]),
        layer::<0>("average", "Average", &[&["m1", "m2", "m3"]], &[1]),
    ],
};

pub(super) const MIXED_DATA: Model = Model {
    name: "mixed_data",
    sequential: false,
    outputs: &["dense_5"],
    layers: &[
        input("attributes", &[10]),
        input("photo", &[16, 16, 3]),
        layer::<88>("dense", "Dense", &[&["attributes"]], &[8]),
        layer::<36>("dense_1", "Dense", &[&["dense"]], &[4]),
        layer::<112>("conv2d", "Conv2D", &[&["photo"]], &[16, 16, 4]),
        layer::<0>("activation", "Activation", &[&["conv2d"]], &[16, 16, 4]),
        half_trainable::<8>("batch_normalization", "BatchNormalization", &[&["activation"]], &[16, 16, 4]),
        layer::<0>("max_pooling2d", "MaxPooling2D", &[&["batch_normalization"]], &[8, 8, 4]),
        layer::<296>("conv2d_1", "Conv2D", &[&["max_pooling2d"]], &[8, 8, 8]),
        layer::<0>("activation_1", "Activation", &[&["conv2d_1"]], &[8, 8, 8]),
        half_trainable::<16>("batch_normalization_1", "BatchNormalization", &[&["activation_1"]], &[8, 8, 8]),
        layer::<0>("max_pooling2d_1", "MaxPooling2D", &[&["batch_normalization_1"]], &[4, 4, 8]),
        layer::<0>("flatten", "Flatten", &[&["max_pooling2d_1"]], &[128]),
        layer::<2_064>("dense_2", "Dense", &[&["flatten"]], &[16]),
        layer::<0>("activation_2", "Activation", &[&["dense_2"]], &[16]),
        half_trainable::<32>("batch_normalization_2", "BatchNormalization", &[&["activation_2"]], &[16]),
        layer::<68>("dense_3", "Dense", &[&["batch_normalization_2"]], &[4]),
        layer::<0>("concatenate", "Concatenate", &[&["dense_1", "dense_3"]], &[8]),
        layer::<36>("dense_4", "Dense", &[&["concatenate"]], &[4]),
        layer::<5>("dense_5", "Dense", &[&["dense_4"]], &[1]),
    ],
};

pub(super) const MNIST_MLP: Model = Model {
    name: "mnist_model",
    sequential: false,
    outputs: &["dense_2"],
    layers: &[
        input("input_layer", &[64]),
        layer::<1_560>("dense", "Dense", &[&["input_layer"]], &[24]),
        layer::<600>("dense_1", "Dense", &[&["dense"]], &[24]),
        layer::<250>("dense_2", "Dense", &[&["dense_1"]], &[10]),
    ],
};

pub(super) const SEED_FUNCTIONAL: Model = Model {
    name: "functional",
    sequential: false,
    outputs: &["dense_2"],
    layers: &[
        input("input_layer", &[10]),
        layer::<704>("dense", "Dense", &[&["input_layer"]], &[64]),
        layer::<2_080>("dense_1", "Dense", &[&["dense"]], &[32]),
        layer::<33>("dense_2", "Dense", &[&["dense_1"]], &[1]),
    ],
};

pub(super) const SEED_FUSION: Model = Model {
    name: "functional_2",
    sequential: false,
    outputs: &["dense_6"],
    layers: &[
        input("input_layer", &[32]),
        input("input_layer_1", &[128]),
        layer::<264>("dense", "Dense", &[&["input_layer"]], &[8]),
        layer::<36>("dense_1", "Dense", &[&["dense"]], &[4]),
        layer::<8_256>("dense_2", "Dense", &[&["input_layer_1"]], &[64]),
        layer::<2_080>("dense_3", "Dense", &[&["dense_2"]], &[32]),
        layer::<132>("dense_4", "Dense", &[&["dense_3"]], &[4]),
        layer::<0>("concatenate", "Concatenate", &[&["dense_1", "dense_4"]], &[8]),
        layer::<18>("dense_5", "Dense", &[&["concatenate"]], &[2]),
        layer::<3>("dense_6", "Dense", &[&["dense_5"]], &[1]),
    ],
};

pub(super) const SEED_SEQUENTIAL: Model = Model {
    name: "sequential",
    sequential: true,
    outputs: &["dense_2"],
    layers: &[
        input("input_layer", &[10]),
        layer::<704>("dense", "Dense", &[&["input_layer"]], &[64]),
        layer::<2_080>("dense_1", "Dense", &[&["dense"]], &[32]),
        layer::<33>("dense_2", "Dense", &[&["dense_1"]], &[1]),
    ],
};

pub(super) const SHARED_EMBEDDING: Model = Model {
    name: "shared_embedding",
    sequential: false,
    outputs: &["dense"],
    layers: &[
        input("input_layer", &[6]),
        input("input_layer_1", &[6]),
        layer::<200>("embedding", "Embedding", &[&["input_layer"], &["input_layer_1"]], &[6, 5]),
        layer::<0>("flatten", "Flatten", &[&["embedding"]], &[30]),
        layer::<0>("flatten_1", "Flatten", &[&["embedding[1]"]], &[30]),
        layer::<0>("concatenate", "Concatenate", &[&["flatten", "flatten_1"]], &[60]),
        layer::<122>("dense", "Dense", &[&["concatenate"]], &[2]),
    ],
};

pub(super) const TICKETS: Model = Model {
    name: "tickets",
    sequential: false,
    outputs: &["priority", "department"],
    layers: &[
        input("title", &[7]),
        input("body", &[11]),
        input("tags", &[6]),
        layer::<300>("embedding", "Embedding", &[&["title"]], &[7, 6]),
        layer::<480>("lstm", "LSTM", &[&["embedding"]], &[8]),
        layer::<300>("embedding_1", "Embedding", &[&["body"]], &[11, 6]),
        layer::<176>("lstm_1", "LSTM", &[&["embedding_1"]], &[4]),
        layer::<0>("concatenate", "Concatenate", &[&["lstm", "lstm_1", "tags"]], &[18]),
        layer::<19>("priority", "Dense", &[&["concatenate"]], &[1]),
        layer::<76>("department", "Dense", &[&["concatenate"]], &[4]),
    ],
};

pub(super) const TOY_RESNET: Model = Model {
    name: "toy_resnet",
    sequential: false,
    outputs: &["dense_1"],
    layers: &[
        input("img", &[16, 16, 3]),
        layer::<224>("conv2d", "Conv2D", &[&["img"]], &[14, 14, 8]),
        layer::<876>("conv2d_1", "Conv2D", &[&["conv2d"]], &[12, 12, 12]),
        layer::<0>("max_pooling2d", "MaxPooling2D", &[&["conv2d_1"]], &[4, 4, 12]),
        layer::<1_308>("conv2d_2", "Conv2D", &[&["max_pooling2d"]], &[4, 4, 12]),
        layer::<1_308>("conv2d_3", "Conv2D", &[&["conv2d_2"]], &[4, 4, 12]),
        layer::<0>("add", "Add", &[&["conv2d_3", "max_pooling2d"]], &[4, 4, 12]),
        layer::<1_308>("conv2d_4", "Conv2D", &[&["add"]], &[4, 4, 12]),
        layer::<1_308>("conv2d_5", "Conv2D", &[&["conv2d_4"]], &[4, 4, 12]),
        layer::<0>("add_1", "Add", &[&["conv2d_5", "add"]], &[4, 4, 12]),
        layer::<1_308>("conv2d_6", "Conv2D", &[&["add_1"]], &[2, 2, 12]),
        layer::<0>("global_average_pooling2d", "GlobalAveragePooling2D", &[&["conv2d_6"]], &[12]),
        layer::<208>("dense", "Dense", &[&["global_average_pooling2d"]], &[16]),
        layer::<0>("dropout", "Dropout", &[&["dense"]], &[16]),
        layer::<170>("dense_1", "Dense", &[&["dropout"]], &[10]),
    ],
};

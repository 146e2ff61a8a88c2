//! The models of the fixtures, layer by layer in the order in which Keras created them.

use fusion::graph::{Call, Graph, Node, Shape, Source};

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
    parameters: usize,
    non_trainable: usize,
    /// What each call takes: layers by name, `name[1]` for a layer's second call.
    calls: &'static [&'static [&'static str]],
    output: &'static [usize],
}

pub(super) const fn input(name: &'static str, output: &'static [usize]) -> Layer {
    layer(name, "InputLayer", 0, &[&[]], output)
}

pub(super) const fn layer(
    name: &'static str,
    class: &'static str,
    parameters: usize,
    calls: &'static [&'static [&'static str]],
    output: &'static [usize],
) -> Layer {
    Layer { name, class, parameters, non_trainable: 0, calls, output }
}

impl Model {
    /// The graph, its layers declared in the order of the keys that `key` gives their indices.
    pub(super) fn graph<K: Ord>(&self, key: impl Fn(usize) -> K) -> &'static Graph {
        let mut layers: Vec<_> = self.layers.iter().enumerate().collect();
        layers.sort_by_key(|&(index, _)| key(index));
        let layers: Vec<&Layer> = layers.into_iter().map(|(_, layer)| layer).collect();
        let nodes = layers.iter().map(|layer| layer.node(&layers));
        let nodes: Vec<_> = nodes.collect();
        Box::leak(Box::new(Graph {
            name: self.name,
            nodes: nodes.leak(),
            outputs: sources(self.outputs, &layers),
            sequential: self.sequential,
        }))
    }
}

impl Layer {
    /// The moving statistics, half of a `BatchNormalization`'s parameters, are not trained.
    const fn half_trainable(mut self) -> Self {
        self.non_trainable = self.parameters / 2;
        self
    }

    fn node(&self, layers: &[&Layer]) -> Node {
        let calls =
            self.calls.iter().map(|inputs| Call { inputs: sources(inputs, layers), output: shape(self.output) });
        Node {
            name: self.name,
            class: self.class,
            calls: calls.collect::<Vec<_>>().leak(),
            parameters: self.parameters,
            non_trainable: self.non_trainable,
            config: |_| Ok(()),
            nested: None,
        }
    }
}

fn sources(names: &[&str], layers: &[&Layer]) -> &'static [Source] {
    let sources = names.iter().map(|&name| {
        let (name, call) = match name.strip_suffix("[1]") {
            Some(name) => (name, 1),
            None => (name, 0),
        };
        let node = layers.iter().position(|layer| layer.name == name);
        let node = node.expect("a source must be a layer of the model");
        Source { node, call }
    });
    sources.collect::<Vec<_>>().leak()
}

fn shape(output: &[usize]) -> Shape {
    let mut dims = [0; 4];
    dims[..output.len()].copy_from_slice(output);
    Shape { rank: output.len(), dims }
}

pub(super) const AUTOENCODER: Model = Model {
    name: "autoencoder",
    sequential: false,
    outputs: &["conv2d_transpose_1"],
    layers: &[
        input("img", &[12, 12, 1]),
        layer("conv2d", "Conv2D", 40, &[&["img"]], &[10, 10, 4]),
        layer("conv2d_1", "Conv2D", 222, &[&["conv2d"]], &[8, 8, 6]),
        layer("max_pooling2d", "MaxPooling2D", 0, &[&["conv2d_1"]], &[4, 4, 6]),
        layer("conv2d_2", "Conv2D", 330, &[&["max_pooling2d"]], &[4, 4, 6]),
        layer("conv2d_3", "Conv2D", 220, &[&["conv2d_2"]], &[2, 2, 4]),
        layer("global_max_pooling2d", "GlobalMaxPooling2D", 0, &[&["conv2d_3"]], &[4]),
        layer("reshape", "Reshape", 0, &[&["global_max_pooling2d"]], &[2, 2, 1]),
        layer("conv2d_transpose", "Conv2DTranspose", 40, &[&["reshape"]], &[4, 4, 4]),
        layer("up_sampling2d", "UpSampling2D", 0, &[&["conv2d_transpose"]], &[12, 12, 4]),
        layer("conv2d_transpose_1", "Conv2DTranspose", 37, &[&["up_sampling2d"]], &[12, 12, 1]),
    ],
};

pub(super) const ENSEMBLE: Model = Model {
    name: "ensemble",
    sequential: false,
    outputs: &["average"],
    layers: &[
        input("input_layer", &[16]),
        layer("m1", "Functional", 145, &[&["input_layer"]], &[1]),
        layer("m2", "Functional", 145, &[&["input_layer"]], &[1]),
        layer("m3", "Functional", 145, &[&["input_layer"]], &[1]),
        layer("average", "Average", 0, &[&["m1", "m2", "m3"]], &[1]),
    ],
};

pub(super) const MIXED_DATA: Model = Model {
    name: "mixed_data",
    sequential: false,
    outputs: &["dense_5"],
    layers: &[
        input("attributes", &[10]),
        input("photo", &[16, 16, 3]),
        layer("dense", "Dense", 88, &[&["attributes"]], &[8]),
        layer("dense_1", "Dense", 36, &[&["dense"]], &[4]),
        layer("conv2d", "Conv2D", 112, &[&["photo"]], &[16, 16, 4]),
        layer("activation", "Activation", 0, &[&["conv2d"]], &[16, 16, 4]),
        layer("batch_normalization", "BatchNormalization", 16, &[&["activation"]], &[16, 16, 4]).half_trainable(),
        layer("max_pooling2d", "MaxPooling2D", 0, &[&["batch_normalization"]], &[8, 8, 4]),
        layer("conv2d_1", "Conv2D", 296, &[&["max_pooling2d"]], &[8, 8, 8]),
        layer("activation_1", "Activation", 0, &[&["conv2d_1"]], &[8, 8, 8]),
        layer("batch_normalization_1", "BatchNormalization", 32, &[&["activation_1"]], &[8, 8, 8]).half_trainable(),
        layer("max_pooling2d_1", "MaxPooling2D", 0, &[&["batch_normalization_1"]], &[4, 4, 8]),
        layer("flatten", "Flatten", 0, &[&["max_pooling2d_1"]], &[128]),
        layer("dense_2", "Dense", 2_064, &[&["flatten"]], &[16]),
        layer("activation_2", "Activation", 0, &[&["dense_2"]], &[16]),
        layer("batch_normalization_2", "BatchNormalization", 64, &[&["activation_2"]], &[16]).half_trainable(),
        layer("dense_3", "Dense", 68, &[&["batch_normalization_2"]], &[4]),
        layer("concatenate", "Concatenate", 0, &[&["dense_1", "dense_3"]], &[8]),
        layer("dense_4", "Dense", 36, &[&["concatenate"]], &[4]),
        layer("dense_5", "Dense", 5, &[&["dense_4"]], &[1]),
    ],
};

pub(super) const MNIST_MLP: Model = Model {
    name: "mnist_model",
    sequential: false,
    outputs: &["dense_2"],
    layers: &[
        input("input_layer", &[64]),
        layer("dense", "Dense", 1_560, &[&["input_layer"]], &[24]),
        layer("dense_1", "Dense", 600, &[&["dense"]], &[24]),
        layer("dense_2", "Dense", 250, &[&["dense_1"]], &[10]),
    ],
};

pub(super) const SEED_FUNCTIONAL: Model = Model {
    name: "functional",
    sequential: false,
    outputs: &["dense_2"],
    layers: &[
        input("input_layer", &[10]),
        layer("dense", "Dense", 704, &[&["input_layer"]], &[64]),
        layer("dense_1", "Dense", 2_080, &[&["dense"]], &[32]),
        layer("dense_2", "Dense", 33, &[&["dense_1"]], &[1]),
    ],
};

pub(super) const SEED_FUSION: Model = Model {
    name: "functional_2",
    sequential: false,
    outputs: &["dense_6"],
    layers: &[
        input("input_layer", &[32]),
        input("input_layer_1", &[128]),
        layer("dense", "Dense", 264, &[&["input_layer"]], &[8]),
        layer("dense_1", "Dense", 36, &[&["dense"]], &[4]),
        layer("dense_2", "Dense", 8_256, &[&["input_layer_1"]], &[64]),
        layer("dense_3", "Dense", 2_080, &[&["dense_2"]], &[32]),
        layer("dense_4", "Dense", 132, &[&["dense_3"]], &[4]),
        layer("concatenate", "Concatenate", 0, &[&["dense_1", "dense_4"]], &[8]),
        layer("dense_5", "Dense", 18, &[&["concatenate"]], &[2]),
        layer("dense_6", "Dense", 3, &[&["dense_5"]], &[1]),
    ],
};

pub(super) const SEED_SEQUENTIAL: Model = Model {
    name: "sequential",
    sequential: true,
    outputs: &["dense_2"],
    layers: &[
        input("input_layer", &[10]),
        layer("dense", "Dense", 704, &[&["input_layer"]], &[64]),
        layer("dense_1", "Dense", 2_080, &[&["dense"]], &[32]),
        layer("dense_2", "Dense", 33, &[&["dense_1"]], &[1]),
    ],
};

pub(super) const SHARED_EMBEDDING: Model = Model {
    name: "shared_embedding",
    sequential: false,
    outputs: &["dense"],
    layers: &[
        input("input_layer", &[6]),
        input("input_layer_1", &[6]),
        layer("embedding", "Embedding", 200, &[&["input_layer"], &["input_layer_1"]], &[6, 5]),
        layer("flatten", "Flatten", 0, &[&["embedding"]], &[30]),
        layer("flatten_1", "Flatten", 0, &[&["embedding[1]"]], &[30]),
        layer("concatenate", "Concatenate", 0, &[&["flatten", "flatten_1"]], &[60]),
        layer("dense", "Dense", 122, &[&["concatenate"]], &[2]),
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
        layer("embedding", "Embedding", 300, &[&["title"]], &[7, 6]),
        layer("lstm", "LSTM", 480, &[&["embedding"]], &[8]),
        layer("embedding_1", "Embedding", 300, &[&["body"]], &[11, 6]),
        layer("lstm_1", "LSTM", 176, &[&["embedding_1"]], &[4]),
        layer("concatenate", "Concatenate", 0, &[&["lstm", "lstm_1", "tags"]], &[18]),
        layer("priority", "Dense", 19, &[&["concatenate"]], &[1]),
        layer("department", "Dense", 76, &[&["concatenate"]], &[4]),
    ],
};

pub(super) const TOY_RESNET: Model = Model {
    name: "toy_resnet",
    sequential: false,
    outputs: &["dense_1"],
    layers: &[
        input("img", &[16, 16, 3]),
        layer("conv2d", "Conv2D", 224, &[&["img"]], &[14, 14, 8]),
        layer("conv2d_1", "Conv2D", 876, &[&["conv2d"]], &[12, 12, 12]),
        layer("max_pooling2d", "MaxPooling2D", 0, &[&["conv2d_1"]], &[4, 4, 12]),
        layer("conv2d_2", "Conv2D", 1_308, &[&["max_pooling2d"]], &[4, 4, 12]),
        layer("conv2d_3", "Conv2D", 1_308, &[&["conv2d_2"]], &[4, 4, 12]),
        layer("add", "Add", 0, &[&["conv2d_3", "max_pooling2d"]], &[4, 4, 12]),
        layer("conv2d_4", "Conv2D", 1_308, &[&["add"]], &[4, 4, 12]),
        layer("conv2d_5", "Conv2D", 1_308, &[&["conv2d_4"]], &[4, 4, 12]),
        layer("add_1", "Add", 0, &[&["conv2d_5", "add"]], &[4, 4, 12]),
        layer("conv2d_6", "Conv2D", 1_308, &[&["add_1"]], &[2, 2, 12]),
        layer("global_average_pooling2d", "GlobalAveragePooling2D", 0, &[&["conv2d_6"]], &[12]),
        layer("dense", "Dense", 208, &[&["global_average_pooling2d"]], &[16]),
        layer("dropout", "Dropout", 0, &[&["dense"]], &[16]),
        layer("dense_1", "Dense", 170, &[&["dropout"]], &[10]),
    ],
};

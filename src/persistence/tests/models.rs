//! Models whose walk is written by hand.

use fusion_core::graph::{Call, Graph, Node, Source};
use fusion_core::initializers::Initializer;
use fusion_core::parameters::{ParameterArray, Plain, Visit};
use fusion_core::{Parameter, Parameters, Path, Shape, Tensor};

use super::Twins;

/// A kernel and a bias.
pub struct Dense<const IN: usize, const OUT: usize> {
    pub kernel: [[f32; OUT]; IN],
    pub bias: [f32; OUT],
}
// SAFETY: two arrays of numbers.
unsafe impl<const IN: usize, const OUT: usize> Plain for Dense<IN, OUT> {}

fn parameter<'p, A: Tensor>(path: &'p Path<'p>, name: &'static str) -> Parameter<'p> {
    Parameter::new(path, name, A::SHAPE, Initializer::Zeros)
}

impl<const IN: usize, const OUT: usize> Parameters for Dense<IN, OUT> {
    const COUNT: usize = (IN + 1) * OUT;

    fn walk<const K: usize>(mut these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        let kernels = these.each_mut().map(|this| &mut this.kernel);
        ParameterArray::visit(kernels, &parameter::<[[f32; OUT]; IN]>(path, "kernel"), visit);
        ParameterArray::visit(these.map(|this| &mut this.bias), &parameter::<[f32; OUT]>(path, "bias"), visit);
    }

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.kernel.visit_ref(&parameter::<[[f32; OUT]; IN]>(path, "kernel"), visit);
        self.bias.visit_ref(&parameter::<[f32; OUT]>(path, "bias"), visit);
    }
}

/// Two layers.
pub struct Two {
    pub dense: Dense<3, 2>,
    pub dense_1: Dense<2, 2>,
}
// SAFETY: two plain layers.
unsafe impl Plain for Two {}

impl Parameters for Two {
    const COUNT: usize = 14;

    fn walk<const K: usize>(mut these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        Dense::walk(these.each_mut().map(|this| &mut this.dense), &path.layer("dense"), visit);
        Dense::walk(these.map(|this| &mut this.dense_1), &path.layer("dense_1"), visit);
    }

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.dense.walk_ref(&path.layer("dense"), visit);
        self.dense_1.walk_ref(&path.layer("dense_1"), visit);
    }
}

/// A layer of 60 MB.
pub struct Big(pub Dense<2000, 7500>);
// SAFETY: a plain layer.
unsafe impl Plain for Big {}

impl Parameters for Big {
    const COUNT: usize = Dense::<2000, 7500>::COUNT;

    fn walk<const K: usize>(these: [&mut Self; K], path: &Path<'_>, visit: &mut Visit<'_, K>) {
        Dense::walk(these.map(|this| &mut this.0), &path.layer("dense"), visit);
    }

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.0.walk_ref(&path.layer("dense"), visit);
    }
}

impl Parameters for Twins {
    const COUNT: usize = 2;

    fn walk<const K: usize>(_: [&mut Self; K], _: &Path<'_>, _: &mut Visit<'_, K>) {}

    fn walk_ref(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
        self.0.visit_ref(&parameter::<[f32; 2]>(path, "same"), visit);
        self.0.visit_ref(&parameter::<[f32; 2]>(path, "same"), visit);
    }
}

/// [`Two`] with a value of its own for each parameter.
pub fn two() -> Two {
    Two {
        dense: Dense { kernel: [[0.25, -1.0], [2.0, 3.0], [-4.0, 5.0]], bias: [0.5, -0.5] },
        dense_1: Dense { kernel: [[6.0, 7.0], [8.0, 9.0]], bias: [10.0, 11.0] },
    }
}

/// All values of a model, bit for bit.
pub fn bits<P: Parameters>(model: &P) -> Vec<u32> {
    let mut bits = Vec::new();
    model.walk_ref(&Path::ROOT, &mut |_, values| bits.extend(values.iter().map(|value| value.to_bits())));
    bits
}

/// The output of a node's only call.
pub const fn from(node: usize) -> Source {
    Source { node, call: 0 }
}

/// An input of these dimensions.
pub const fn input(name: &'static str, calls: &'static [Call]) -> Node {
    Node { name, class: "InputLayer", calls, parameters: 0, non_trainable: 0, config: |_| Ok(()), nested: None }
}

/// A call.
pub const fn call(inputs: &'static [Source], output: &[usize]) -> Call {
    Call { inputs, output: Shape::new(output) }
}

/// The graph of [`Two`].
pub static GRAPH: Graph = Graph {
    name: "Two",
    nodes: &[
        input("x", &[call(&[], &[3])]),
        Node {
            name: "dense",
            class: "Dense",
            calls: &[call(&[from(0)], &[2])],
            parameters: 8,
            non_trainable: 0,
            config: |text| text.write_str("relu"),
            nested: None,
        },
        Node {
            name: "dense_1",
            class: "Dense",
            calls: &[call(&[from(1)], &[2])],
            parameters: 6,
            non_trainable: 0,
            config: |_| Ok(()),
            nested: None,
        },
    ],
    outputs: &[from(2)],
    sequential: true,
};

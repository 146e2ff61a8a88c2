//! The order of a model's layers in Keras, in its summary and in its files: `map_graph` (`keras/src/ops/function.py`).
//!
//! Keras sorts a model's layers by depth, the longest way to an output, the
//! deepest first, and those of one depth in the order in which a search from the
//! outputs meets them. What no output needs is not part of the model, but for
//! its inputs.

mod nodes;

use std::cmp::Reverse;

pub(crate) use nodes::{Node, Nodes, Source};

/// Which calls make up the model, and the order of their layers.
pub(crate) struct Order<'n> {
    nodes: &'n Nodes,
    /// The first number of a node's calls, node by node.
    first: Vec<usize>,
    /// The depth of each call that is part of the model, by number.
    calls: Vec<Option<usize>>,
    /// The depth of each layer, the largest of its calls', by node.
    layers: Vec<Option<usize>>,
    /// When the search met each layer, by node; an unused input is never met.
    met: Vec<Option<usize>>,
}

impl<'n> Order<'n> {
    pub(crate) fn new(nodes: &'n Nodes) -> Self {
        let mut calls = 0;
        let first = nodes.all.iter().map(|node| {
            let first = calls;
            calls += node.calls.len();
            first
        });
        let first = first.collect();
        let mut order = Order {
            nodes,
            first,
            calls: vec![None; calls],
            layers: vec![None; nodes.all.len()],
            met: vec![None; nodes.all.len()],
        };
        let sorted = order.search();
        order.set_depths(&sorted);
        order.add_unused_inputs();
        order
    }

    pub(crate) fn nodes(&self) -> &'n Nodes {
        self.nodes
    }

    /// The layers of Keras's `model.layers`, with their index among the nodes.
    pub(crate) fn layers(&self) -> impl Iterator<Item = (usize, &'n Node)> + use<'n> {
        let nodes = self.nodes;
        self.indices()
            // Keras's `Sequential.layers` omits the input.
            .filter(move |index| !nodes.sequential || *index >= nodes.inputs)
            .map(move |index| (index, &nodes.all[index]))
    }

    /// The same with the input of a sequential model, as indices of the nodes.
    fn indices(&self) -> impl Iterator<Item = usize> + use<> {
        let mut layers: Vec<_> = (self.layers.iter().zip(&self.met).enumerate())
            .filter_map(|(index, (depth, met))| Some((Reverse((*depth)?), *met, index)))
            .collect();
        // An unused input, never met, comes before the layers of its depth.
        layers.sort_unstable();
        layers.into_iter().map(|(_, _, index)| index)
    }

    /// Whether a call is part of the model.
    pub(crate) fn contains(&self, source: Source) -> bool {
        self.depth(source).is_some()
    }

    /// Whether the model is one chain of layers, which Keras prints without connections.
    pub(crate) fn sequential_like(&self) -> bool {
        if self.nodes.sequential {
            return true;
        }
        let mut depths: Vec<usize> = self.calls.iter().flatten().copied().collect();
        depths.sort_unstable();
        let one_a_depth = depths.windows(2).all(|pair| pair[0] != pair[1]);
        one_a_depth && !self.merges() && !self.shares()
    }

    /// Whether a call of the model takes several tensors.
    fn merges(&self) -> bool {
        let calls = self.nodes.all.iter().flat_map(|node| &node.calls);
        calls.zip(&self.calls).any(|(taken, depth)| depth.is_some() && taken.len() > 1)
    }

    /// Whether a layer is called several times in the model.
    fn shares(&self) -> bool {
        self.nodes.all.iter().enumerate().any(|(node, layer)| {
            let calls = (0..layer.calls.len()).map(|call| Source { node, call, output: 0 });
            calls.filter(|&source| self.contains(source)).count() > 1
        })
    }

    /// Keras's `_build_map`: the calls that the outputs need, each after those it takes.
    fn search(&mut self) -> Vec<Source> {
        let mut search =
            Search { seen: vec![false; self.calls.len()], layers: 0, open: Vec::new(), sorted: Vec::new() };
        for &output in &self.nodes.outputs {
            self.meet(output, &mut search);
            while let Some((source, inputs)) = search.open.pop() {
                let Some((&input, rest)) = inputs.split_first() else {
                    search.sorted.push(source);
                    continue;
                };
                search.open.push((source, rest));
                self.meet(input, &mut search);
            }
        }
        search.sorted
    }

    /// Opens a call that the search has not seen yet. A graph that points outside of
    /// itself or in a circle is none that Keras can build: both are passed over.
    fn meet(&mut self, source: Source, search: &mut Search<'n>) {
        let (Some(number), Some(taken)) = (self.number(source), self.taken(source)) else {
            return;
        };
        if std::mem::replace(&mut search.seen[number], true) {
            return;
        }
        search.open.push((source, taken));
        let met = &mut self.met[source.node];
        if met.is_none() {
            *met = Some(search.layers);
            search.layers += 1;
        }
    }

    /// The depths of calls and layers, from the outputs (depth 0) to the inputs.
    fn set_depths(&mut self, sorted: &[Source]) {
        for &source in sorted.iter().rev() {
            let (Some(number), Some(taken)) = (self.number(source), self.taken(source)) else {
                continue;
            };
            // A shared layer stays at the depth of its deepest call so far.
            let depth = self.calls[number].max(self.layers[source.node]).unwrap_or(0);
            self.calls[number] = Some(depth);
            self.layers[source.node] = Some(depth);
            for &input in taken {
                if let Some(input) = self.number(input) {
                    self.calls[input] = self.calls[input].max(Some(depth + 1));
                }
            }
        }
    }

    /// Puts the inputs that no output needs at depth 0.
    fn add_unused_inputs(&mut self) {
        for index in 0..self.nodes.inputs {
            if self.layers[index].is_none() {
                self.layers[index] = Some(0);
                self.calls[self.first[index]] = Some(0);
            }
        }
    }

    /// What a call takes.
    fn taken(&self, source: Source) -> Option<&'n [Source]> {
        self.nodes.all.get(source.node)?.calls.get(source.call).map(Vec::as_slice)
    }

    fn number(&self, source: Source) -> Option<usize> {
        self.taken(source)?;
        Some(self.first.get(source.node)? + source.call)
    }

    fn depth(&self, source: Source) -> Option<usize> {
        self.calls.get(self.number(source)?).copied().flatten()
    }
}

/// The state of the search from the outputs. Its stack is a `Vec`, so that a deep model
/// cannot exhaust the thread's.
struct Search<'n> {
    seen: Vec<bool>,
    /// How many layers have been met.
    layers: usize,
    /// The calls being searched, with the inputs still to follow.
    open: Vec<(Source, &'n [Source])>,
    /// The finished calls.
    sorted: Vec<Source>,
}

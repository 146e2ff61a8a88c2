//! The digest of a graph: which computation a weight file's tensors belong to.

use core::fmt::{self, Write};

use fusion_core::graph::{Call, Node, Source};
use fusion_core::{Graph, Shape};

/// The digest of the graph, as 32 hexadecimal digits.
///
/// Two graphs have the same digest if they compute the same from the weights of the same names. It
/// covers the inputs by position, and of all that the outputs need: classes, activations and options,
/// resolved shapes, nested models, the wiring, the order of what a merge takes, and the order of the
/// outputs. It covers the names of the layers that have weights, because these are what weights go by:
/// without them, two branches of one shape could change places. It does not cover the names of inputs,
/// wires and models, nor the order in which independent branches are declared.
#[must_use]
pub fn digest(graph: &Graph) -> String {
    format!("{:032x}", graph_hash(graph))
}

/// FNV-1a of 128 bits, by Fowler, Noll and Vo: <https://datatracker.ietf.org/doc/draft-eastlake-fnv>.
///
/// It guards against mistakes; who wants to can make a file with any digest.
struct Fnv(u128);

impl Fnv {
    const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + 0x13b;
    /// Ends a text: a byte that UTF-8 does not have.
    const END: u8 = 0xff;

    const fn new() -> Self {
        Self(Self::OFFSET_BASIS)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(Self::PRIME);
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[Self::END]);
    }

    /// A number in eight bytes, whatever the size of a `usize`.
    fn number(&mut self, number: usize) {
        self.bytes(&(number as u64).to_le_bytes());
    }

    fn hash(&mut self, hash: u128) {
        self.bytes(&hash.to_le_bytes());
    }

    fn shape(&mut self, shape: &Shape) {
        self.number(shape.rank);
        for dimension in shape.dimensions() {
            self.number(*dimension);
        }
    }
}

impl Write for Fnv {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.bytes(piece.as_bytes());
        Ok(())
    }
}

/// The hash of what the graph computes: its inputs' shapes by position, then each output.
fn graph_hash(graph: &Graph) -> u128 {
    let mut calls = CallHashes::new(graph);
    let mut hash = Fnv::new();
    let inputs = graph.nodes.iter().filter(|node| is_input(node));
    for call in inputs.flat_map(|node| node.calls) {
        hash.text("input");
        hash.shape(&call.output);
    }
    for output in graph.outputs {
        hash.text("output");
        hash.hash(calls.hash(*output));
    }
    hash.0
}

fn is_input(node: &Node) -> bool {
    node.calls.first().is_some_and(|call| call.inputs.is_empty())
}

/// The hashes of calls, each of the whole computation that ends in it.
struct CallHashes<'g> {
    graph: &'g Graph,
    /// By node and call; what is not yet known is `None`.
    known: Vec<Vec<Option<u128>>>,
}

impl<'g> CallHashes<'g> {
    fn new(graph: &'g Graph) -> Self {
        Self { graph, known: graph.nodes.iter().map(|node| vec![None; node.calls.len()]).collect() }
    }

    /// The hash of this call. A path of its own instead of recursion: a deep model needs no deep stack.
    fn hash(&mut self, source: Source) -> u128 {
        let mut path = vec![source];
        while let Some(&source) = path.last() {
            let call = &self.graph.nodes[source.node].calls[source.call];
            if let Some(&next) = call.inputs.iter().find(|input| self.known[input.node][input.call].is_none()) {
                // A number for the meantime, so that not even a graph with a cycle is walked forever.
                self.known[next.node][next.call] = Some(0);
                path.push(next);
            } else {
                self.known[source.node][source.call] = Some(self.compute(source.node, call));
                path.pop();
            }
        }
        self.known(source)
    }

    fn known(&self, source: Source) -> u128 {
        self.known[source.node][source.call].unwrap_or_default()
    }

    /// The hash of a call whose inputs' hashes are known.
    fn compute(&self, index: usize, call: &Call) -> u128 {
        let node = &self.graph.nodes[index];
        let mut hash = Fnv::new();
        hash.text(node.class);
        // Writing to a hash does not fail; a `config` that gives up is cut there every time.
        let _ = (node.config)(&mut hash);
        hash.text("");
        hash.shape(&call.output);
        hash.number(node.parameters);
        if node.parameters > 0 {
            hash.text(node.name);
        }
        if let Some(nested) = node.nested {
            hash.text("nested");
            hash.hash(graph_hash(nested));
        }
        if is_input(node) {
            let position = self.graph.nodes[..index].iter().filter(|node| is_input(node)).count();
            hash.text("position");
            hash.number(position);
        }
        for input in call.inputs {
            hash.text("from");
            hash.hash(self.known(*input));
        }
        hash.0
    }
}

#[cfg(test)]
mod tests {
    use super::Fnv;

    /// The test vectors of the draft.
    #[test]
    fn fnv_1a_has_its_published_values() {
        let hash = |text: &str| {
            let mut hash = Fnv::new();
            hash.bytes(text.as_bytes());
            hash.0
        };
        assert_eq!(hash(""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(hash("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(hash("foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}

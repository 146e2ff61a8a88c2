//! What stands in the rows: Keras's `print_layer`.

use fusion_core::shape::Shape;

use super::thousands;
use crate::order::{Node, Nodes, Order, Source};

/// What the rows of a table show beside name, shape and parameters.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub connections: bool,
    pub expand_nested: bool,
    pub show_trainable: bool,
}

impl Rows {
    /// The cells of each row.
    pub fn of(self, order: &Order<'_>) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for (index, node) in order.layers() {
            self.add(node, connections(order, index, node), 0, false, &mut rows);
        }
        rows
    }

    /// Adds the row of a layer, and of those within it; `frozen` says that something around it is not trained.
    fn add(self, node: &Node, connections: String, level: usize, frozen: bool, rows: &mut Vec<Vec<String>>) {
        let frozen = frozen || node.frozen;
        let prefix = if level == 0 { String::new() } else { "   ".repeat(level) + "└ " };
        let name = format!("{prefix}{} ({})", node.name, node.class);
        let mut cells = vec![name, output_shape(node), thousands(node.parameters)];
        cells.extend(self.connections.then_some(connections));
        cells.extend(self.show_trainable.then(|| trainable(node, frozen).to_owned()));
        rows.push(cells);
        if let Some(nested) = node.nested.filter(|_| self.expand_nested) {
            let nodes = Nodes::of(nested);
            for (_, node) in Order::new(&nodes).layers() {
                // Keras shows the connections of the model itself alone.
                self.add(node, "-".to_owned(), level + 1, frozen, rows);
            }
        }
    }
}

fn trainable(node: &Node, frozen: bool) -> &'static str {
    match (node.parameters, frozen) {
        (0, _) => "-",
        (_, true) => "N",
        (_, false) => "Y",
    }
}

/// Keras's `format_layer_shape`: the shape of the last call, the batch first.
fn output_shape(node: &Node) -> String {
    let written = |shape: &Shape| {
        let dimensions = shape.dimensions().iter().map(|dimension| format!(", {dimension}"));
        format!("(None{})", dimensions.collect::<String>())
    };
    match node.shapes.as_slice() {
        [] => "?".into(),
        [shape] => written(shape),
        shapes => format!("[{}]", shapes.iter().map(written).collect::<Vec<_>>().join(", ")),
    }
}

/// Keras's `get_connections`: the tensors that the layer's calls in this model take, as
/// `name[call][output]`.
fn connections(order: &Order<'_>, index: usize, node: &Node) -> String {
    let calls = node.calls.iter().enumerate();
    let taken = calls
        .filter(|&(call, _)| order.contains(Source { node: index, call, output: 0 }))
        .flat_map(|(_, taken)| taken)
        .map(|source| format!("{}[{}][{}]", order.nodes().all[source.node].name, source.call, source.output));
    let taken = taken.collect::<Vec<_>>().join(", ");
    if taken.is_empty() { "-".into() } else { taken }
}

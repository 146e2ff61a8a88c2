//! The table that Keras prints for `model.summary()`.
//!
//! [`Summary`] prints what `print_summary` of Keras 3
//! (`keras/src/utils/summary_utils.py`) hands to its `print_fn`, byte for byte
//! below the title: the rows in Keras's order, rich's table layout, the totals
//! and their memory in `float32`. A compiled model's "Optimizer params" line is
//! left out.
//!
//! The text ends with a line break, as Keras's does; `println!` adds the blank
//! line that `print_fn=print` adds in Python.

mod nodes;
mod order;
mod table;
mod wrap;

#[cfg(test)]
mod tests;

use std::fmt;

use fusion_core::Model;
use fusion_core::layer::Graph;
use fusion_core::shape::Shape;
use nodes::{Node, Nodes, Source};
use order::Order;
use table::{CONNECTED, SEQUENTIAL, Table};

/// The summary of any model.
pub trait Summarize: Model {
    /// Keras's `model.summary()`: layers, output shapes, parameters and connections.
    fn summary() -> Summary {
        Summary::new(Self::graph())
    }
}

impl<M: Model + ?Sized> Summarize for M {}

/// The width that Keras assumes when it cannot ask a terminal (`shutil.get_terminal_size`).
const TERMINAL: usize = 80;
/// What Keras leaves free at the right of a terminal when it chooses the width itself.
const MARGIN: usize = 4;
/// The widest table: a terminal's width is a 16-bit number.
const WIDEST: usize = u16::MAX as usize;
/// Bytes of one parameter, a `float32`.
const PARAMETER_BYTES: usize = size_of::<f32>();

/// A model's layers, output shapes, parameters and connections, as Keras's `model.summary()`.
///
/// A model that is one chain of layers has no "Connected to" column; one
/// written as Keras's `Sequential` has no row for its input either.
///
/// ```
/// use fusion::prelude::*;
/// model! { pub struct Tiny = [f32; 3] => Dense<3, 2>; }
///
/// let summary = Tiny::summary().to_string();
/// assert!(summary.starts_with("Model: \"Tiny\"\n"));
/// assert!(summary.contains("Total params: 8 (32.00 B)"));
/// ```
#[derive(Clone, Copy)]
pub struct Summary {
    graph: &'static Graph,
    line_length: usize,
}

impl Summary {
    /// A summary as wide as Keras makes it on a terminal of 80 columns: 76.
    #[must_use]
    pub fn new(graph: &'static Graph) -> Self {
        Summary { graph, line_length: 0 }
    }

    /// Keras's `line_length`: the width of the table in columns.
    ///
    /// Zero means the width of [`Summary::new`], as in Keras. A table that is
    /// too narrow, for which Keras raises `ValueError`, becomes the narrowest
    /// that Keras prints above it; 65,535 columns are the most.
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { pub struct Tiny = [f32; 3] => Dense<3, 2>; }
    /// let summary = Tiny::summary().line_length(120).to_string();
    /// assert!(summary.lines().any(|line| line.chars().count() == 120));
    /// ```
    #[must_use]
    pub fn line_length(mut self, columns: usize) -> Self {
        self.line_length = columns;
        self
    }

    /// The table above the totals.
    fn table(&self, order: &Order<'_>) -> Table {
        let sequential = order.sequential_like();
        let columns: &[_] = if sequential { &SEQUENTIAL } else { &CONNECTED };
        let rows = self.layers(order).map(|(index, node)| {
            let mut row =
                vec![format!("{} ({})", node.name, node.class), output_shape(node), thousands(node.parameters)];
            if !sequential {
                row.push(connections(order, index, node));
            }
            row
        });
        Table::new(columns, self.columns(sequential), rows.collect())
    }

    /// The layers that have a row, in the order of the rows, with their index in the graph.
    fn layers<'n>(&self, order: &Order<'n>) -> impl Iterator<Item = (usize, &'n Node)> + use<'n> {
        let nodes = order.nodes();
        order
            .layers()
            // Keras's `Sequential.layers` omits the input.
            .filter(move |index| !nodes.sequential || *index >= nodes.inputs)
            .map(move |index| (index, &nodes.all[index]))
    }

    /// The requested width, or the one that Keras chooses.
    fn columns(&self, sequential: bool) -> usize {
        let default = if sequential { 88 } else { 108 };
        match self.line_length {
            0 => default.min(TERMINAL - MARGIN),
            columns => columns.min(WIDEST),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = Nodes::of(self.graph);
        let order = Order::new(&nodes);
        writeln!(f, "Model: \"{}\"", self.graph.name)?;
        self.table(&order).fmt(f)?;
        let sum = |count: fn(&Node) -> usize| -> usize {
            let counts = self.layers(&order).map(|(_, node)| count(node));
            counts.fold(0, usize::saturating_add)
        };
        let total = sum(|node| node.parameters);
        let non_trainable = sum(|node| node.non_trainable);
        total_line(f, "Total", total)?;
        total_line(f, "Trainable", total.saturating_sub(non_trainable))?;
        total_line(f, "Non-trainable", non_trainable)
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

/// One line below the table.
fn total_line(f: &mut fmt::Formatter<'_>, name: &str, parameters: usize) -> fmt::Result {
    let memory = readable_memory_size(parameters.saturating_mul(PARAMETER_BYTES));
    let parameters = thousands(parameters);
    writeln!(f, " {name} params: {parameters} ({memory})")
}

/// Keras's `readable_memory_size`: two decimals and a unit of 1024s.
fn readable_memory_size(bytes: usize) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "KB", "MB", "GB", "TB", "PB"] {
        if size < 1024.0 {
            return format!("{size:.2} {unit}");
        }
        size /= 1024.0;
    }
    // Keras divides once more after the last unit, too.
    format!("{size:.2} PB")
}

/// Python's `{:,}`: digits in groups of three.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

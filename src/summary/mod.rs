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

mod rows;
mod table;
mod wrap;

#[cfg(test)]
mod tests;

use std::fmt;

use fusion_core::Model;
use fusion_core::layer::Graph;
use rows::Rows;
use table::{CONNECTED, Column, SEQUENTIAL, TRAINABLE, Table};

use crate::order::{Node, Nodes, Order};

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
/// With the feature `progress` it is as wide as the terminal that it is printed on has room for, and no
/// wider than Keras makes it; where standard output is no terminal, as wide as
/// on one of 80 columns. [`Summary::terminal_width`] and
/// [`Summary::line_length`] say so where the text must not depend on it.
///
/// ```
/// use fusion::prelude::*;
/// model! { pub struct Encoder = [f32; 3] => Dense<3, 2>; }
/// model! { pub struct Tiny = [f32; 3] => #[frozen] encoder: Encoder => Dense<2, 1>; }
///
/// let summary = Tiny::summary().expand_nested(true).show_trainable(true).terminal_width(64);
/// let expected = "\
/// Model: \"Tiny\"
/// ┏━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━┓
/// ┃ Layer (type)          ┃ Output Shape     ┃ Param # ┃ Tr… ┃
/// ┡━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━┩
/// │ encoder (Sequential)  │ (None, 2)        │       8 │  N  │
/// ├───────────────────────┼──────────────────┼─────────┼─────┤
/// │    └ dense (Dense)    │ (None, 2)        │       8 │  N  │
/// ├───────────────────────┼──────────────────┼─────────┼─────┤
/// │ dense (Dense)         │ (None, 1)        │       3 │  Y  │
/// └───────────────────────┴──────────────────┴─────────┴─────┘
///  Total params: 11 (44.00 B)
///  Trainable params: 3 (12.00 B)
///  Non-trainable params: 8 (32.00 B)
/// ";
/// assert_eq!(summary.to_string(), expected);
/// ```
#[derive(Clone, Copy)]
pub struct Summary {
    graph: &'static Graph,
    line_length: usize,
    terminal: Option<usize>,
    expand_nested: bool,
    show_trainable: bool,
}

impl Summary {
    /// The summary that `model.summary()` prints, as wide as the terminal has room for.
    #[must_use]
    pub fn new(graph: &'static Graph) -> Self {
        Summary { graph, line_length: 0, terminal: None, expand_nested: false, show_trainable: false }
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

    /// Whatever it is printed on, the text as on a terminal of so many columns: for files, and for tests.
    ///
    /// The table leaves four of them free and is not wider than Keras's: 88
    /// columns, or 108 with connections, and 12 more with the column "Trainable".
    ///
    /// ```
    /// # use fusion::prelude::*;
    /// # model! { pub struct Tiny = [f32; 3] => Dense<3, 2>; }
    /// let summary = Tiny::summary().terminal_width(60).to_string();
    /// assert_eq!(summary.lines().map(|line| line.chars().count()).max(), Some(56));
    /// ```
    #[must_use]
    pub fn terminal_width(mut self, columns: usize) -> Self {
        self.terminal = Some(columns);
        self
    }

    /// Keras's `expand_nested`: whether the layers of models within the model have rows too; `false` by default.
    #[must_use]
    pub fn expand_nested(mut self, expand_nested: bool) -> Self {
        self.expand_nested = expand_nested;
        self
    }

    /// Keras's `show_trainable`: whether a column says of each layer that it is trained, `Y`, or frozen, `N`; a layer
    /// without weights is neither. `false` by default.
    #[must_use]
    pub fn show_trainable(mut self, show_trainable: bool) -> Self {
        self.show_trainable = show_trainable;
        self
    }

    /// The table above the totals.
    fn table(&self, order: &Order<'_>, terminal: Option<usize>) -> Table {
        let sequential = order.sequential_like();
        let rows =
            Rows { connections: !sequential, expand_nested: self.expand_nested, show_trainable: self.show_trainable };
        let mut columns: Vec<Column> = if sequential { SEQUENTIAL.to_vec() } else { CONNECTED.to_vec() };
        let mut widest = if sequential { 88 } else { 108 };
        if self.show_trainable {
            columns = columns.into_iter().map(Column::beside_trainable).chain([TRAINABLE]).collect();
            widest += 12;
        }
        let width = match self.line_length {
            0 => widest.min(terminal.unwrap_or(TERMINAL).saturating_sub(MARGIN)),
            columns => columns.min(WIDEST),
        };
        Table::new(columns, width, rows.of(order))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = Nodes::of(self.graph);
        let order = Order::new(&nodes);
        let terminal = self.terminal.or_else(crate::terminal::columns);
        let sum = |count: fn(&Node) -> usize| -> usize {
            let counts = order.layers().map(|(_, node)| count(node));
            counts.fold(0, usize::saturating_add)
        };
        let total = sum(|node| node.parameters);
        let non_trainable = sum(|node| node.non_trainable);
        write_text(f, &format!("Model: \"{}\"", self.graph.name), terminal)?;
        self.table(&order, terminal).fmt(f)?;
        write_text(f, &total_line("Total", total), terminal)?;
        write_text(f, &total_line("Trainable", total.saturating_sub(non_trainable)), terminal)?;
        write_text(f, &total_line("Non-trainable", non_trainable), terminal)
    }
}

/// A line that is no table, on as many as the terminal needs for its words: as rich's console prints it, which keeps the
/// blank at the end of a line that has room for it.
fn write_text(f: &mut fmt::Formatter<'_>, text: &str, terminal: Option<usize>) -> fmt::Result {
    let width = terminal.unwrap_or(usize::MAX);
    wrap::divide_line(text, width).into_iter().try_for_each(|line| {
        let line = if line.chars().count() > width { line.trim_end() } else { line };
        writeln!(f, "{line}")
    })
}

/// One line below the table.
fn total_line(name: &str, parameters: usize) -> String {
    let memory = readable_memory_size(parameters.saturating_mul(PARAMETER_BYTES));
    format!(" {name} params: {} ({memory})", thousands(parameters))
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

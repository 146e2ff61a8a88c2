//! A table as Keras sets it with rich's `Table(width=line_length, show_lines=True)`.

use super::wrap::wrap;
use std::fmt;

/// A column's heading, its right edge as a part of the width, and where its texts stand.
#[derive(Clone, Copy)]
pub(super) struct Column {
    name: &'static str,
    edge: f64,
    align: Align,
}

#[derive(Clone, Copy)]
enum Align {
    Left,
    Center,
    Right,
}

impl Column {
    const fn new(name: &'static str, edge: f64, align: Align) -> Self {
        Self { name, edge, align }
    }

    /// The same in a table with the column [`TRAINABLE`].
    pub(super) fn beside_trainable(self) -> Self {
        Self { edge: self.edge * 0.90, ..self }
    }
}

/// The columns of a model that is one chain of layers.
pub(super) const SEQUENTIAL: [Column; 3] = [
    Column::new("Layer (type)", 0.45, Align::Left),
    Column::new("Output Shape", 0.80, Align::Left),
    Column::new("Param #", 1.0, Align::Right),
];

/// The columns of any other model.
pub(super) const CONNECTED: [Column; 4] = [
    Column::new("Layer (type)", 0.3, Align::Left),
    Column::new("Output Shape", 0.56, Align::Left),
    Column::new("Param #", 0.74, Align::Right),
    Column::new("Connected to", 1.0, Align::Left),
];

/// The column that says what is trained, at the right of the others.
pub(super) const TRAINABLE: Column = Column::new("Trainable", 1.0, Align::Center);

/// Below this width of a column Keras refuses to print.
const NARROWEST: usize = 4;

/// One blank at each side of a cell.
const PADDING: usize = 2;

/// A left edge, a filling, a divider and a right edge.
type Border = [char; 4];

// rich's box `HEAVY_HEAD`, row by row.
const TOP: Border = ['┏', '━', '┳', '┓'];
const HEAD: Border = ['┃', ' ', '┃', '┃'];
const HEAD_ROW: Border = ['┡', '━', '╇', '┩'];
const BODY: Border = ['│', ' ', '│', '│'];
const ROW: Border = ['├', '─', '┼', '┤'];
const BOTTOM: Border = ['└', '─', '┴', '┘'];

/// Columns with their widths, and rows of cells.
pub(super) struct Table {
    columns: Vec<Column>,
    /// The width of each column between its borders.
    widths: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(columns: Vec<Column>, line_length: usize, rows: Vec<Vec<String>>) -> Self {
        let widths = fit(printable_widths(&columns, line_length));
        Table { columns, widths, rows }
    }

    fn write_rule(&self, f: &mut fmt::Formatter<'_>, border: Border) -> fmt::Result {
        let [_, fill, ..] = border;
        let lines = self.widths.iter().map(|&width| repeat(fill, width));
        write_line(f, border, lines)
    }

    /// One row of the table, on as many lines as its highest cell.
    fn write_row(&self, f: &mut fmt::Formatter<'_>, border: Border, cells: &[Cell]) -> fmt::Result {
        let height = cells.iter().map(|cell| cell.lines.len()).max();
        // rich gives a row one line even where no cell has room for its text.
        let height = height.unwrap_or(0).max(1);
        for line in 0..height {
            let cells = cells.iter().zip(&self.widths);
            let lines = cells.map(|(cell, &width)| cell.line(line, height, width));
            write_line(f, border, lines)?;
        }
        Ok(())
    }

    fn heading(&self) -> Vec<Cell> {
        let names = self.columns.iter().map(|column| column.name);
        self.cells(names, true)
    }

    fn cells<'a>(&self, texts: impl Iterator<Item = &'a str>, bottom: bool) -> Vec<Cell> {
        texts
            .zip(&self.columns)
            .zip(&self.widths)
            .map(|((text, column), width)| Cell {
                lines: wrap(text, width.saturating_sub(PADDING)),
                align: column.align,
                bottom,
            })
            .collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_rule(f, TOP)?;
        self.write_row(f, HEAD, &self.heading())?;
        self.write_rule(f, HEAD_ROW)?;
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                self.write_rule(f, ROW)?;
            }
            let cells = self.cells(row.iter().map(String::as_str), false);
            self.write_row(f, BODY, &cells)?;
        }
        self.write_rule(f, BOTTOM)
    }
}

/// A cell's text on lines no longer than its column.
struct Cell {
    lines: Vec<String>,
    align: Align,
    /// Whether the text stands at the bottom of its row, as rich sets a heading.
    bottom: bool,
}

impl Cell {
    /// One line of the cell in a row of `height` lines, padded to the column's width.
    fn line(&self, line: usize, height: usize, width: usize) -> String {
        let above = if self.bottom { height.saturating_sub(self.lines.len()) } else { 0 };
        let text = line.checked_sub(above).and_then(|line| self.lines.get(line));
        let text = text.map_or("", String::as_str);
        let width = width.saturating_sub(PADDING);
        match self.align {
            Align::Left => format!(" {text:<width$} "),
            Align::Center => format!(" {text:^width$} "),
            Align::Right => format!(" {text:>width$} "),
        }
    }
}

fn write_line(
    f: &mut fmt::Formatter<'_>,
    [left, _, divider, right]: Border,
    cells: impl Iterator<Item = String>,
) -> fmt::Result {
    let cells: Vec<_> = cells.collect();
    let cells = cells.join(repeat(divider, 1).as_str());
    writeln!(f, "{left}{cells}{right}")
}

fn repeat(fill: char, width: usize) -> String {
    std::iter::repeat_n(fill, width).collect()
}

/// The widths of Keras's `print_summary`: from one column's edge to the next.
fn widths(columns: &[Column], line_length: usize) -> Vec<usize> {
    let mut current = 0;
    let widths = columns.iter().map(|column| {
        let edge = (column.edge * line_length as f64) as usize;
        let width = edge - current;
        current = edge;
        width
    });
    widths.collect()
}

/// The widths for `line_length`, or for the next length that Keras does not refuse.
fn printable_widths(columns: &[Column], line_length: usize) -> Vec<usize> {
    let mut line_length = line_length;
    loop {
        let widths = widths(columns, line_length);
        // The search ends: every column widens with the line.
        if widths.iter().all(|&width| width >= NARROWEST) {
            return widths;
        }
        line_length += 1;
    }
}

/// rich's `_calculate_column_widths` for columns of fixed width: with padding and borders
/// they exceed the table, which takes the excess from all of them evenly (`ratio_reduce`).
fn fit(widths: Vec<usize>) -> Vec<usize> {
    let mut columns = widths.len();
    let mut excess = PADDING * columns + columns + 1;
    let fit = widths.into_iter().map(|width| {
        let width = width + PADDING;
        let reduction = rounded_ratio(excess, columns).min(width);
        excess -= reduction;
        columns -= 1;
        width - reduction
    });
    fit.collect()
}

/// Python's `round(dividend / divisor)`: halves go to the even number.
fn rounded_ratio(dividend: usize, divisor: usize) -> usize {
    (dividend as f64 / divisor as f64).round_ties_even() as usize
}

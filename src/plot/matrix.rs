//! A confusion matrix as a picture.

use std::fmt::Write;
use std::path::Path;

use super::page::page;
use super::text::entities;
use super::{PlotError, write_svg};
use crate::classification::ConfusionMatrix;

/// About what a letter takes.
const LETTER: f64 = 6.8;
const MARGIN: f64 = 20.0;
/// Of the axes' names.
const TITLE: f64 = 26.0;
/// The side of all cells together, where there are many of them.
const SIDE: f64 = 640.0;
const LARGEST_CELL: f64 = 64.0;
const SMALLEST_CELL: f64 = 6.0;
/// In a cell that is smaller a number could not be read, nor a name beside it.
const READABLE: f64 = 14.0;
/// Where there are more, only those that show something are drawn: each takes 200 bytes.
const MOST_CELLS: usize = 1 << 16;
/// Beyond this share the background is so strong that the number takes the colour of the paper.
const STRONG: f64 = 0.55;
const STYLE: &str = "
    text { text-anchor: middle; fill: var(--ink); }
    text.axis { fill: var(--faint); }
    text.side { text-anchor: end; }
    text.strong { fill: var(--paper); font-weight: 600; }
    rect.cell { fill: var(--training); }
    rect.frame { fill: none; stroke: var(--grid); }
";

impl ConfusionMatrix {
    /// A picture of it as SVG, which browsers show, light or dark as they are set: a row for each actual class, a column for
    /// each predicted one, the stronger the larger the share of the actual class, or what it is
    /// [normalized](Self::normalized) to.
    ///
    /// Numbers are left out where there are so many classes that they could not be read; each cell says them under the
    /// pointer.
    #[must_use]
    pub fn to_svg(&self) -> String {
        Grid::of(self).draw(self)
    }

    /// Writes the picture to a file that ends with `.svg`.
    ///
    /// # Errors
    /// When the file has another ending, or cannot be written.
    ///
    /// ```
    /// use fusion::classification::ConfusionMatrix;
    ///
    /// let path = std::env::temp_dir().join(format!("fusion-matrix-{}.svg", std::process::id()));
    /// ConfusionMatrix::named(&[0, 0, 1, 1], &[0, 1, 1, 1], ["no", "yes"])?.plot(&path)?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn plot(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        write_svg(path.as_ref(), &self.to_svg())
    }
}

/// Where cells and names stand.
struct Grid {
    cell: f64,
    left: f64,
    top: f64,
    side: f64,
    /// What the names below take.
    below: f64,
    numbers: bool,
    names: bool,
    /// Whether names below stand upright, as they do where they are wider than a cell.
    upright: bool,
}

impl Grid {
    fn of(matrix: &ConfusionMatrix) -> Self {
        let widest =
            |texts: &[String]| texts.iter().map(|text| text.chars().count()).max().unwrap_or(0) as f64 * LETTER;
        let (name, number) = (widest(matrix.names()), widest(&matrix.texts()));
        let largest = (SIDE / matrix.classes().max(1) as f64).clamp(SMALLEST_CELL, LARGEST_CELL);
        let cell = if largest >= READABLE { largest.max((number + 8.0).min(LARGEST_CELL)) } else { largest };
        let names = cell >= READABLE;
        let upright = name + 8.0 > cell;
        let below = if !names {
            0.0
        } else if upright {
            name
        } else {
            14.0
        };
        Self {
            cell,
            left: MARGIN + TITLE + if names { name + 8.0 } else { 0.0 },
            top: MARGIN,
            side: cell * matrix.classes() as f64,
            below: below + 8.0,
            numbers: names && number + 4.0 <= cell,
            names,
            upright,
        }
    }

    fn draw(&self, matrix: &ConfusionMatrix) -> String {
        let (width, height) = (self.left + self.side + MARGIN, self.top + self.side + self.below + TITLE + MARGIN);
        let mut svg = String::new();
        self.draw_cells(&mut svg, matrix);
        let (left, top, side) = (self.left, self.top, self.side);
        let _ = writeln!(
            svg,
            "<rect class=\"frame\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{side:.1}\" height=\"{side:.1}\"/>"
        );
        if self.names {
            self.draw_names(&mut svg, matrix.names());
        }
        let (x, y) = (left + side / 2.0, top + side + self.below + TITLE - 6.0);
        let _ = writeln!(svg, "<text class=\"axis\" x=\"{x:.1}\" y=\"{y:.1}\">predicted</text>");
        let (x, y) = (MARGIN + 10.0, top + side / 2.0);
        let _ = writeln!(
            svg,
            "<text class=\"axis\" x=\"{x:.1}\" y=\"{y:.1}\" transform=\"rotate(-90 {x:.1} {y:.1})\">actual</text>"
        );
        page("confusion matrix", (width, height), STYLE, &svg)
    }

    fn draw_cells(&self, svg: &mut String, matrix: &ConfusionMatrix) {
        let (texts, names, classes) = (matrix.texts(), matrix.names(), matrix.classes());
        for (index, (text, share)) in texts.iter().zip(matrix.shares()).enumerate() {
            // It would not be seen, and of so many cells most are such.
            if share == 0.0 && texts.len() > MOST_CELLS {
                continue;
            }
            let (actual, predicted, share) = (index / classes, index % classes, share.clamp(0.0, 1.0));
            let (x, y) = (self.left + predicted as f64 * self.cell, self.top + actual as f64 * self.cell);
            let _ = writeln!(
                svg,
                "<rect class=\"cell\" fill-opacity=\"{share:.3}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{cell:.1}\" \
                 height=\"{cell:.1}\"><title>{} predicted as {}: {text} ({:.1} %)</title></rect>",
                entities(&names[actual]),
                entities(&names[predicted]),
                100.0 * share,
                cell = self.cell,
            );
            if self.numbers {
                let class = if share > STRONG { " class=\"strong\"" } else { "" };
                let (x, y) = (x + self.cell / 2.0, y + self.cell / 2.0 + 4.0);
                let _ = writeln!(svg, "<text{class} x=\"{x:.1}\" y=\"{y:.1}\" pointer-events=\"none\">{text}</text>");
            }
        }
    }

    fn draw_names(&self, svg: &mut String, names: &[String]) {
        for (class, name) in names.iter().enumerate() {
            let (name, middle) = (entities(name), (class as f64 + 0.5) * self.cell);
            let (x, y) = (self.left - 8.0, self.top + middle + 4.0);
            let _ = writeln!(svg, "<text class=\"side\" x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>");
            let (x, y) = (self.left + middle, self.top + self.side + if self.upright { 8.0 } else { 18.0 });
            let _ = if self.upright {
                let x = x + 4.0;
                writeln!(
                    svg,
                    "<text class=\"side\" x=\"{x:.1}\" y=\"{y:.1}\" transform=\"rotate(-90 {x:.1} {y:.1})\">{name}</text>"
                )
            } else {
                writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>")
            };
        }
    }
}

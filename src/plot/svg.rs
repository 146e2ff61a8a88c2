//! Pictures as SVG.

use std::fmt::Write;

use super::diagram::{Arrow, Diagram, Kind};
use super::layout::Layout;
use super::page::page;
use super::text::{entities, lines};

/// About what a letter takes.
const LETTER: f64 = 7.4;
const LINE: f64 = 17.0;
const PADDING: f64 = 12.0;
/// Between two rows, where the shapes stand.
const BELOW: f64 = 46.0;
const MARGIN: f64 = 20.0;
/// An arrow's end is straight, so that its head looks down.
const HEAD: f64 = 8.0;
/// About what a letter of an arrow's label takes.
const LABEL_LETTER: f64 = 6.4;
/// Between the labels of arrows that arrive side by side.
const BETWEEN_LABELS: f64 = 10.0;
/// What the page's style does not say.
const STYLE: &str = "
    text { text-anchor: middle; }
    text.shape { font-size: 11px; stroke: var(--paper); stroke-width: 4px; paint-order: stroke; }
    rect.layer { fill: var(--layer); stroke: var(--line); }
    rect.end { fill: var(--end); stroke: var(--line); }
    path { stroke: var(--line); stroke-width: 1.3px; }
    marker path { fill: var(--line); stroke: none; }
";
/// The head of an arrow.
const DEFINED: &str = "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
                       markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>\n";

pub(super) fn draw(diagram: &Diagram) -> String {
    let texts: Vec<Vec<String>> = diagram.boxes.iter().map(lines).collect();
    let widths: Vec<f64> =
        texts.iter().enumerate().map(|(index, texts)| width_of(texts).max(width_of_arrivals(diagram, index))).collect();
    let layout = Layout::of(diagram, &widths);
    let heights: Vec<f64> = texts.iter().map(|texts| texts.len() as f64 * LINE + PADDING).collect();
    let rows = Rows::of(&layout, &heights);
    let ports = ports(diagram, &layout, &widths);
    let mut svg = DEFINED.to_owned();
    // No arrow goes over a label.
    let mut labels = String::new();
    for (index, arrow) in diagram.arrows.iter().enumerate() {
        let ([from, to], way) = ([arrow.from, arrow.to].map(|index| layout.boxes[index]), &layout.ways[index]);
        let half = [arrow.from, arrow.to].map(|index| heights[index] / 2.0);
        // Curves are between rows alone, where no box is in the way.
        let start = (from.0 + MARGIN, rows.middle(from.1) + half[0], rows.bottom(from.1));
        let end = (ports[index] + MARGIN, rows.top(to.1) - HEAD, rows.middle(to.1) - half[1]);
        let past = way.iter().map(|(x, row)| (x + MARGIN, rows.top(*row), rows.bottom(*row)));
        let segments: Vec<_> = [start].into_iter().chain(past).chain([end]).collect();
        draw_arrow(&mut svg, &segments);
        draw_label(&mut labels, (end.0, end.2 - 12.0), &arrow.label);
    }
    svg += &labels;
    for (index, texts) in texts.iter().enumerate() {
        let (x, row) = layout.boxes[index];
        let kind = diagram.boxes[index].kind;
        draw_box(&mut svg, (x + MARGIN, rows.middle(row)), (widths[index], heights[index]), texts, kind);
    }
    page(diagram.title, (layout.width + 2.0 * MARGIN, rows.end + MARGIN), STYLE, &svg)
}

/// What the lines of a box take.
fn width_of(texts: &[String]) -> f64 {
    let letters = texts.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    letters as f64 * LETTER + 2.0 * PADDING
}

/// What an arrow takes with its label, where it arrives.
fn width_of_arrival(arrow: &Arrow) -> f64 {
    arrow.label.chars().count() as f64 * LABEL_LETTER + BETWEEN_LABELS
}

/// What all arrows that arrive at a box take side by side.
fn width_of_arrivals(diagram: &Diagram, to: usize) -> f64 {
    diagram.arrows.iter().filter(|arrow| arrow.to == to).map(width_of_arrival).sum()
}

/// Where each arrow arrives at its box: side by side, in the order of where they come from, with room for their labels.
fn ports(diagram: &Diagram, layout: &Layout, widths: &[f64]) -> Vec<f64> {
    let from = |arrow: usize| match layout.ways[arrow].last() {
        Some((x, _)) => *x,
        None => layout.boxes[diagram.arrows[arrow].from].0,
    };
    let mut ports = vec![0.0; diagram.arrows.len()];
    for (to, width) in widths.iter().enumerate() {
        let mut arriving: Vec<usize> =
            (0..diagram.arrows.len()).filter(|arrow| diagram.arrows[*arrow].to == to).collect();
        arriving.sort_by(|a, b| from(*a).total_cmp(&from(*b)));
        // What the labels leave free is shared.
        let free = (width - width_of_arrivals(diagram, to)) / arriving.len().max(1) as f64;
        let mut left = layout.boxes[to].0 - width / 2.0;
        for arrow in arriving {
            let width = width_of_arrival(&diagram.arrows[arrow]) + free;
            ports[arrow] = left + width / 2.0;
            left += width;
        }
    }
    ports
}

/// Where rows begin and end.
struct Rows {
    rows: Vec<(f64, f64)>,
    end: f64,
}

impl Rows {
    fn of(layout: &Layout, heights: &[f64]) -> Self {
        let (mut rows, mut end) = (Vec::new(), MARGIN);
        for row in 0..layout.rows {
            let of_row = layout.boxes.iter().zip(heights).filter(|((_, of), _)| *of == row);
            let tallest = of_row.map(|(_, height)| *height).fold(0.0, f64::max);
            rows.push((end, end + tallest));
            end += tallest + BELOW;
        }
        Self { rows, end: (end - BELOW).max(MARGIN) }
    }

    fn top(&self, row: usize) -> f64 {
        self.rows[row].0
    }

    fn bottom(&self, row: usize) -> f64 {
        self.rows[row].1
    }

    fn middle(&self, row: usize) -> f64 {
        (self.top(row) + self.bottom(row)) / 2.0
    }
}

fn draw_box(svg: &mut String, (x, y): (f64, f64), (width, height): (f64, f64), texts: &[String], kind: Kind) {
    let (class, round) = if kind == Kind::Layer { ("layer", 6.0) } else { ("end", height / 2.0) };
    let (left, top) = (x - width / 2.0, y - height / 2.0);
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round:.1}\"/>"
    );
    for (index, text) in texts.iter().enumerate() {
        let class = if index == 0 { "name" } else { "class" };
        let y = top + PADDING / 2.0 + LINE * (index as f64 + 0.75);
        let _ = writeln!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", entities(text));
    }
}

/// An arrow that goes straight down along these segments, and in curves from one to the next.
fn draw_arrow(svg: &mut String, segments: &[(f64, f64, f64)]) {
    let mut path = String::new();
    let mut last: Option<(f64, f64)> = None;
    for (x, top, bottom) in segments {
        let _ = match last {
            None => write!(path, "M{x:.1} {top:.1}"),
            Some((from, y)) => {
                let half = (y + top) / 2.0;
                write!(path, " C{from:.1} {half:.1} {x:.1} {half:.1} {x:.1} {top:.1}")
            }
        };
        let _ = write!(path, " V{bottom:.1}");
        last = Some((*x, *bottom));
    }
    let _ = writeln!(svg, "<path d=\"{path}\" marker-end=\"url(#head)\"/>");
}

fn draw_label(svg: &mut String, (x, y): (f64, f64), label: &str) {
    if !label.is_empty() {
        let _ = writeln!(svg, "<text class=\"shape\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", entities(label));
    }
}

//! Pictures as SVG.

use std::fmt::Write;

use super::diagram::{Diagram, Kind};
use super::layout::Layout;
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
/// Labels of arrows that arrive nearer to each other stand at different heights.
const WIDEST_LABEL: f64 = 60.0;
/// Colours for light and for dark pages.
const STYLE: &str = "
    svg { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #7d8590; --layer: #eef4fc; --end: #e9f6ec; }
    @media (prefers-color-scheme: dark) {
        svg { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #6e7681; --layer: #14233b; --end: #12301d; }
    }
    text { font: 13px system-ui, sans-serif; fill: var(--ink); text-anchor: middle; }
    .name { font-weight: 600; }
    .faint { fill: var(--faint); font-size: 12px; }
    .shape { fill: var(--faint); font-size: 11px; stroke: var(--paper); stroke-width: 4px; paint-order: stroke; }
    rect { fill: var(--layer); stroke: var(--line); }
    rect.end { fill: var(--end); }
    rect.paper { fill: var(--paper); stroke: none; }
    path { fill: none; stroke: var(--line); stroke-width: 1.3px; }
    marker path { fill: var(--line); stroke: none; }
";

pub(super) fn draw(diagram: &Diagram) -> String {
    let texts: Vec<Vec<String>> = diagram.boxes.iter().map(lines).collect();
    let wide = |texts: &Vec<String>| {
        let letters = texts.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        letters as f64 * LETTER + 2.0 * PADDING
    };
    let widths: Vec<f64> = texts.iter().map(wide).collect();
    let layout = Layout::of(diagram, &widths);
    let heights: Vec<f64> = texts.iter().map(|texts| texts.len() as f64 * LINE + PADDING).collect();
    let rows = Rows::of(&layout, &heights);
    let (width, height) = (layout.width + 2.0 * MARGIN, rows.end + MARGIN);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n",
        title = entities(diagram.title),
    );
    let ports = ports(diagram, &layout, &widths);
    for (index, arrow) in diagram.arrows.iter().enumerate() {
        let ([from, to], way) = ([arrow.from, arrow.to].map(|index| layout.boxes[index]), &layout.ways[index]);
        let Port { x, level } = ports[index];
        let half = [arrow.from, arrow.to].map(|index| heights[index] / 2.0);
        // Curves are between rows alone, where no box is in the way.
        let start = (from.0 + MARGIN, rows.middle(from.1) + half[0], rows.bottom(from.1));
        let end = (x + MARGIN, rows.top(to.1) - HEAD, rows.middle(to.1) - half[1]);
        let past = way.iter().map(|(x, row)| (x + MARGIN, rows.top(*row), rows.bottom(*row)));
        let segments: Vec<_> = [start].into_iter().chain(past).chain([end]).collect();
        draw_arrow(&mut svg, &segments, level, &arrow.label);
    }
    for (index, texts) in texts.iter().enumerate() {
        let (x, row) = layout.boxes[index];
        let kind = diagram.boxes[index].kind;
        draw_box(&mut svg, (x + MARGIN, rows.middle(row)), (widths[index], heights[index]), texts, kind);
    }
    svg + "</svg>\n"
}

/// Where an arrow arrives at its box, and at which of three heights above it its label stands.
struct Port {
    x: f64,
    level: usize,
}

/// Arrows to one box arrive side by side, in the order of where they come from.
fn ports(diagram: &Diagram, layout: &Layout, widths: &[f64]) -> Vec<Port> {
    let from = |arrow: usize| match layout.ways[arrow].last() {
        Some((x, _)) => *x,
        None => layout.boxes[diagram.arrows[arrow].from].0,
    };
    let port = |arrow: usize| {
        let to = diagram.arrows[arrow].to;
        let mut of_box: Vec<usize> =
            (0..diagram.arrows.len()).filter(|other| diagram.arrows[*other].to == to).collect();
        of_box.sort_by(|a, b| from(*a).total_cmp(&from(*b)));
        let (place, count) = (of_box.iter().position(|other| *other == arrow).unwrap_or(0), of_box.len());
        let apart = widths[to] / count as f64;
        let x = layout.boxes[to].0 + apart * (place as f64 - (count - 1) as f64 / 2.0);
        Port { x, level: if apart < WIDEST_LABEL { place % 3 } else { 0 } }
    };
    (0..diagram.arrows.len()).map(port).collect()
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
        let class = if index == 0 { "name" } else { "faint" };
        let y = top + PADDING / 2.0 + LINE * (index as f64 + 0.75);
        let _ = writeln!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", entities(text));
    }
}

/// An arrow that goes straight down along these segments, and in curves from one to the next.
fn draw_arrow(svg: &mut String, segments: &[(f64, f64, f64)], level: usize, label: &str) {
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
    if let Some((x, end)) = last {
        let y = end - 12.0 - 11.0 * level as f64;
        let _ = writeln!(svg, "<text class=\"shape\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", entities(label));
    }
}

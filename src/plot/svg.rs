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
    for (index, arrow) in diagram.arrows.iter().enumerate() {
        let ([from, to], way) = ([arrow.from, arrow.to].map(|index| layout.boxes[index]), &layout.ways[index]);
        let start = (from.0 + MARGIN, rows.middle(from.1) + heights[arrow.from] / 2.0);
        let end = (to.0 + MARGIN, rows.middle(to.1) - heights[arrow.to] / 2.0);
        draw_arrow(&mut svg, start, end, way.iter().map(|(x, row)| (x + MARGIN, rows.middle(*row))), &arrow.label);
    }
    for (index, texts) in texts.iter().enumerate() {
        let (x, row) = layout.boxes[index];
        let kind = diagram.boxes[index].kind;
        draw_box(&mut svg, (x + MARGIN, rows.middle(row)), (widths[index], heights[index]), texts, kind);
    }
    svg + "</svg>\n"
}

/// Where rows are.
struct Rows {
    middles: Vec<f64>,
    end: f64,
}

impl Rows {
    fn of(layout: &Layout, heights: &[f64]) -> Self {
        let (mut middles, mut end) = (Vec::new(), MARGIN);
        for row in 0..layout.rows {
            let of_row = layout.boxes.iter().zip(heights).filter(|((_, of), _)| *of == row);
            let tallest = of_row.map(|(_, height)| *height).fold(0.0, f64::max);
            middles.push(end + tallest / 2.0);
            end += tallest + BELOW;
        }
        Self { middles, end: (end - BELOW).max(MARGIN) }
    }

    fn middle(&self, row: usize) -> f64 {
        self.middles[row]
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

/// An arrow past these places, which leaves and arrives straight down.
fn draw_arrow(
    svg: &mut String,
    start: (f64, f64),
    end: (f64, f64),
    way: impl Iterator<Item = (f64, f64)>,
    label: &str,
) {
    let mut path = format!("M{:.1} {:.1}", start.0, start.1);
    let mut last = start;
    for next in way.chain([end]) {
        let half = (last.1 + next.1) / 2.0;
        let _ = write!(path, " C{:.1} {half:.1} {:.1} {half:.1} {:.1} {:.1}", last.0, next.0, next.0, next.1);
        last = next;
    }
    let _ = writeln!(svg, "<path d=\"{path}\" marker-end=\"url(#head)\"/>");
    // Near its end, where no other arrow of the same box goes.
    let (x, y) = (end.0 + 0.25 * (start.0 - end.0).clamp(-60.0, 60.0), end.1 - 16.0);
    let _ = writeln!(svg, "<text class=\"shape\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", entities(label));
}

//! What was logged in each epoch, as curves.

use std::fmt::Write;
use std::path::Path;

use super::axis::Axis;
use super::page::page;
use super::text::entities;
use super::{PlotError, write_svg};
use crate::training::History;

const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 240.0;
/// Around the field of a panel: above, right, below, left.
const AROUND: [f64; 4] = [34.0, 20.0, 34.0, 70.0];
/// What the page's style does not say.
const STYLE: &str = "
    path { stroke-width: 1px; stroke: var(--grid); }
    path.training { stroke: var(--training); stroke-width: 2px; }
    path.validation { stroke: var(--validation); stroke-width: 2px; stroke-dasharray: 6 3; }
    circle.training, text.training { fill: var(--training); }
    circle.validation, text.validation { fill: var(--validation); }
";

/// A picture of a [`History`], made by [`History::curves`]: a panel for each loss and metric, training and validation in one.
#[derive(Clone, Copy)]
pub struct Curves<'h> {
    history: &'h History,
    log_scale: bool,
}

impl<'h> Curves<'h> {
    pub(crate) fn of(history: &'h History) -> Self {
        Self { history, log_scale: false }
    }

    /// Whether values stand on a logarithmic scale; `false` by default. A panel with a value that is not above 0 keeps its
    /// plain scale.
    #[must_use]
    pub fn log_scale(mut self, log_scale: bool) -> Self {
        self.log_scale = log_scale;
        self
    }

    /// As SVG, which browsers show, light or dark as they are set.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let names: Vec<&str> = self.history.keys().filter(|name| !self.is_validation(name)).collect();
        let mut panels = String::new();
        for (index, name) in names.iter().enumerate() {
            self.panel(&mut panels, name, HEIGHT * index as f64);
        }
        page("curves of a training", (WIDTH, HEIGHT * names.len() as f64), STYLE, &panels)
    }

    /// Writes it as SVG.
    ///
    /// # Errors
    /// When the file does not end with `.svg`, or cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        write_svg(path.as_ref(), &self.to_svg())
    }

    /// Whether the curve belongs to another one's panel.
    fn is_validation(&self, name: &str) -> bool {
        name.strip_prefix("val_").is_some_and(|name| self.history.get(name).is_some())
    }

    fn panel(&self, svg: &mut String, name: &str, top: f64) {
        let validation = format!("val_{name}");
        let curves: Vec<(&str, &[f64])> = [("training", name), ("validation", validation.as_str())]
            .into_iter()
            .filter_map(|(class, name)| Some((class, self.history.get(name)?)))
            .collect();
        let values = || curves.iter().flat_map(|(_, values)| values.iter().copied()).filter(|value| value.is_finite());
        let axis = Axis::of(values(), self.log_scale);
        let [above, right, below, left] = AROUND;
        let (field_top, field_bottom) = (top + above, top + HEIGHT - below);
        let y = |value: f64| field_bottom - axis.place(value) * (field_bottom - field_top);
        let last = self.history.epochs().max(2) - 1;
        let x = |epoch: usize| left + epoch as f64 / last as f64 * (WIDTH - left - right);

        let _ = writeln!(svg, "<text class=\"name\" x=\"{left}\" y=\"{:.1}\">{}</text>", top + 20.0, entities(name));
        for (value, label) in axis.ticks() {
            let y = y(value);
            let _ = writeln!(svg, "<path d=\"M{left} {y:.1} H{:.1}\"/>", WIDTH - right);
            let _ = writeln!(svg, "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{label}</text>", left - 8.0, y + 4.0);
        }
        for epoch in epochs(last) {
            let (x, y) = (x(epoch), field_bottom + 18.0);
            let _ = writeln!(svg, "<text class=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", epoch + 1);
        }
        for (index, (class, values)) in curves.iter().enumerate() {
            draw(svg, class, values.iter().enumerate().map(|(epoch, value)| (x(epoch), *value)), y);
            let at = WIDTH - right - 80.0 * (curves.len() - 1 - index) as f64;
            let _ = writeln!(svg, "<text class=\"{class} end\" x=\"{at:.1}\" y=\"{:.1}\">{class}</text>", top + 20.0);
        }
    }
}

/// A curve, with a gap where a value is no number; a value between two gaps is a dot.
fn draw(svg: &mut String, class: &str, points: impl Iterator<Item = (f64, f64)>, y: impl Fn(f64) -> f64) {
    let mut pieces: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (x, value) in points {
        if !value.is_finite() {
            pieces.push(Vec::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push((x, y(value)));
        }
    }
    for piece in pieces {
        match &piece[..] {
            [] => {}
            [(x, y)] => {
                let _ = writeln!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
            }
            points => {
                let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
                let _ = writeln!(svg, "<path class=\"{class}\" d=\"M{}\"/>", points.join(" L"));
            }
        }
    }
}

/// Epochs that are named below a panel, from 0: about ten of them.
fn epochs(last: usize) -> impl Iterator<Item = usize> {
    let step = (last / 10).max(1);
    (0..=last).step_by(step)
}

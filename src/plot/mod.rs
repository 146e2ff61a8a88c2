//! Pictures of models, boxes for layers and arrows with the shapes that flow along them, of how training went, and of
//! [confusion matrices](crate::classification::ConfusionMatrix::plot).
//!
//! [`Plot::plot`] writes one to a file, by the file's ending: SVG, which browsers show, light or dark as they are set; DOT,
//! which Graphviz reads; or Mermaid, which Markdown pages show.

#[cfg(feature = "training")]
mod axis;
#[cfg(feature = "training")]
mod curves;
mod diagram;
mod layout;
mod matrix;
mod page;
mod svg;
mod text;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[cfg(feature = "training")]
pub use curves::Curves;
use diagram::Diagram;
use fusion_core::Model;
use fusion_core::layer::Graph;

use crate::persistence::replace;

/// Draws any model: Keras's `plot_model`.
///
/// ```
/// use fusion::prelude::*;
/// model! {
///     struct Fusion {
///         input a: [f32; 32];
///         input b: [f32; 128];
///         branch x = a => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
///         branch y = b => Dense<_, 64, Relu> => Dense<_, 4, Relu>;
///         output z = concatenate(x, y) => Dense<_, 1>;
///     }
/// }
///
/// let path = std::env::temp_dir().join(format!("fusion-plot-{}.svg", std::process::id()));
/// Fusion::plot(&path)?;
/// # std::fs::remove_file(&path)?;
/// println!("{}", Fusion::picture().to_mermaid()); // for a README
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Plot: Model {
    /// A picture of the model.
    fn picture() -> Picture {
        Picture::new(Self::graph())
    }

    /// Writes a picture of the model: SVG to a file that ends with `.svg`, DOT with `.dot` or `.gv`, Mermaid with `.mmd`.
    ///
    /// # Errors
    /// When the file has another ending, or cannot be written.
    #[doc(alias = "plot_model")]
    fn plot(path: impl AsRef<Path>) -> Result<(), PlotError> {
        Self::picture().save(path)
    }
}

impl<M: Model + ?Sized> Plot for M {}

/// A picture of a model, made by [`Plot::picture`].
#[derive(Clone, Copy)]
pub struct Picture {
    graph: &'static Graph,
    details: bool,
    expand_nested: bool,
}

impl Picture {
    /// Of this graph, with the shapes on the arrows.
    #[must_use]
    pub fn new(graph: &'static Graph) -> Self {
        Self { graph, details: false, expand_nested: false }
    }

    /// Whether boxes say what else a layer is, its activation and the options that are not the defaults; `false` by
    /// default.
    #[must_use]
    pub fn details(mut self, details: bool) -> Self {
        self.details = details;
        self
    }

    /// Whether nested models are opened, with the layers within them; `false` by default.
    #[must_use]
    pub fn expand_nested(mut self, expand_nested: bool) -> Self {
        self.expand_nested = expand_nested;
        self
    }

    /// As SVG.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::draw(&self.diagram())
    }

    /// In the language of Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        text::dot(&self.diagram())
    }

    /// In the language of Mermaid.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        text::mermaid(&self.diagram())
    }

    /// Writes it in the language that the file's ending says.
    ///
    /// # Errors
    /// When the file has another ending than `.svg`, `.dot`, `.gv` or `.mmd`, or cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        let path = path.as_ref();
        let text = match path.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => self.to_svg(),
            Some("dot" | "gv") => self.to_dot(),
            Some("mmd") => self.to_mermaid(),
            _ => return Err(PlotError::Ending { path: path.into(), endings: ".svg, .dot, .gv or .mmd" }),
        };
        write_text(path, &text)
    }

    fn diagram(&self) -> Diagram {
        Diagram::of(self.graph, self.details, self.expand_nested)
    }
}

fn write_text(path: &Path, text: &str) -> Result<(), PlotError> {
    replace(path, |mut file| file.write_all(text.as_bytes()))
        .map_err(|source| PlotError::Write { path: path.into(), source })
}

/// Writes a picture that is SVG alone.
fn write_svg(path: &Path, svg: &str) -> Result<(), PlotError> {
    if path.extension().is_none_or(|ending| ending != "svg") {
        return Err(PlotError::Ending { path: path.into(), endings: ".svg" });
    }
    write_text(path, svg)
}

/// Why there is no picture.
#[non_exhaustive]
pub enum PlotError {
    /// The file's name says none of the languages.
    Ending {
        /// The file.
        path: PathBuf,
        /// The endings that there are, as in `.svg or .dot`.
        endings: &'static str,
    },
    /// The system could not write the file.
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for PlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ending { path, endings } => {
                write!(f, "`{}` says not what to draw: its name has to end with {endings}", path.display())
            }
            Self::Write { path, source } => write!(f, "cannot write the picture to `{}`: {source}", path.display()),
        }
    }
}
fusion_core::debug_is_display!(PlotError);
impl std::error::Error for PlotError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Ending { .. } => None,
            Self::Write { source, .. } => Some(source),
        }
    }
}

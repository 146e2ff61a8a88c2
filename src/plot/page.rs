//! A page of SVG, which browsers show light or dark as they are set, and what all pictures look like.

use super::text::entities;

/// Colours for light and for dark pages, and how texts are set. A text is faint where no class says otherwise.
const STYLE: &str = "
    svg {
        --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #7d8590; --grid: #d8dee4;
        --layer: #eef4fc; --end: #e9f6ec; --training: #0969da; --validation: #bc4c00;
    }
    @media (prefers-color-scheme: dark) {
        svg {
            --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #6e7681; --grid: #30363d;
            --layer: #14233b; --end: #12301d; --training: #58a6ff; --validation: #f0883e;
        }
    }
    text { font: 12px system-ui, sans-serif; fill: var(--faint); }
    text.name { font-size: 13px; font-weight: 600; fill: var(--ink); }
    text.middle { text-anchor: middle; }
    text.end { text-anchor: end; }
    rect.paper { fill: var(--paper); }
    path { fill: none; }";

/// The page of this size with what is drawn on it, and with what the style of its picture adds.
pub(super) fn page(title: &str, (width, height): (f64, f64), style: &str, drawn: &str) -> String {
    let title = entities(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n\
         <style>{STYLE}{style}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{drawn}</svg>\n"
    )
}

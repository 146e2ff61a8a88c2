//! How wide the terminal is.

/// How many columns the terminal has that standard output goes to; none where it goes elsewhere, and without the feature
/// `progress`.
pub fn columns() -> Option<usize> {
    #[cfg(feature = "progress")]
    let columns = console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    #[cfg(not(feature = "progress"))]
    let columns = None;
    columns
}

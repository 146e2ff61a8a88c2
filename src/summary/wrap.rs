//! Text on lines of a fixed width: rich's `Text.wrap` (`rich/text.py`, `rich/_wrap.py`) with
//! overflow "ellipsis". A character is one column wide.

/// The lines of `text`, none longer than `width`.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    // rich renders nothing where there is no room (`Console.render`).
    if width == 0 {
        return Vec::new();
    }
    let lines = divide_line(text, width).into_iter();
    lines.map(|line| truncate(line.trim_end(), width)).collect()
}

/// rich's `divide_line` with `fold=False`: as many words a line as fit. A word longer than
/// the line begins a line, and nothing follows it there.
pub(super) fn divide_line(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let (mut start, mut end, mut used) = (0, 0, 0);
    for word in words(text) {
        let fits = used + length(word.trim_end()) <= width;
        if !fits && end > start {
            lines.push(&text[start..end]);
            (start, used) = (end, 0);
        }
        end += word.len();
        used += length(word);
    }
    lines.push(&text[start..]);
    lines
}

/// rich's `words`: each with the blanks behind it, the first with those before it too.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let indent = text.len() - text.trim_start().len();
    let first = text[indent..].find(' ').map_or(text.len(), |blank| indent + blank + 1);
    let (first, rest) = text.split_at(first);
    std::iter::once(first).chain(rest.split_inclusive(' '))
}

/// rich's `Text.truncate`: an ellipsis takes the place of what is too long.
fn truncate(line: &str, width: usize) -> String {
    if length(line) <= width {
        return line.into();
    }
    let kept = line.chars().take(width.saturating_sub(1));
    kept.chain(['…']).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

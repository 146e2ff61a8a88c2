//! Names of files with what is logged in them: `weights-{epoch:03}-{val_loss:.4f}.safetensors`.

use crate::training::history::Scores;

/// A name with fields in braces, as Keras writes them.
#[derive(Clone, Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Field { name: String, zeros: usize, digits: Option<usize> },
}

impl Template {
    /// Reads a name; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((field, after)) = after.split_once('}') else {
                return Err(format!("`{text}` has a `{{` without its `}}`"));
            };
            parts.push(Part::Text(before.to_owned()));
            parts.push(field_of(field).ok_or_else(|| {
                format!("`{{{field}}}` of `{text}` cannot be read; write `{{epoch:03}}` or `{{val_loss:.4f}}`")
            })?);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self { parts })
    }

    /// The names of its fields.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field { name, .. } => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The name with the values of its fields: `epoch` and `batch`, both counted from 1, and what is logged.
    pub fn fill(&self, epoch: usize, batch: usize, logs: &Scores) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled += text,
                Part::Field { name, zeros, digits } => {
                    filled += &match name.as_str() {
                        "epoch" => format!("{epoch:0zeros$}"),
                        "batch" => format!("{batch:0zeros$}"),
                        name => {
                            let value = logs.get(name).unwrap_or(f64::NAN);
                            digits.map_or_else(|| value.to_string(), |digits| format!("{value:0zeros$.digits$}"))
                        }
                    };
                }
            }
        }
        filled
    }
}

/// `epoch`, `epoch:03`, `epoch:03d`, `val_loss:.4f`.
fn field_of(text: &str) -> Option<Part> {
    let (name, format) = text.split_once(':').unwrap_or((text, ""));
    let format = format.strip_suffix(['d', 'f']).unwrap_or(format);
    let (zeros, digits) = match format.split_once('.') {
        Some((zeros, digits)) => (zeros, Some(digits.parse().ok()?)),
        None => (format, None),
    };
    let zeros = if zeros.is_empty() { 0 } else { zeros.parse().ok()? };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then(|| Part::Field { name: name.to_owned(), zeros, digits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::history::Layout;

    fn filled(text: &str) -> Result<String, String> {
        let layout = Layout::new(&["val_loss".to_owned()]);
        let mut logs = layout.empty();
        layout.set(&mut logs, 0, 0.12345);
        Template::parse(text).map(|template| template.fill(7, 12, &logs))
    }

    #[test]
    fn fields_are_written_as_keras_writes_them() {
        assert_eq!(filled("best.safetensors").unwrap(), "best.safetensors");
        assert_eq!(filled("a-{epoch:03}-{val_loss:.2f}-{epoch}.b").unwrap(), "a-007-0.12-7.b");
        assert_eq!(filled("{epoch:02d}/{batch}").unwrap(), "07/12");
        assert_eq!(filled("{val_loss}").unwrap(), "0.12345");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(filled("a{epoch").unwrap_err(), "`a{epoch` has a `{` without its `}`");
        for text in ["{}", "{epoch:x}", "{val loss}", "{loss:.}"] {
            let expected = format!("`{text}` of `{text}` cannot be read; write `{{epoch:03}}` or `{{val_loss:.4f}}`");
            assert_eq!(filled(text).unwrap_err(), expected);
        }
    }
}

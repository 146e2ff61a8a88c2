//! What is said of steps with several outputs.

use super::{Written, same};
use crate::layer::{Output, Part};
use crate::shape::Text;

/// Fails the compilation if a step's outputs are bound by other names, or by another number of them, than it has. Each
/// of `names` is that of a part, or `_`; where parts go by their order, any.
#[track_caller]
pub const fn check_parts(output: &Output, written: &Written<'_>, names: &[&str]) {
    // What is no layer was reported.
    if output.shape.length() == 0 && output.parts.is_empty() {
        return;
    }
    if let Some(text) = mistake(output.parts, written.layer(Text::new(""), None), names) {
        panic!("{}", written.which_use(text).as_str());
    }
}

/// What follows on the name of a step with several outputs that is used as one wire.
pub(super) const fn several(text: Text, parts: &[Part]) -> Text {
    bind(text.and(" gives several outputs; bind them by name: `"), parts)
}

const fn mistake(parts: &[Part], layer: Text, names: &[&str]) -> Option<Text> {
    if parts.is_empty() {
        let name = if names.is_empty() { "x" } else { names[0] };
        return Some(layer.and(" gives one output; write `branch ").and(name).and(" = …`"));
    }
    let mut i = 0;
    while i < names.len() {
        let text = match position(parts, names[i]) {
            _ if same(names[i], "_") => None,
            None if parts[0].name.is_some() => {
                let text = layer.and(" has no output `").and(names[i]).and("`; it gives ");
                let text = list(text, parts).and("; a name of your own is written `mine = ");
                Some(text.and(parts[0].what).and("`"))
            }
            Some(_) if parts[0].name.is_some() && appears_before(names, i) => {
                let text = layer.and(" has one output `").and(names[i]).and("`, which is bound twice; it gives ");
                Some(list(text, parts))
            }
            Some(place) if parts[0].name.is_none() && place != i => {
                let text = layer.and(" gives its outputs in order, ");
                Some(list(text, parts).and("; `").and(names[i]).and("` stands in the place of another"))
            }
            _ => None,
        };
        if text.is_some() {
            return text;
        }
        i += 1;
    }
    if names.len() == parts.len() {
        return None;
    }
    let text = list(layer.and(" gives ").number(parts.len()).and(" outputs, "), parts);
    Some(bind(text.and("; name each, `_` for those that you do not need: `"), parts))
}

const fn position(parts: &[Part], what: &str) -> Option<usize> {
    let mut i = 0;
    while i < parts.len() {
        if same(parts[i].what, what) {
            return Some(i);
        }
        i += 1;
    }
    None
}

const fn appears_before(names: &[&str], index: usize) -> bool {
    let mut i = 0;
    while i < index {
        if same(names[i], names[index]) {
            return true;
        }
        i += 1;
    }
    false
}

/// "`priority` and `department`"
const fn list(mut text: Text, parts: &[Part]) -> Text {
    let mut i = 0;
    while i < parts.len() {
        if i > 0 {
            text = text.and(if i + 1 == parts.len() { " and " } else { ", " });
        }
        text = text.and("`").and(parts[i].what).and("`");
        i += 1;
    }
    text
}

/// "branch (priority, department) = …`": names of their own where parts have none.
const fn bind(mut text: Text, parts: &[Part]) -> Text {
    const LETTERS: &str = "abcdefghijklmnop";
    let mut i = 0;
    while i < parts.len() {
        text = text.and(if i == 0 { "branch (" } else { ", " });
        text = text.and(match parts[i].name {
            Some(name) => name,
            None => LETTERS.split_at(i % LETTERS.len()).1.split_at(1).0,
        });
        i += 1;
    }
    text.and(") = …`")
}

#[cfg(test)]
mod tests {
    use super::super::written;
    use super::*;
    use crate::shape::Shape;

    const ONE: Shape = Shape::new(&[1]);
    const STATES: &[Part] =
        &[Part::in_order("output", ONE), Part::in_order("state_h", ONE), Part::in_order("state_c", ONE)];
    const NAMED: &[Part] = &[Part::by_name("priority", ONE), Part::by_name("department", ONE)];

    fn says(layer: &str, parts: &[Part], names: &[&str]) -> Option<String> {
        mistake(parts, written(layer, "").layer(Text::new(""), None), names).map(|text| text.as_str().to_owned())
    }

    #[test]
    fn outputs_in_order_take_any_name_but_that_of_another() {
        let says = |names: &[&str]| says("Lstm<_, 8>(return_state = true)", STATES, names);
        assert_eq!(says(&["x", "h", "c"]), None);
        assert_eq!(says(&["_", "state_h", "_"]), None);
        assert_eq!(
            says(&["h", "c"]).unwrap(),
            "`Lstm<_, 8>(return_state = true)` gives 3 outputs, `output`, `state_h` and `state_c`; name each, `_` for \
             those that you do not need: `branch (a, b, c) = …`"
        );
        assert_eq!(
            says(&["state_h", "state_c", "_"]).unwrap(),
            "`Lstm<_, 8>(return_state = true)` gives its outputs in order, `output`, `state_h` and `state_c`; `state_h` \
             stands in the place of another"
        );
    }

    #[test]
    fn outputs_with_names_are_told_by_them() {
        let says = |names: &[&str]| says("Tickets", NAMED, names);
        assert_eq!(says(&["department", "priority"]), None);
        assert_eq!(says(&["_", "priority"]), None);
        assert_eq!(
            says(&["priorty", "department"]).unwrap(),
            "`Tickets` has no output `priorty`; it gives `priority` and `department`; a name of your own is written `mine = \
             priority`"
        );
        assert_eq!(
            says(&["priority", "priority"]).unwrap(),
            "`Tickets` has one output `priority`, which is bound twice; it gives `priority` and `department`"
        );
        assert_eq!(
            says(&["priority"]).unwrap(),
            "`Tickets` gives 2 outputs, `priority` and `department`; name each, `_` for those that you do not need: \
             `branch (priority, department) = …`"
        );
    }

    #[test]
    fn one_output_is_bound_by_one_name() {
        assert_eq!(
            says("Dense<8, 4>", &[], &["h", "c"]).unwrap(),
            "`Dense<8, 4>` gives one output; write `branch h = …`"
        );
        assert_eq!(
            several(Text::new("`Tickets`"), NAMED).as_str(),
            "`Tickets` gives several outputs; bind them by name: `branch (priority, department) = …`"
        );
    }
}

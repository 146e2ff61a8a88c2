//! The layers and arrays that options name.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::OptimizerError;
use crate::weights::{Parameters, walk_entries};

/// An error where a model has no layer and no array of the name that an option names.
pub(super) fn check_names<P: Parameters>(option: &'static str, name: &str) -> Result<(), OptimizerError> {
    let mut is_known = false;
    walk_entries::<P>(&mut |parameter| is_known |= parameter.path.contains(name));
    if is_known {
        return Ok(());
    }
    let (name, known) = (name.to_string(), known::<P>());
    Err(OptimizerError::UnknownName { option, name, known, similar: None })
}

/// The paths of the layers and the names of the arrays.
fn known<P: Parameters>() -> Vec<String> {
    let (mut layers, mut arrays) = (Vec::new(), Vec::new());
    let add = |names: &mut Vec<String>, name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    walk_entries::<P>(&mut |parameter| {
        if let Some(layer) = parameter.path.parent() {
            add(&mut layers, layer.to_string());
        }
        add(&mut arrays, parameter.name().to_string());
    });
    layers.append(&mut arrays);
    layers
}

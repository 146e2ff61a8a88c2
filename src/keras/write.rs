//! Weights in Keras 3's groups, as an HDF5 file.

use hdf5_pure::{AttrValue, FileBuilder, FinishedGroup, GroupBuilder, LibVer};

use super::KerasError;
use super::tree::{Group, OWN, damaged};

/// The bytes of a `.weights.h5` with these groups.
pub(crate) fn weights(model: &Group) -> Result<Vec<u8>, KerasError> {
    let mut file = FileBuilder::new();
    // What every libhdf5 since 2008 reads.
    file.with_libver_bounds(LibVer::Earliest, LibVer::V18);
    let own = own(file.create_group(OWN), model);
    file.add_group(own);
    for (name, inside) in &model.inside {
        let group = group(file.create_group(name), inside);
        file.add_group(group);
    }
    file.finish().map_err(|error| damaged("", &error))
}

fn group(mut builder: GroupBuilder, from: &Group) -> FinishedGroup {
    if !from.is_list {
        let own = own(builder.create_group(OWN), from);
        builder.add_group(own);
    }
    for (name, inside) in &from.inside {
        let group = group(builder.create_group(name), inside);
        builder.add_group(group);
    }
    builder.finish()
}

/// A layer's own arrays, by their numbers.
fn own(mut builder: GroupBuilder, of: &Group) -> FinishedGroup {
    if let Some(name) = &of.name {
        builder.set_attr("name", AttrValue::VarLenString(name.clone()));
    }
    for (number, array) in of.own.iter().enumerate() {
        let shape: Vec<u64> = array.shape.iter().map(|dimension| *dimension as u64).collect();
        builder.create_dataset(&number.to_string()).with_f32_data(&array.values).with_shape(&shape);
    }
    if of.counts {
        builder.create_dataset(&of.own.len().to_string()).with_i64_data(&[0]).with_shape(&[]);
    }
    builder.finish()
}

//! The groups of an HDF5 file with weights, within bounds.

use hdf5_pure as hdf5;

use super::KerasError;

/// How deep groups may lie: a model in a model takes two, a layer in a layer one.
const DEEPEST: usize = 48;
/// The longest name of a group or a layer, in bytes.
pub(super) const LONGEST_NAME: usize = 256;
/// How many groups and arrays are read, which a file may have linked to each other in any way.
const MOST: u64 = 100_000;
/// Where a group keeps its own arrays.
pub(super) const OWN: &str = "vars";
/// An optimizer's state, and of a layer that draws random numbers how far it has come.
const LEFT_OUT: [&str; 2] = ["optimizer", "seed_generator"];

/// A layer, a model, or several.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// Its name in Keras, if the file has it.
    pub name: Option<String>,
    /// Its own arrays in their order; those that are no numbers with a fraction are left out, as are their places.
    pub own: Vec<Array>,
    /// Whether it has no place for arrays of its own: it then is a list of layers.
    pub is_list: bool,
    /// Whether a number of samples stands behind its arrays: of a layer that was adapted.
    pub counts: bool,
    /// The groups in it, by the names of their fields or classes.
    pub inside: Vec<(String, Group)>,
}

/// An array as the file has it.
#[derive(Clone, Debug)]
pub(crate) struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// What is left to be read of a file.
pub(super) struct Budget {
    things: u64,
    bytes: u64,
    of_bytes: u64,
}

impl Budget {
    /// For a file of these bytes: as Keras packs nothing, numbers are in it byte for byte.
    pub fn of(bytes: &[u8]) -> Self {
        Self { things: MOST, bytes: bytes.len() as u64, of_bytes: bytes.len() as u64 }
    }

    pub fn take_things(&mut self, count: usize) -> Result<(), KerasError> {
        self.things = self
            .things
            .checked_sub(count as u64)
            .ok_or(KerasError::TooMuch { what: "groups and arrays", limit: MOST })?;
        Ok(())
    }

    fn take_bytes(&mut self, count: u64) -> Result<(), KerasError> {
        let limit = self.of_bytes;
        let too_much = KerasError::TooMuch { what: "bytes of numbers for its size, or packed ones", limit };
        self.bytes = self.bytes.checked_sub(count).ok_or(too_much)?;
        Ok(())
    }
}

/// What is wrong at this place.
pub(super) fn damaged(place: &str, error: &hdf5::Error) -> KerasError {
    KerasError::Hdf5 { group: place.to_owned(), problem: error.to_string() }
}

/// The texts of an attribute, of one that was too long for one in several.
pub(super) fn attribute(group: &hdf5::Group, name: &str) -> Result<Option<Vec<String>>, KerasError> {
    let attributes = group.attrs().map_err(|error| damaged(name, &error))?;
    let texts = |name: &str| attributes.get(name).and_then(hdf5::AttrValue::as_strings).map(<[String]>::to_vec);
    if attributes.contains_key(name) {
        // An empty list has no type that would say that it is of texts.
        return Ok(Some(texts(name).unwrap_or_default()));
    }
    let pieces: Vec<_> = (0..).map_while(|piece| texts(&format!("{name}{piece}"))).flatten().collect();
    Ok((!pieces.is_empty()).then_some(pieces))
}

/// Fails for a name that is too long to stand in many paths.
pub(super) fn check_name(name: &str) -> Result<(), KerasError> {
    let limit = LONGEST_NAME as u64;
    if name.len() > LONGEST_NAME { Err(KerasError::TooMuch { what: "bytes in a name", limit }) } else { Ok(()) }
}

impl Group {
    /// Reads a group with all that is in it.
    pub(super) fn read(group: &hdf5::Group, place: &str, budget: &mut Budget) -> Result<Self, KerasError> {
        if place.matches('/').count() > DEEPEST {
            return Err(KerasError::TooMuch { what: "groups within each other", limit: DEEPEST as u64 });
        }
        let groups = group.iter_groups().map_err(|error| damaged(place, &error))?;
        budget.take_things(groups.len())?;
        let mut read = Self { is_list: true, ..Self::default() };
        for (name, inside) in groups {
            check_name(&name)?;
            let place = format!("{place}/{name}");
            if name == OWN {
                read.is_list = false;
                read.name = attribute(&inside, "name")?.and_then(|names| names.into_iter().next());
                check_name(read.name.as_deref().unwrap_or_default())?;
                read.own = arrays(&inside, &place, budget)?;
            } else if !LEFT_OUT.contains(&name.as_str()) {
                read.inside.push((name, Self::read(&inside, &place, budget)?));
            }
        }
        Ok(read)
    }

    /// The group of this name in it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.inside.iter().find(|(inside, _)| inside == name).map(|(_, group)| group)
    }
}

/// The arrays `0`, `1`, … of a group, in their order.
fn arrays(group: &hdf5::Group, place: &str, budget: &mut Budget) -> Result<Vec<Array>, KerasError> {
    let datasets = group.iter_datasets().map_err(|error| damaged(place, &error))?;
    budget.take_things(datasets.len())?;
    let mut found = Vec::new();
    for (name, dataset) in datasets {
        let place = format!("{place}/{name}");
        // Keras names them by their number alone, but for what its lookups keep, which are no weights.
        let Ok(number) = name.parse::<usize>() else { continue };
        if let Some(array) = array(&dataset, &place, budget)? {
            found.push((number, array));
        }
    }
    found.sort_by_key(|(number, _)| *number);
    Ok(found.into_iter().map(|(_, array)| array).collect())
}

/// An array, unless it is a single whole number: how many samples a layer was adapted to.
pub(super) fn array(dataset: &hdf5::Dataset, place: &str, budget: &mut Budget) -> Result<Option<Array>, KerasError> {
    let wrong = |error: hdf5::Error| damaged(place, &error);
    let shape = dataset.shape().map_err(wrong)?;
    let dtype = dataset.dtype().map_err(wrong)?;
    match dtype {
        hdf5::DType::F32 | hdf5::DType::F64 => {}
        hdf5::DType::I32 | hdf5::DType::I64 | hdf5::DType::U32 | hdf5::DType::U64 if shape.is_empty() => {
            return Ok(None);
        }
        other => return Err(KerasError::Dtype { weight: place.to_owned(), found: other.to_string() }),
    }
    let numbers = shape.iter().try_fold(1u64, |all, dimension| all.checked_mul(*dimension));
    let bytes = numbers.and_then(|numbers| numbers.checked_mul(size_of::<f32>() as u64)).unwrap_or(u64::MAX);
    budget.take_bytes(bytes)?;
    let values = dataset.read_f32().map_err(wrong)?;
    // Not more than the file's bytes, which fit into memory.
    let shape = shape.into_iter().map(|dimension| dimension as usize).collect();
    Ok(Some(Array { shape, values }))
}

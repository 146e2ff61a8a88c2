//! Which of the model's parameters each tensor of a file is for.

use std::collections::HashMap;

use super::Refusal;
use super::header::{Header, Stored};
use super::layout::Layout;
use super::places::Places;
use super::report::Displaced;
use crate::similar::nearest;

/// What the file's layers and tensors are called in this model, as the user said: pairs of paths, the file's first.
#[derive(Default)]
pub(super) struct Renames(Vec<(String, String)>);

impl Renames {
    pub fn add(&mut self, there: &str, here: &str) {
        self.0.push((there.to_owned(), here.to_owned()));
    }

    /// Whether the file and the model have all these names, and none is given twice.
    pub fn check(&self, header: &Header, layout: &Layout) -> Result<(), Refusal> {
        for (index, (there, here)) in self.0.iter().enumerate() {
            known(there, header.names()).map_err(|similar| Refusal::NotInFile { name: there.clone(), similar })?;
            let names = layout.parameters.iter().map(|expected| expected.name.as_str());
            known(here, names).map_err(|similar| Refusal::NotInModel { name: here.clone(), similar })?;
            for (other_there, other_here) in &self.0[..index] {
                if let Some((name, _)) = [(there, other_there), (here, other_here)].into_iter().find(|(a, b)| a == b) {
                    return Err(Refusal::RenamedTwice { name: name.clone() });
                }
            }
        }
        Ok(())
    }

    /// The tensor of each name in this model. What the user renamed comes before what has the name anyway.
    pub fn pairs<'h>(&self, header: &'h Header) -> HashMap<String, Pair<'h>> {
        let mut pairs = HashMap::new();
        for stored in &header.tensors {
            let pair = self.pair(stored);
            if pair.renamed > 0 || !pairs.contains_key(&pair.here) {
                pairs.insert(pair.here.clone(), pair);
            }
        }
        pairs
    }

    /// What the tensor is called here; of several renames that of the longest path.
    pub fn pair<'h>(&self, stored: &'h Stored) -> Pair<'h> {
        let renames = self.0.iter().filter_map(|(there, here)| Some((below(&stored.name, there)?, here)));
        match renames.min_by_key(|(rest, _)| rest.len()) {
            Some((rest, here)) => {
                Pair { stored, here: format!("{here}{rest}"), renamed: stored.name.len() - rest.len() }
            }
            None => Pair { stored, here: stored.name.clone(), renamed: 0 },
        }
    }

    /// What the user says that the tensor is called here, if anything.
    pub fn here(&self, stored: &Stored) -> Option<String> {
        let pair = self.pair(stored);
        (pair.renamed > 0).then_some(pair.here)
    }
}

/// What stands below a path, or at it: `/kernel` of `dense/kernel` below `dense`.
fn below<'n>(name: &'n str, path: &str) -> Option<&'n str> {
    name.strip_prefix(path).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path leads to any of these names; if not, the one like it.
fn known<'n>(path: &str, names: impl Iterator<Item = &'n str> + Clone) -> Result<(), Option<String>> {
    if names.clone().any(|name| below(name, path).is_some()) {
        return Ok(());
    }
    let prefixes = names.flat_map(|name| {
        let ends = name.match_indices('/').map(|(end, _)| end).chain([name.len()]);
        ends.map(move |end| &name[..end])
    });
    Err(nearest(path, prefixes).map(str::to_owned))
}

/// A tensor and what it is called in this model.
pub(super) struct Pair<'h> {
    pub stored: &'h Stored,
    pub here: String,
    /// How much of the tensor's name the user renamed.
    renamed: usize,
}

impl Pair<'_> {
    /// The layer around the tensor that stands elsewhere in the file's model, if any: the user neither renamed it nor
    /// chose its name in this model.
    pub fn displaced(&self, own: &Places, file: &Places) -> Option<Displaced> {
        let there = &self.stored.name;
        let around = self.here.len() - (there.len() - self.renamed);
        let ends = there.match_indices('/').map(|(end, _)| end).filter(|end| *end > self.renamed);
        ends.filter_map(|end| {
            let (here, there) = (&self.here[..around + end - self.renamed], &there[..end]);
            own.get(here).filter(|place| !place.chosen)?;
            own.displaced(here, file, there)
        })
        .next()
    }

    /// The layer around the tensor that may be another one here, as [`Places::doubtful`] says: the user neither renamed
    /// it nor chose its name.
    pub fn doubtful(&self, own: &Places, file: &Places) -> Option<Displaced> {
        let there = &self.stored.name;
        let ends = there.match_indices('/').map(|(end, _)| end).filter(|_| self.renamed == 0);
        let counted = ends.map(|end| &there[..end]).filter(|path| own.get(path).is_some_and(|place| !place.chosen));
        counted.filter_map(|path| own.doubtful(path, file)).next()
    }
}

//! The vocabulary that ids are looked up in.

/// Above the upper 16 bits of any id: behind all that there are.
pub(super) const NO_TOKEN: f32 = 65_536.0;

/// What an id is to a vocabulary.
pub(super) enum Found {
    Mask,
    At(usize),
    Nowhere,
}

/// A vocabulary, as it was given or as it was learnt, and the mask token, which is none of it.
pub(super) struct Tokens<'a> {
    given: Option<&'a [u32]>,
    learnt: &'a [[f32; 3]],
    mask: Option<u32>,
    /// The learnt place of the mask token: those behind it are one less.
    mask_at: Option<usize>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(given: Option<&'a [u32]>, learnt: &'a [[f32; 3]], mask: Option<u32>) -> Self {
        let mut tokens = Self { given, learnt, mask, mask_at: None };
        tokens.mask_at = mask.and_then(|mask| tokens.position(mask));
        tokens
    }

    fn position(&self, id: u32) -> Option<usize> {
        if let Some(given) = self.given {
            return given.iter().position(|token| *token == id);
        }
        let found = self.learnt.binary_search_by_key(&u64::from(id), |row| (row[0] as u64) << 16 | row[1] as u64);
        found.ok().map(|index| self.learnt[index][2] as usize)
    }

    pub(super) fn find(&self, id: u32) -> Found {
        if self.mask == Some(id) {
            return Found::Mask;
        }
        let Some(place) = self.position(id) else { return Found::Nowhere };
        Found::At(place - usize::from(self.mask_at.is_some_and(|mask| mask < place)))
    }
}

/// Writes the ids that are there most often, and how often among them, in ascending order.
#[cfg(feature = "alloc")]
pub(super) fn learn(ids: &[u32], vocabulary: &mut [[f32; 3]]) {
    use alloc::vec::Vec;
    use core::cmp::Reverse;

    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    let mut counted: Vec<(usize, u32)> = sorted.chunk_by(PartialEq::eq).map(|run| (run.len(), run[0])).collect();
    counted.sort_unstable_by_key(|counted| Reverse(*counted));
    counted.truncate(vocabulary.len());
    let mut places: Vec<(u32, usize)> = counted.iter().enumerate().map(|(place, (_, id))| (*id, place)).collect();
    places.sort_unstable();
    vocabulary.fill([NO_TOKEN; 3]);
    for (row, (id, place)) in vocabulary.iter_mut().zip(places) {
        *row = [(id >> 16) as f32, (id & 0xFFFF) as f32, place as f32];
    }
}

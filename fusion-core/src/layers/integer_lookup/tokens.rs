//! The vocabulary that ids are looked up in.

/// Above the upper 16 bits of any id: behind all that there are.
pub(super) const NO_TOKEN: f32 = 65_536.0;

/// What is kept of an id that was found: its upper and its lower 16 bits, its place by how often it was found, and the
/// weight of its count.
pub(super) type Row = [f32; 4];

/// The id of a row.
fn id_of(row: &Row) -> u64 {
    (row[0] as u64) << 16 | row[1] as u64
}

/// What an id is to a vocabulary.
pub(super) enum Found {
    Mask,
    At(usize),
    Nowhere,
}

/// A vocabulary, as it was given or as it was learnt, and the mask token, which is none of it.
pub(super) struct Tokens<'a> {
    given: Option<&'a [u32]>,
    learnt: &'a [Row],
    mask: Option<u32>,
    /// The learnt place of the mask token: those behind it are one less.
    mask_at: Option<usize>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(given: Option<&'a [u32]>, learnt: &'a [Row], mask: Option<u32>) -> Self {
        let mut tokens = Self { given, learnt, mask, mask_at: None };
        tokens.mask_at = mask.and_then(|mask| tokens.position(mask));
        tokens
    }

    fn position(&self, id: u32) -> Option<usize> {
        if let Some(given) = self.given {
            return given.iter().position(|token| *token == id);
        }
        let found = self.learnt.binary_search_by_key(&u64::from(id), id_of);
        found.ok().map(|index| self.learnt[index][2] as usize)
    }

    pub(super) fn find(&self, id: u32) -> Found {
        if self.mask == Some(id) {
            return Found::Mask;
        }
        let Some(place) = self.position(id) else { return Found::Nowhere };
        Found::At(self.without_mask(place))
    }

    /// A place among those that are left without the mask token.
    fn without_mask(&self, place: usize) -> usize {
        place - usize::from(self.mask_at.is_some_and(|mask| mask < place))
    }

    /// The id at a place: the contrary of [`find`](Self::find).
    pub(super) fn at(&self, place: usize) -> Option<u32> {
        if let Some(given) = self.given {
            return given.get(place).copied();
        }
        let place = place + usize::from(self.mask_at.is_some_and(|mask| mask <= place));
        self.rows().find(|row| row[2] as usize == place).map(|row| id_of(row) as u32)
    }

    /// The places of all learnt ids but the mask token, and the weights of their counts.
    pub(super) fn weights(&self) -> impl Iterator<Item = (usize, f32)> {
        let others = self.rows().filter(|row| self.mask_at != Some(row[2] as usize));
        others.map(|row| (self.without_mask(row[2] as usize), row[3]))
    }

    fn rows(&self) -> impl Iterator<Item = &'a Row> {
        self.learnt.iter().take_while(|row| row[0] < NO_TOKEN)
    }
}

/// Writes the ids that are there most often, and how often among them, in ascending order. So many ids after each other are
/// a document: the weight of an id that is in d of n documents is ln(1 + n / (1 + d)).
#[cfg(feature = "alloc")]
pub(super) fn learn(ids: &[u32], document: usize, vocabulary: &mut [Row]) {
    use alloc::vec::Vec;
    use core::cmp::Reverse;

    let documents = ids.len() / document.max(1);
    let mut sorted: Vec<(u32, usize)> = ids.iter().enumerate().map(|(at, id)| (*id, at / document)).collect();
    sorted.sort_unstable();
    let of_run = |run: &[(u32, usize)]| (run.len(), run[0].0, run.chunk_by(PartialEq::eq).count());
    let mut counted: Vec<(usize, u32, usize)> = sorted.chunk_by(|one, other| one.0 == other.0).map(of_run).collect();
    counted.sort_unstable_by_key(|counted| Reverse(*counted));
    counted.truncate(vocabulary.len());
    let places = counted.iter().enumerate();
    let mut places: Vec<(u32, usize, usize)> = places.map(|(place, (_, id, within))| (*id, place, *within)).collect();
    places.sort_unstable();
    vocabulary.fill([NO_TOKEN; 4]);
    for (row, (id, place, within)) in vocabulary.iter_mut().zip(places) {
        let weight = libm::log(1.0 + documents as f64 / (1.0 + within as f64)) as f32;
        *row = [(id >> 16) as f32, (id & 0xFFFF) as f32, place as f32, weight];
    }
}

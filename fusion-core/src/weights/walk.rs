//! The one walk over the weights of a model.

use core::fmt;

use super::{Array, Defaults, Entry, Kind, OptionsOf, Parameters};

/// Where an array of weights stands: the names of the models and the layer around it.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'static str,
}

impl Path<'_> {
    /// Whether these names, one or several with `/` between them, stand in it one after the other: `encoder`,
    /// `dense/kernel` and `bias` are such.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::{layers::Dense, weights::walk};
    /// let mut layer: Dense<2, 1> = Dense::new([[0.5], [-1.0]], [2.0]);
    /// let mut biases = 0;
    /// walk([&mut layer], &mut |parameter, _| biases += usize::from(parameter.path.contains("bias")));
    /// assert_eq!(biases, 1);
    /// ```
    #[must_use]
    pub fn contains(&self, names: &str) -> bool {
        self.ends_with(names) || self.parent.is_some_and(|parent| parent.contains(names))
    }

    fn ends_with(&self, names: &str) -> bool {
        match names.rsplit_once('/') {
            None => self.name == names,
            Some((before, last)) => self.name == last && self.parent.is_some_and(|parent| parent.ends_with(before)),
        }
    }

    /// The names, from the last to the first.
    #[cfg(feature = "training")]
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        core::iter::successors(Some(self), |path| path.parent).map(|path| path.name)
    }

    /// What stands before the last name.
    #[cfg(feature = "training")]
    pub(crate) const fn parent(&self) -> Option<&Self> {
        self.parent
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}/")?;
        }
        f.write_str(self.name)
    }
}

/// One array of weights, as [`walk`] shows it. Displays as Keras's path, `dense/kernel`.
pub struct Parameter<'a> {
    /// The layers it stands in, and its own name.
    pub path: Path<'a>,
    /// Whether an optimizer may move it: it is trainable itself and nothing around it is frozen.
    pub trainable: bool,
    /// What the table says of it.
    pub array: &'static Array,
}

impl Parameter<'_> {
    /// Its own name, `kernel`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.path.name
    }

    /// Whether it is an array of the layer itself, and of none within, of this name.
    pub(crate) fn is_own(&self, name: &str) -> bool {
        self.path.parent.is_none() && self.path.name == name
    }
}

impl fmt::Display for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

/// What [`walk`] calls for each array.
pub type Visit<'v, const K: usize> = dyn FnMut(&Parameter<'_>, [&mut [f32]; K]) + 'v;

/// Shows every array of `K` values of one type side by side, such as a model, its gradient and an optimizer's moments.
///
/// ```
/// # extern crate fusion_core as fusion;
/// use fusion::{layers::Dense, weights::walk};
/// let mut layer: Dense<2, 1> = Dense::new([[0.5], [-1.0]], [2.0]);
/// let mut names = Vec::new();
/// walk([&mut layer], &mut |parameter, [values]| names.push(format!("{parameter}: {values:?}")));
/// assert_eq!(names, ["kernel: [0.5, -1.0]", "bias: [2.0]"]);
/// ```
pub fn walk<P: Parameters, const K: usize>(these: [&mut P; K], visit: &mut Visit<'_, K>) {
    walk_with::<P, Defaults, K>(these, visit);
}

/// [`walk`] of a layer with these options.
pub(crate) fn walk_with<P: Parameters<O>, O: OptionsOf<P>, const K: usize>(
    these: [&mut P; K],
    visit: &mut Visit<'_, K>,
) {
    let these = these.map(|value| core::ptr::from_mut(value).cast());
    each(P::ENTRIES, None, false, &mut |parameter, offset| {
        // SAFETY: by the promise of `Parameters` the array of this entry lies in a `P` at this offset, as so many
        // `f32` in a row, and each of `these` is one that is borrowed exclusively until the call returns; no two
        // entries overlap, and only one is shown at a time.
        let values = these.map(|value: *mut u8| unsafe {
            core::slice::from_raw_parts_mut(value.add(offset).cast(), parameter.array.shape.length())
        });
        visit(parameter, values);
    });
}

/// Copies every array, and nothing else: what lies between them, of which nothing is known, stays as it is.
pub(crate) fn copy_arrays<P: Parameters<O>, O: OptionsOf<P>>(from: &P, to: &mut P) {
    let (from, to): (*const u8, *mut u8) = (core::ptr::from_ref(from).cast(), core::ptr::from_mut(to).cast());
    each(P::ENTRIES, None, false, &mut |parameter, offset| {
        // SAFETY: as in `walk`; `to` is borrowed exclusively, and so is another value than `from`.
        unsafe {
            let (from, to) = (from.add(offset).cast::<f32>(), to.add(offset).cast::<f32>());
            to.copy_from_nonoverlapping(from, parameter.array.shape.length());
        }
    });
}

/// [`walk`] over one value, to read.
pub fn walk_ref<P: Parameters>(this: &P, visit: &mut dyn FnMut(&Parameter<'_>, &[f32])) {
    walk_ref_with::<P, Defaults>(this, visit);
}

/// [`walk_ref`] of a layer with these options.
pub(crate) fn walk_ref_with<P: Parameters<O>, O: OptionsOf<P>>(
    this: &P,
    visit: &mut dyn FnMut(&Parameter<'_>, &[f32]),
) {
    let this: *const u8 = core::ptr::from_ref(this).cast();
    each(P::ENTRIES, None, false, &mut |parameter, offset| {
        // SAFETY: as in `walk`, with a shared borrow.
        let values = unsafe { core::slice::from_raw_parts(this.add(offset).cast(), parameter.array.shape.length()) };
        visit(parameter, values);
    });
}

/// [`walk`] over the table alone.
#[cfg(feature = "training")]
pub(crate) fn walk_entries<P: Parameters>(visit: &mut dyn FnMut(&Parameter<'_>)) {
    each(P::ENTRIES, None, false, &mut |parameter, _| visit(parameter));
}

/// The same of a layer with these options: calls back with each array and where it begins, in bytes.
pub(crate) fn walk_places<P: Parameters<O>, O: OptionsOf<P>>(visit: &mut dyn FnMut(&Parameter<'_>, usize)) {
    each(P::ENTRIES, None, false, visit);
}

/// Calls back for each array of these entries, with its offset; `around` is the path to them.
fn each(
    entries: &'static [Entry],
    around: Option<(&Path<'_>, usize)>,
    frozen: bool,
    visit: &mut dyn FnMut(&Parameter<'_>, usize),
) {
    for entry in entries {
        let path = Path { parent: around.map(|(path, _)| path), name: entry.name };
        let offset = around.map_or(0, |(_, offset)| offset) + entry.offset;
        match &entry.kind {
            Kind::Array(array) => visit(&Parameter { path, trainable: array.trainable && !frozen, array }, offset),
            Kind::Layer { entries, frozen: here } => each(entries, Some((&path, offset)), frozen || *here, visit),
        }
    }
}

/// Sets an array from numbers as files have them, little-endian: that of this index in the order of [`walk`].
///
/// A constant can do it, an array at a time.
///
/// # Panics
/// If there is no such array, or it has another number of numbers.
pub(crate) const fn write_array<P: Parameters>(this: &mut P, index: usize, bytes: &[u8]) {
    let mut left = index;
    let Some((offset, array)) = array_at(P::ENTRIES, 0, &mut left) else { panic!("there is no such array") };
    let length = array.shape.length();
    assert!(bytes.len() == length * size_of::<f32>(), "an array has as many numbers as its shape says");
    let this: *mut u8 = core::ptr::from_mut(this).cast();
    // SAFETY: as in `walk`, with an exclusive borrow; there are as many bytes, which are another's, and all are numbers.
    unsafe { this.add(offset).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) }
    let mut i = 0;
    while cfg!(target_endian = "big") && i < length {
        // SAFETY: as above.
        unsafe {
            let number = this.add(offset).cast::<u32>().add(i);
            number.write(number.read().swap_bytes());
        }
        i += 1;
    }
}

/// The array so far in the order of [`walk`], of entries at this offset: its own offset, and what is known of it.
const fn array_at(entries: &'static [Entry], around: usize, left: &mut usize) -> Option<(usize, &'static Array)> {
    let mut i = 0;
    while i < entries.len() {
        let offset = around + entries[i].offset;
        match &entries[i].kind {
            Kind::Array(array) if *left == 0 => return Some((offset, array)),
            Kind::Array(_) => *left -= 1,
            Kind::Layer { entries, .. } => {
                if let Some(found) = array_at(entries, offset, left) {
                    return Some(found);
                }
            }
        }
        i += 1;
    }
    None
}

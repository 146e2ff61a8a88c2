//! A wire as ONNX sees it, and as it lies in Keras's order.
//!
//! PyTorch has channels first, and turns, splits and joins axes as it goes; Keras has them last. So each axis, of both, is a
//! list of atoms, which are never divided further than someone asked: that an image is turned, or flattened, is then only
//! another list over the same tensor, and a layer that moves numbers is written where one is needed alone.

use super::error::Refused;
use super::layers::Place;
use super::tensor::product;

/// A wire.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    /// The tensor of Keras's that it is.
    pub place: Place,
    /// How long each atom is; that of the batch is the first.
    pub atoms: Vec<usize>,
    /// ONNX's axes. One of a single place has no atoms.
    pub axes: Vec<Vec<usize>>,
    /// Keras's axes; the first is the batch alone.
    pub order: Vec<Vec<usize>>,
    /// Whether nothing else takes the tensor.
    pub sole: bool,
}

/// The atom of the batch.
pub(super) const BATCH: usize = 0;

impl View {
    /// A tensor whose axes are all of one atom: of each of ONNX's its length, and which of them are Keras's in order.
    pub fn new(place: Place, shape: &[usize], batch: usize, order: &[usize]) -> Self {
        let mut atoms = vec![shape[batch]];
        let mut axes = Vec::new();
        for (axis, side) in shape.iter().enumerate() {
            axes.push(match (axis == batch, *side) {
                (true, _) => vec![BATCH],
                (false, 1) => Vec::new(),
                (false, side) => {
                    atoms.push(side);
                    vec![atoms.len() - 1]
                }
            });
        }
        let order = order.iter().map(|axis| axes[*axis].clone()).collect();
        Self { place, atoms, axes, order, sole: true }
    }

    pub fn rank(&self) -> usize {
        self.axes.len()
    }

    /// How long an axis of these atoms is.
    pub fn length(&self, axis: &[usize]) -> usize {
        product(&axis.iter().map(|atom| self.atoms[*atom]).collect::<Vec<_>>())
    }

    /// The shape in ONNX.
    pub fn shape(&self) -> Vec<usize> {
        self.axes.iter().map(|axis| self.length(axis)).collect()
    }

    /// The shape in Keras, without the batch.
    pub fn sides(&self) -> Vec<usize> {
        self.order[1..].iter().map(|axis| self.length(axis)).collect()
    }

    /// Keras's last axis.
    pub fn last(&self) -> &[usize] {
        self.order[1..].last().map_or(&[], Vec::as_slice)
    }

    /// Which of ONNX's axes has the batch, if it is alone there.
    pub fn batch_axis(&self) -> Option<usize> {
        self.axes.iter().position(|axis| *axis == [BATCH])
    }

    /// A new atom of this length; none of a single place.
    pub fn atom(&mut self, length: usize) -> Vec<usize> {
        if length == 1 {
            return Vec::new();
        }
        self.atoms.push(length);
        vec![self.atoms.len() - 1]
    }

    /// The same tensor by other axes of ONNX's.
    pub fn with_axes(&self, axes: Vec<Vec<usize>>) -> Self {
        Self { axes, ..self.clone() }
    }

    /// With the axes in this order.
    pub fn transposed(&self, axes: &[usize]) -> Self {
        self.with_axes(axes.iter().map(|axis| self.axes[*axis].clone()).collect())
    }

    /// Without the atoms that no axis has any more, which would be more and more from layer to layer.
    pub fn compact(mut self) -> Self {
        let mut new = vec![usize::MAX; self.atoms.len()];
        new[BATCH] = BATCH;
        let mut atoms = vec![self.atoms[BATCH]];
        for axis in self.axes.iter_mut().chain(&mut self.order) {
            for atom in axis {
                if new[*atom] == usize::MAX {
                    new[*atom] = atoms.len();
                    atoms.push(self.atoms[*atom]);
                }
                *atom = new[*atom];
            }
        }
        self.atoms = atoms;
        self
    }

    /// Divides an atom; the first of the two keeps its number.
    fn divide(&mut self, atom: usize, outer: usize) {
        let inner = self.atoms[atom] / outer;
        self.atoms[atom] = outer;
        let new = self.atoms.len();
        self.atoms.push(inner);
        for axis in self.axes.iter_mut().chain(&mut self.order) {
            if let Some(at) = axis.iter().position(|known| *known == atom) {
                axis.insert(at + 1, new);
            }
        }
    }

    /// By axes of these lengths, if no atom has to be divided in a way that it is not a product.
    pub fn reshaped(&self, shape: &[usize]) -> Option<Self> {
        let mut view = self.clone();
        let mut left: Vec<usize> = view.axes.concat();
        left.reverse();
        let mut axes = Vec::new();
        for (at, side) in shape.iter().enumerate() {
            let (mut axis, mut length) = (Vec::new(), 1);
            // A batch of a single place goes into an axis of one.
            let may_be_batch = *side == 1 && left.last() == Some(&BATCH) && view.atoms[BATCH] == 1;
            while length < *side || (may_be_batch && axis.is_empty()) {
                let atom = left.pop()?;
                let wanted = side / length;
                let own = view.atoms[atom];
                if side % length != 0 || (wanted % own != 0 && (!own.is_multiple_of(wanted) || atom == BATCH)) {
                    return None;
                }
                if wanted % own != 0 {
                    view.divide(atom, wanted);
                    left.push(view.atoms.len() - 1);
                }
                length *= view.atoms[atom];
                axis.push(atom);
            }
            // One at the end belongs to the last axis.
            if at + 1 == shape.len() && left == [BATCH] && view.atoms[BATCH] == 1 {
                axis.append(&mut left);
            }
            axes.push(axis);
        }
        if !left.is_empty() {
            return None;
        }
        view.axes = axes;
        Some(view)
    }

    /// Divides the atoms of two axes of one length until they are as many of the same lengths.
    pub fn match_atoms(&mut self, axis: usize, other: &mut Self, of_other: usize) -> Result<(), Refused> {
        let unlike = || Refused::own_layer("joins wires whose axes are put together in different ways");
        let mut at = 0;
        loop {
            match (self.axes[axis].get(at).copied(), other.axes[of_other].get(at).copied()) {
                (None, None) => return Ok(()),
                (Some(a), Some(b)) if (a == BATCH) != (b == BATCH) => return Err(unlike()),
                (Some(a), Some(b)) => {
                    let (x, y) = (self.atoms[a], other.atoms[b]);
                    if x > y && x % y == 0 {
                        self.divide(a, y);
                    } else if y > x && y % x == 0 {
                        other.divide(b, x);
                    } else if x != y {
                        return Err(unlike());
                    }
                }
                _ => return Err(unlike()),
            }
            at += 1;
        }
    }

    /// How far apart neighbours along each atom are in an array that goes together with this wire's shape; 0 where it does
    /// not vary.
    pub fn strides_of(&self, shape: &[usize]) -> Result<Vec<usize>, Refused> {
        let unfitting = || Refused::damaged(format!("{shape:?} does not go together with {:?}", self.shape()));
        let behind = self.rank().checked_sub(shape.len()).ok_or_else(unfitting)?;
        let own = super::tensor::strides(shape);
        let mut strides = vec![0; self.atoms.len()];
        for (at, side) in shape.iter().enumerate() {
            let axis = &self.axes[behind + at];
            if *side != 1 && *side != self.length(axis) {
                return Err(unfitting());
            }
            let mut stride = own[at];
            for atom in axis.iter().rev().filter(|_| *side != 1) {
                strides[*atom] = stride;
                stride *= self.atoms[*atom];
            }
        }
        Ok(strides)
    }
}

/// Without the sides of 1 in front.
pub(super) fn trimmed(order: &[Vec<usize>]) -> &[Vec<usize>] {
    let first = order[1..].iter().position(|axis| !axis.is_empty()).unwrap_or(order.len() - 1);
    &order[1 + first..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> View {
        View::new(Place { layer: 0, output: 0 }, &[7, 3, 4, 5], 0, &[0, 2, 3, 1])
    }

    #[test]
    fn what_is_flattened_is_the_same_tensor() {
        let flat = image().reshaped(&[7, 60]).unwrap();
        assert_eq!((flat.axes[1].clone(), flat.sides()), (vec![1, 2, 3], vec![4, 5, 3]));
        let again = flat.reshaped(&[7, 3, 20]).unwrap().reshaped(&[7, 3, 4, 5]).unwrap();
        assert_eq!(again, image());
    }

    #[test]
    fn axes_are_divided_where_they_must_be() {
        let heads = View::new(Place { layer: 0, output: 0 }, &[7, 9, 12], 0, &[0, 1, 2]);
        let heads = heads.reshaped(&[7, 9, 3, 4]).unwrap();
        assert_eq!((heads.shape(), heads.sides()), (vec![7, 9, 3, 4], vec![9, 12]));
        let heads = heads.transposed(&[0, 2, 1, 3]).reshaped(&[21, 9, 4]).unwrap();
        assert_eq!(heads.axes[0], [BATCH, 2]);
        assert_eq!(heads.reshaped(&[7, 4, 27]), None);
    }

    #[test]
    fn a_batch_of_one_is_not_lost() {
        let one = View::new(Place { layer: 0, output: 0 }, &[1, 9, 12], 0, &[0, 1, 2]);
        let flat = one.transposed(&[1, 0, 2]).reshaped(&[9, 12]).unwrap();
        assert_eq!(flat.reshaped(&[9, 1, 12]).unwrap().batch_axis(), Some(1));
    }
}

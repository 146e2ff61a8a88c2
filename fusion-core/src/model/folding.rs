//! Which steps of a prepared model are folded into the one before: worked out once, as constants.

use crate::layer::{Folding, From, StepNode};

/// What becomes of a step in a prepared model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Folds {
    /// It is as it is.
    Nothing,
    /// The scale and the offset of the step of this index are in its weights.
    Step(usize),
    /// It is in the weights of the step of this index, which writes what this one gives.
    IntoStep(usize),
}

/// What becomes of all steps.
pub(super) struct AllFolds<const STEPS: usize> {
    pub(super) steps: [Folds; STEPS],
    /// Whether any is folded.
    pub(super) any: bool,
}

/// Which of these steps are folded, some of them giving what the model gives: those that scale what a linear step gives,
/// which nothing else reads, where neither layer is used elsewhere.
pub(super) const fn folds<const STEPS: usize>(steps: &[StepNode; STEPS], outputs: &[usize]) -> AllFolds<STEPS> {
    let (mut folds, mut i) = (AllFolds { steps: [Folds::Nothing; STEPS], any: false }, 0);
    while i < STEPS {
        if let Some(before) = folds_into(steps, outputs, i) {
            (folds.steps[before], folds.steps[i]) = (Folds::Step(i), Folds::IntoStep(before));
            folds.any = true;
        }
        i += 1;
    }
    folds
}

/// The step that the step of this index is folded into.
const fn folds_into(steps: &[StepNode], outputs: &[usize], index: usize) -> Option<usize> {
    let step = &steps[index];
    if let (Folding::Scales, [source]) = (step.folding, step.operands)
        && let From::Step(before) = source.from
        && matches!(steps[before].folding, Folding::Linear)
        && is_used_once(steps, step.layer)
        && is_used_once(steps, steps[before].layer)
        && is_read_once(steps, outputs, before)
    {
        return Some(before);
    }
    None
}

/// Whether this is a layer of one step.
const fn is_used_once(steps: &[StepNode], layer: Option<usize>) -> bool {
    let Some(layer) = layer else { return false };
    let (mut uses, mut i) = (0, 0);
    while i < steps.len() {
        if let Some(other) = steps[i].layer
            && other == layer
        {
            uses += 1;
        }
        i += 1;
    }
    uses == 1
}

/// Whether one step reads what this one gives, and nothing else does.
const fn is_read_once(steps: &[StepNode], outputs: &[usize], step: usize) -> bool {
    let (mut reads, mut i) = (0, 0);
    while i < steps.len() {
        let mut operand = 0;
        while operand < steps[i].operands.len() {
            if let From::Step(from) = steps[i].operands[operand].from
                && from == step
            {
                reads += 1;
            }
            operand += 1;
        }
        i += 1;
    }
    i = 0;
    while i < outputs.len() {
        if outputs[i] == step {
            reads += 1;
        }
        i += 1;
    }
    reads == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::{Folding, Needs, Output, Source};
    use crate::shape::Shape;

    /// A linear step, one that scales what it gives, and one that reads that: of these layers and these wires, some of which
    /// are outputs.
    fn of(layers: [usize; 3], read: usize, outputs: &[usize]) -> bool {
        let step = |folding, layer, from: Source| {
            let step = StepNode::new(Output::new(Shape::new(&[4])), Needs::NONE).folding(folding);
            step.of(layer, Vec::leak(vec![from]))
        };
        let steps = [
            step(Folding::Linear, layers[0], Source::input(0)),
            step(Folding::Scales, layers[1], Source::step(0)),
            step(Folding::Nothing, layers[2], Source::step(read)),
        ];
        let folds = folds(&steps, outputs);
        let expected = [Folds::Step(1), Folds::IntoStep(0), Folds::Nothing];
        assert_eq!(folds.steps, if folds.any { expected } else { [Folds::Nothing; 3] });
        folds.any
    }

    #[test]
    fn what_others_read_or_share_is_not_folded() {
        assert!(of([0, 1, 2], 1, &[2]));
        assert!(of([0, 1, 2], 1, &[1, 2]));
        assert!(!of([0, 1, 2], 0, &[1, 2]));
        assert!(!of([0, 1, 2], 1, &[0, 2]));
        assert!(!of([0, 1, 0], 1, &[2]));
        assert!(!of([0, 1, 1], 1, &[2]));
    }
}

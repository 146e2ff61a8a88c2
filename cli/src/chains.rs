//! Calls → chains, as a person writes them down: a branch where a wire is used twice, or where wires meet.

use std::collections::{HashMap, HashSet};

use crate::graph::{Graph, Wire};
use crate::layers::Step;

/// `branch x = a => Dense<_, 8, Relu>;`, or an output.
#[derive(Debug, Clone)]
pub struct Chain {
    pub source: Source,
    pub elements: Vec<Element>,
    /// All its calls, in the order in which their layers are numbered.
    pub calls: Vec<usize>,
    /// What it gives, one wire unless its last layer gives several.
    pub wires: Vec<Option<Wire>>,
    /// Which of the model's outputs it is.
    pub output: Option<usize>,
}

/// Where a chain begins.
#[derive(Debug, Clone)]
pub enum Source {
    Wire(Wire),
    /// A merge, a slice or arithmetic: the call.
    Expression(usize),
    /// `(query = x, value = y)`, for the first element.
    Named(usize),
}

/// A piece of a chain between two arrows.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    Call(usize),
    /// Each of the two the first time.
    Repeat(usize, Vec<Element>),
    /// So many uses of the block with this place among the blocks.
    Block {
        times: usize,
        block: usize,
    },
}

/// `block residual(x) { branch h = x => …; output h + x; }`: what one repetition is, by the calls of the first.
#[derive(Debug, Clone)]
pub struct Block {
    pub inner: Vec<Element>,
    /// The merge, and whether the way past it is its first operand.
    pub merge: usize,
    pub past_comes_first: bool,
    pub behind: Vec<Element>,
}

/// What stands for each call.
pub struct Context<'a> {
    pub graph: &'a Graph<'a>,
    pub steps: &'a [Step],
    /// How many wires each call gives.
    pub outputs: &'a [usize],
    /// Whether a layer's name is written, which keeps it out of repetitions.
    pub named: &'a [bool],
    /// Whether a call's layer is not trained.
    pub frozen: &'a [bool],
}

impl Context<'_> {
    fn is_expression(&self, call: usize) -> bool {
        !matches!(self.steps[call], Step::Layer { .. })
    }

    /// How often each wire is taken, the model's outputs among them.
    pub fn uses(&self) -> HashMap<Wire, usize> {
        let mut uses = HashMap::new();
        let operands = self.graph.calls.iter().flat_map(|call| call.operands.iter().map(|operand| operand.wire));
        for wire in operands.chain(self.graph.outputs.iter().copied()) {
            *uses.entry(wire).or_insert(0) += 1;
        }
        uses
    }

    /// Whether two elements are the same to read.
    fn same(&self, a: &Element, b: &Element) -> bool {
        match (a, b) {
            (Element::Call(a), Element::Call(b)) => {
                let plain = |call: usize| !self.named[call];
                plain(*a) && plain(*b) && self.steps[*a] == self.steps[*b] && self.frozen[*a] == self.frozen[*b]
            }
            _ => false,
        }
    }

    fn all_same(&self, a: &[Element], b: &[Element]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same(a, b))
    }
}

/// The chains in the order in which they are declared, outputs behind the branches, and the blocks they use.
pub fn chains(context: &Context<'_>) -> (Vec<Chain>, Vec<Block>) {
    let uses = context.uses();
    let graph = context.graph;
    // The chain that ends with a wire.
    let mut ends: HashMap<Wire, usize> = HashMap::new();
    let mut chains: Vec<Option<Chain>> = Vec::new();
    for (index, call) in graph.calls.iter().enumerate() {
        let goes_on = match call.operands.as_slice() {
            [operand] if !context.is_expression(index) && uses[&operand.wire] == 1 => ends.remove(&operand.wire),
            _ => None,
        };
        let mut chain = match goes_on {
            Some(chain) => chains[chain].take().expect("a chain goes on once"),
            None => {
                let source = match call.operands.as_slice() {
                    _ if context.is_expression(index) => Source::Expression(index),
                    [operand] => Source::Wire(operand.wire),
                    _ => Source::Named(index),
                };
                Chain { source, elements: Vec::new(), calls: Vec::new(), wires: Vec::new(), output: None }
            }
        };
        if !context.is_expression(index) {
            chain.elements.push(Element::Call(index));
        }
        chain.calls.push(index);
        let wires = (0..context.outputs[index]).map(|output| Wire::Output { call: index, output });
        chain.wires = wires.map(|wire| uses.contains_key(&wire).then_some(wire)).collect();
        if let [Some(wire)] = chain.wires.as_slice() {
            ends.insert(*wire, chains.len());
        }
        chains.push(Some(chain));
    }
    let mut chains: Vec<Chain> = chains.into_iter().flatten().collect();
    let mut blocks = Vec::new();
    repeat_blocks(context, &uses, &mut chains, &mut blocks);
    inline(context, &uses, &mut chains);
    for chain in &mut chains {
        chain.elements = repeated(context, std::mem::take(&mut chain.elements));
    }
    (with_outputs(graph, &uses, chains), blocks)
}

/// A merge, a slice or a sum that only another merge takes stands there, `add(dot(x, y, axes = 1), z)`, and not as a branch:
/// not within one that itself stands in another.
fn inline(context: &Context<'_>, uses: &HashMap<Wire, usize>, chains: &mut Vec<Chain>) {
    let mut index = 0;
    let mut full: HashSet<usize> = HashSet::new();
    while index < chains.len() {
        let chain = &chains[index];
        let place = match (&chain.source, chain.wires.as_slice()) {
            (Source::Expression(call), [Some(wire)])
                if chain.elements.is_empty() && uses[wire] == 1 && !context.named[*call] =>
            {
                let taker = chains.iter().position(|taker| match taker.source {
                    Source::Expression(outer) => takes(context, outer, *wire) && may_stand_in(context, *call, outer),
                    _ => false,
                });
                taker.filter(|_| !full.contains(call))
            }
            _ => None,
        };
        match (place, &chains[index].source) {
            (Some(taker), Source::Expression(_)) => {
                let inner = chains[index].calls.clone();
                if let Source::Expression(outer) = chains[taker].source {
                    full.insert(outer);
                }
                chains[taker].calls.splice(0..0, inner);
                chains.remove(index);
            }
            _ => index += 1,
        }
    }
}

fn takes(context: &Context<'_>, call: usize, wire: Wire) -> bool {
    context.graph.calls[call].operands.iter().any(|operand| operand.wire == wire)
}

/// Whether an expression is read without parentheses within another one.
fn may_stand_in(context: &Context<'_>, inner: usize, outer: usize) -> bool {
    let outside = match &context.steps[outer] {
        Step::Merge { operator, .. } => *operator,
        _ => return matches!((&context.steps[inner], &context.steps[outer]), (Step::Slice(_), Step::Arithmetic(..))),
    };
    let outside = outside.filter(|_| !context.named[outer]);
    let is_plain = matches!(context.steps[inner], Step::Slice(_) | Step::Merge { operator: None, .. });
    let is_product = matches!(context.steps[inner], Step::Merge { operator: Some('*'), .. });
    outside.is_none() || is_plain || (is_product && matches!(outside, Some('+' | '-')))
}

/// The outputs as chains of their own, in the model's order.
fn with_outputs(graph: &Graph<'_>, uses: &HashMap<Wire, usize>, mut chains: Vec<Chain>) -> Vec<Chain> {
    let mut outputs = Vec::new();
    for (place, wire) in graph.outputs.iter().enumerate() {
        let own = chains.iter().position(|chain| uses[wire] == 1 && chain.wires == [Some(*wire)]);
        let mut output = match own {
            Some(own) => chains.remove(own),
            None => Chain {
                source: Source::Wire(*wire),
                elements: Vec::new(),
                calls: Vec::new(),
                wires: Vec::new(),
                output: None,
            },
        };
        output.output = Some(place);
        outputs.push(output);
    }
    chains.extend(outputs);
    chains
}

/// `repeat 3 { … }` in place of the same elements again and again.
fn repeated(context: &Context<'_>, elements: Vec<Element>) -> Vec<Element> {
    let mut written = Vec::new();
    let mut at = 0;
    while at < elements.len() {
        let (length, times) = most_repeated(context, &elements[at..]);
        if times > 1 {
            written.push(Element::Repeat(times, elements[at..at + length].to_vec()));
        } else {
            written.push(elements[at].clone());
        }
        at += length * times;
    }
    written
}

/// Whether a layer belongs to the one before it, so that no repetition is read from it on.
fn follows_another(context: &Context<'_>, element: &Element) -> bool {
    let Element::Call(call) = element else { return false };
    let class = &context.graph.model.layers[context.graph.calls[*call].layer].class;
    let follows = ["BatchNormalization", "LayerNormalization", "Activation", "ReLU", "Dropout", "MaxPooling2D"];
    follows.contains(&class.as_str())
}

/// How many elements are there how often, from the first on: the repetition that covers most.
fn most_repeated(context: &Context<'_>, elements: &[Element]) -> (usize, usize) {
    let mut best = (1, 1);
    if follows_another(context, &elements[0]) {
        return best;
    }
    // Nobody looks for longer ones.
    for length in 1..=(elements.len() / 2).min(12) {
        let mut times = 1;
        while elements.len() >= (times + 1) * length
            && context.all_same(&elements[..length], &elements[times * length..(times + 1) * length])
        {
            times += 1;
        }
        let long = match &elements[0] {
            Element::Call(call) => context.steps[*call].text().len() > 24,
            _ => false,
        };
        let worth_it = times > 2 || (times == 2 && (length > 1 || long));
        if worth_it && length * times > best.0 * best.1 {
            best = (length, times);
        }
    }
    best
}

/// A chain that leaves a wire and is joined with it again.
struct Residual {
    inner: usize,
    outer: usize,
    merge: usize,
    past_comes_first: bool,
}

/// Chains that are joined with what they began with, again and again, become uses of a block.
fn repeat_blocks(context: &Context<'_>, uses: &HashMap<Wire, usize>, chains: &mut Vec<Chain>, blocks: &mut Vec<Block>) {
    let mut start = 0;
    while start < chains.len() {
        let run = run_of_residuals(context, uses, chains, start);
        if run.len() > 1 {
            let first = &run[0];
            let block = Block {
                inner: repeated(context, chains[first.inner].elements.clone()),
                merge: first.merge,
                past_comes_first: first.past_comes_first,
                behind: repeated(context, chains[first.outer].elements.clone()),
            };
            let behind = chains[first.outer].elements.len();
            let mut whole = chains[start].clone();
            whole.elements = std::mem::take(&mut whole.elements);
            whole.elements.push(Element::Block { times: run.len(), block: blocks.len() });
            for residual in &run {
                whole.calls.extend(&chains[residual.inner].calls);
                whole.calls.extend(&chains[residual.outer].calls);
            }
            let last = &chains[run[run.len() - 1].outer];
            whole.elements.extend(last.elements[behind..].iter().cloned());
            whole.wires.clone_from(&last.wires);
            blocks.push(block);
            let mut gone: Vec<usize> = run.iter().flat_map(|residual| [residual.inner, residual.outer]).collect();
            gone.sort_unstable();
            let place = gone[gone.len() - 1];
            chains[place] = whole;
            gone.pop();
            gone.push(start);
            gone.sort_unstable();
            gone.iter().rev().for_each(|index| drop(chains.remove(*index)));
            start = 0;
            continue;
        }
        start += 1;
    }
}

/// The residuals that follow one another, from the end of a chain on.
fn run_of_residuals(
    context: &Context<'_>,
    uses: &HashMap<Wire, usize>,
    chains: &[Chain],
    start: usize,
) -> Vec<Residual> {
    let mut run: Vec<Residual> = Vec::new();
    let mut from = start;
    while let [Some(wire)] = chains[from].wires.as_slice() {
        let Some(next) = residual(context, uses, chains, *wire) else { break };
        if let Some(first) = run.first() {
            let (length, elements) = (chains[first.outer].elements.len(), &chains[next.outer].elements);
            let same = context.all_same(&chains[first.inner].elements, &chains[next.inner].elements)
                && context.steps[first.merge] == context.steps[next.merge]
                && !context.named[next.merge]
                && first.past_comes_first == next.past_comes_first
                && elements.len() >= length
                && context.all_same(&chains[first.outer].elements, &elements[..length]);
            // Of those before the last, nothing may follow.
            let before = &run[run.len() - 1];
            if !same || chains[before.outer].elements.len() != length {
                break;
            }
        }
        from = next.outer;
        run.push(next);
    }
    run
}

fn residual(context: &Context<'_>, uses: &HashMap<Wire, usize>, chains: &[Chain], wire: Wire) -> Option<Residual> {
    if uses.get(&wire) != Some(&2) {
        return None;
    }
    let inner = chains.iter().position(|chain| matches!(chain.source, Source::Wire(source) if source == wire))?;
    let [Some(made)] = chains[inner].wires.as_slice() else { return None };
    if uses.get(made) != Some(&1)
        || chains[inner].elements.iter().any(|element| !matches!(element, Element::Call(call) if !context.named[*call]))
    {
        return None;
    }
    let (outer, merge) = chains.iter().enumerate().find_map(|(index, chain)| match chain.source {
        Source::Expression(call) => {
            let operands: Vec<Wire> = context.graph.calls[call].operands.iter().map(|operand| operand.wire).collect();
            (operands == [*made, wire] || operands == [wire, *made]).then_some((index, call))
        }
        _ => None,
    })?;
    if !matches!(context.steps[merge], Step::Merge { .. }) || context.named[merge] {
        return None;
    }
    let past_comes_first = context.graph.calls[merge].operands[0].wire == wire;
    Some(Residual { inner, outer, merge, past_comes_first })
}

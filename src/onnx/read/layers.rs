//! Keras's layers as they are made, node by node.

use serde_json::{Map, Value};

use super::error::Refused;
use super::tensor::product;
use super::view::View;
use crate::keras::Weight;

/// The most numbers of a sample that a wire may have.
const MOST: usize = 1 << 32;

/// What a layer gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub layer: usize,
    pub output: usize,
}

/// A layer, an operation of `keras.ops`, or what stands for something that is none of both alone.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub class: String,
    pub kind: Kind,
    /// What the file calls it, where that says something.
    pub name: Option<String>,
    pub options: Map<String, Value>,
    pub arguments: Vec<Argument>,
    pub named: Vec<(String, Argument)>,
    pub weights: Vec<Weight>,
    /// Of each wire that it gives the shape, without the batch.
    pub shapes: Vec<Vec<usize>>,
    /// What it does at each place alone, if it does.
    pub function: Option<Function>,
    /// The node that it is of.
    pub node: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Input,
    Layer,
    Operation,
    /// Something that only a layer around it can be: if nothing is, this is what is in the way.
    Part {
        part: Part,
        what: String,
        instead: String,
    },
}

/// A piece of a larger layer.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// None that is known.
    Unknown,
    /// How near queries and keys are.
    Scores { query: Box<View>, key: Box<View> },
    /// Scores of which some are left out: those of later steps.
    Causal,
    /// Values by their weights.
    Attended { weights: Place, value: Box<View> },
}

#[derive(Clone, Debug)]
pub(super) enum Argument {
    Wire(Place),
    List(Vec<Place>),
    Value(Value),
}

impl Argument {
    pub fn places(&self) -> &[Place] {
        match self {
            Self::Wire(place) => std::slice::from_ref(place),
            Self::List(places) => places,
            Self::Value(_) => &[],
        }
    }
}

/// What becomes of a number, or of two.
#[derive(Clone, Copy, Debug)]
pub(super) enum Function {
    One(fn(f32) -> f32),
    /// With a constant, which is the first or the second of the two.
    Constant {
        of: fn(f32, f32) -> f32,
        constant: f32,
        is_first: bool,
    },
    Two(fn(f32, f32) -> f32),
}

impl Layer {
    pub fn new(class: impl Into<String>, takes: Place) -> Self {
        Self {
            class: class.into(),
            kind: Kind::Layer,
            name: None,
            options: Map::new(),
            arguments: vec![Argument::Wire(takes)],
            named: Vec::new(),
            weights: Vec::new(),
            shapes: Vec::new(),
            function: None,
            node: 0,
        }
    }

    /// A layer of several wires in a list.
    pub fn merge(class: impl Into<String>, takes: Vec<Place>) -> Self {
        Self { arguments: vec![Argument::List(takes)], ..Self::new(class, Place { layer: 0, output: 0 }) }
    }

    pub fn option(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.options.insert(name.to_owned(), value.into());
        self
    }

    pub fn named(mut self, name: Option<String>) -> Self {
        self.name = name;
        self
    }

    pub fn weight(mut self, name: &str, shape: Vec<usize>, values: Vec<f32>) -> Self {
        self.weights.push(Weight { name: name.to_owned(), shape, values });
        self
    }

    /// A weight that may be left out.
    pub fn weight_if(self, name: &str, values: Option<Vec<f32>>) -> Self {
        match values {
            Some(values) => self.weight(name, vec![values.len()], values),
            None => self,
        }
    }

    pub fn operation(mut self) -> Self {
        self.kind = Kind::Operation;
        self
    }

    pub fn part(mut self, part: Part, what: impl Into<String>, instead: impl Into<String>) -> Self {
        self.kind = Kind::Part { part, what: what.into(), instead: instead.into() };
        self
    }

    pub fn computing(mut self, function: Function) -> Self {
        self.function = Some(function);
        self
    }

    /// The weight of this name.
    pub fn weight_mut(&mut self, name: &str) -> Option<&mut Weight> {
        self.weights.iter_mut().find(|weight| weight.name == name)
    }

    /// The wires that it takes.
    pub fn takes(&self) -> Vec<Place> {
        let named = self.named.iter().map(|(_, argument)| argument);
        self.arguments.iter().chain(named).flat_map(Argument::places).copied().collect()
    }

    /// The same, to be changed.
    pub fn takes_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let named = self.named.iter_mut().map(|(_, argument)| argument);
        self.arguments.iter_mut().chain(named).flat_map(|argument| match argument {
            Argument::Wire(place) => std::slice::from_mut(place),
            Argument::List(places) => places.as_mut_slice(),
            Argument::Value(_) => &mut [],
        })
    }

    /// Whether it is a layer with a kernel whose activation is none yet.
    pub fn is_linear(&self) -> bool {
        const LINEAR: [&str; 9] = [
            "Dense",
            "Conv1D",
            "Conv2D",
            "Conv3D",
            "DepthwiseConv1D",
            "DepthwiseConv2D",
            "Conv1DTranspose",
            "Conv2DTranspose",
            "Conv3DTranspose",
        ];
        LINEAR.contains(&self.class.as_str()) && !self.options.contains_key("activation")
    }
}

/// All layers so far.
#[derive(Default)]
pub(super) struct Layers {
    pub all: Vec<Layer>,
    /// The node that is being read.
    pub node: usize,
}

impl Layers {
    /// A layer that gives wires of these shapes.
    pub fn add_several(&mut self, mut layer: Layer, shapes: Vec<Vec<usize>>) -> Result<Place, Refused> {
        if shapes.iter().any(|shape| product(shape) > MOST) {
            return Err(Refused::TooMuch { what: "numbers in a wire", limit: MOST as u64 });
        }
        if shapes.iter().flatten().any(|side| *side == 0) {
            return Err(Refused::damaged("a wire has no places"));
        }
        layer.shapes = shapes;
        layer.node = self.node;
        self.all.push(layer);
        Ok(Place { layer: self.all.len() - 1, output: 0 })
    }

    pub fn add(&mut self, layer: Layer, shape: Vec<usize>) -> Result<Place, Refused> {
        self.add_several(layer, vec![shape])
    }

    /// A layer whose output is as its input.
    pub fn add_like(&mut self, layer: Layer, view: &View) -> Result<View, Refused> {
        let place = self.add(layer, view.sides())?;
        Ok(View { place, sole: true, ..view.clone() })
    }

    pub fn of(&self, view: &View) -> &Layer {
        &self.all[view.place.layer]
    }

    /// The same tensor with its axes by these atoms, through `Reshape`, `Flatten` and `Permute` where it lies otherwise.
    pub fn arranged(&mut self, view: &View, wanted: Vec<Vec<usize>>) -> Result<View, Refused> {
        if view.order == wanted {
            return Ok(view.clone());
        }
        let (mut there, mut want) = (view.order.concat(), wanted.concat());
        if wanted.first() != view.order.first() {
            return Err(Refused::own_layer("moves numbers from one sample of the batch to another"));
        }
        if there == want {
            return self.regrouped(view, wanted);
        }
        let as_it_is = wanted.iter().map(|axis| view.order.iter().position(|known| known == axis));
        if let (Some(axes), true) = (as_it_is.collect::<Option<Vec<_>>>(), !wanted[1..].iter().any(Vec::is_empty)) {
            let all_there = wanted.len() == view.order.len();
            let from = if all_there { view.clone() } else { self.regrouped(view, without_ones(&view.order))? };
            let axes = if all_there {
                axes
            } else {
                wanted.iter().filter_map(|axis| from.order.iter().position(|known| known == axis)).collect()
            };
            return self.permuted(&from, &axes);
        }
        there.sort_unstable();
        want.sort_unstable();
        if there != want {
            return Err(Refused::own_layer("leaves numbers of a wire out, or repeats them, by its shape alone"));
        }
        // Each atom for itself, in the new order, and then together.
        let alone = view.order.concat().into_iter().map(|atom| vec![atom]).collect();
        let apart = self.regrouped(view, alone)?;
        let axes: Vec<usize> =
            wanted.concat().iter().filter_map(|atom| apart.order.iter().position(|axis| axis == &[*atom])).collect();
        let turned = self.permuted(&apart, &axes)?;
        self.regrouped(&turned, wanted)
    }

    /// Numbers in the same order, along other axes.
    fn regrouped(&mut self, view: &View, wanted: Vec<Vec<usize>>) -> Result<View, Refused> {
        if view.order == wanted {
            return Ok(view.clone());
        }
        let new = View { order: wanted, sole: true, ..view.clone() };
        let sides = new.sides();
        // A pooling over all places keeps its sides of 1 where they are wanted.
        let of = &mut self.all[view.place.layer];
        let ones = new.order[1..].iter().filter(|axis| axis.is_empty()).count();
        let is_pooled = of.class.starts_with("Global") && view.sole && view.order.len() == 2;
        if is_pooled && of.class.ends_with(&format!("{ones}D")) && !new.last().is_empty() && new.order.len() == ones + 2
        {
            of.options.insert("keepdims".to_owned(), Value::from(true));
            of.shapes = vec![sides];
            return Ok(View { place: view.place, ..new });
        }
        let layer = match sides.as_slice() {
            [_] => Layer::new("Flatten", view.place),
            sides => Layer::new("Reshape", view.place).option("target_shape", sides.to_vec()),
        };
        let place = self.add(layer, sides)?;
        Ok(View { place, ..new })
    }

    fn permuted(&mut self, view: &View, axes: &[usize]) -> Result<View, Refused> {
        let order: Vec<Vec<usize>> = axes.iter().map(|axis| view.order[*axis].clone()).collect();
        let new = View { order, sole: true, ..view.clone() };
        let place = self.add(Layer::new("Permute", view.place).option("dims", axes[1..].to_vec()), new.sides())?;
        Ok(View { place, ..new })
    }

    /// The wire with all of these axes of ONNX's as Keras's last one, and the atoms of that in order.
    pub fn with_last(&mut self, view: &View, axes: &[usize]) -> Result<(View, Vec<usize>), Refused> {
        let atoms: Vec<usize> = axes.iter().flat_map(|axis| view.axes[*axis].clone()).collect();
        if atoms.contains(&super::view::BATCH) {
            return Err(Refused::own_layer("goes along the batch"));
        }
        let last: Vec<usize> = view.order.concat().into_iter().filter(|atom| atoms.contains(atom)).collect();
        if last == view.last() && view.order.len() > 1 && !view.order[1..view.order.len() - 1].iter().any(Vec::is_empty)
        {
            return Ok((view.clone(), last));
        }
        let others =
            view.order.iter().map(|axis| axis.iter().copied().filter(|atom| !atoms.contains(atom)).collect::<Vec<_>>());
        let mut wanted: Vec<Vec<usize>> = others.filter(|axis| !axis.is_empty()).collect();
        wanted.push(last.clone());
        Ok((self.arranged(view, wanted)?, last))
    }

    /// Keras's places for an image or a sequence: the batch, the places, the channels.
    pub fn channels_last(&mut self, view: &View) -> Result<View, Refused> {
        if view.rank() < 3 {
            return Err(Refused::damaged("an image without sides"));
        }
        let order = std::iter::once(0).chain(2..view.rank()).chain([1]);
        let wanted: Vec<Vec<usize>> = order.map(|axis| view.axes[axis].clone()).collect();
        self.arranged(view, wanted)
    }
}

fn without_ones(order: &[Vec<usize>]) -> Vec<Vec<usize>> {
    order.iter().filter(|axis| !axis.is_empty()).cloned().collect()
}

/// Of each place along Keras's axis of these atoms, which one it is along ONNX's of those.
pub(super) fn places(view: &View, keras: &[usize], onnx: &[usize]) -> Vec<usize> {
    let sizes: Vec<usize> = onnx.iter().map(|atom| view.atoms[*atom]).collect();
    let strides = super::tensor::strides(&sizes);
    let stride = |atom: &usize| onnx.iter().position(|known| known == atom).map_or(0, |at| strides[at]);
    let strides: Vec<usize> = keras.iter().map(stride).collect();
    let sizes: Vec<usize> = keras.iter().map(|atom| view.atoms[*atom]).collect();
    super::tensor::indices(&sizes, &strides, 0)
}

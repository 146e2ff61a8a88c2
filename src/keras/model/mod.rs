//! What Keras's `config.json` says: layers, their options, and which calls which, in the words of the file.
//!
//! Keras 3 writes a wire as `{"class_name": "__keras_tensor__", "config": {"keras_history": ["dense", 0, 0]}}` among the
//! arguments of a call, Keras 2 as `["dense", 0, 0, {}]`; both are read into [`Argument::Wire`].

pub mod graph;

use std::collections::HashSet;

use serde_json::{Map, Value};

/// More layers than anyone writes down, and fewer than keep a reader busy.
const MOST_LAYERS: usize = 4_000;
/// How deep lists within the arguments of a call go.
const MOST_LISTS: usize = 8;

/// A model, its layers in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub name: String,
    pub sequential: bool,
    pub layers: Vec<Layer>,
    pub inputs: Vec<Place>,
    pub outputs: Vec<Place>,
    /// What the inputs are called, where that is not what their layers are.
    pub input_names: Vec<String>,
    /// What the outputs are called, where the model has a dictionary of them.
    pub output_names: Vec<String>,
}

/// A layer, an operation, or a model within the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub class: String,
    /// Where Keras has the class from, `keras.layers`; empty where the file does not say.
    pub module: String,
    pub name: String,
    pub options: Map<String, Value>,
    pub calls: Vec<Call>,
    pub model: Option<Model>,
    /// The shape with which the layer was built, with the batch.
    pub built_with: Option<Vec<Option<usize>>>,
}

/// One use of a layer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    pub arguments: Vec<Argument>,
    pub named: Vec<(String, Argument)>,
}

/// What a layer is called with.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    Wire(Place, Shape),
    List(Vec<Argument>),
    Value(Value),
}

/// A shape as Keras writes it, with the batch; none where the file does not say.
pub type Shape = Option<Vec<Option<usize>>>;

/// An output of a call of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    pub layer: String,
    pub call: usize,
    pub output: usize,
}

impl Layer {
    /// Whether it is an operation of `keras.ops`, such as `x + y`, and no layer.
    pub fn is_operation(&self) -> bool {
        self.module.starts_with("keras.src.ops")
    }

    pub fn option(&self, name: &str) -> Option<&Value> {
        self.options.get(name).filter(|value| !value.is_null())
    }
}

/// The model of a file's config.
pub fn model(config: &Value) -> Result<Model, String> {
    let class = text(config, "class_name", "the config")?;
    if !is_model(class) {
        return Err(format!(
            "the file's model is of the class `{class}`, whose layers its config does not list; \
             build it as a functional or sequential model in Keras, and save that"
        ));
    }
    read_model(class, field(config, "config", "the model")?)
}

pub fn is_model(class: &str) -> bool {
    matches!(class, "Functional" | "Sequential" | "Model")
}

fn read_model(class: &str, config: &Value) -> Result<Model, String> {
    // Keras 1 had the layers alone.
    let name = config.get("name").and_then(Value::as_str).unwrap_or("model").to_owned();
    let whose = format!("the model `{name}`");
    let layers = match config {
        Value::Array(layers) => layers,
        _ => array(field(config, "layers", &whose)?, &whose, "layers")?,
    };
    if layers.len() > MOST_LAYERS {
        return Err(format!("{whose} has {} layers, more than the {MOST_LAYERS} that are read", layers.len()));
    }
    let layers = layers.iter().map(|layer| self::layer(layer, &whose)).collect::<Result<Vec<_>, _>>()?;
    let mut names = HashSet::new();
    if let Some(twice) = layers.iter().find(|layer| !names.insert(layer.name.as_str())) {
        return Err(format!("{whose} has two layers named `{}`", twice.name));
    }
    if class == "Sequential" {
        return sequential(name, layers, config);
    }
    let inputs = places(field(config, "input_layers", &whose)?, &whose)?;
    let outputs = field(config, "output_layers", &whose)?;
    let output_names = match outputs {
        Value::Object(named) => named.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let outputs = places(outputs, &whose)?;
    Ok(Model { name, sequential: false, layers, inputs, outputs, input_names: Vec::new(), output_names })
}

/// Its layers call each other in their order, which the file does not say.
fn sequential(name: String, mut layers: Vec<Layer>, config: &Value) -> Result<Model, String> {
    if layers.first().is_none_or(|first| first.class != "InputLayer") {
        let shape = layers.first().and_then(|first| batch_shape(&first.options));
        let built = config.get("build_input_shape");
        let of_model = layers.first().and_then(|first| first.model.as_ref()).and_then(|model| {
            let input = model.layers.iter().find(|layer| layer.class == "InputLayer")?;
            batch_shape(&input.options)
        });
        let shape = shape.or(built.filter(|built| !built.is_null())).or(of_model).cloned().ok_or_else(|| {
            format!("the sequential model `{name}` has no input shape; call `model.build((None, …))` in Keras before it is saved")
        })?;
        let ids = layers.first().is_some_and(|first| first.class == "Embedding");
        let mut options = Map::new();
        options.insert("batch_shape".to_owned(), shape);
        options.insert("dtype".to_owned(), Value::from(if ids { "int32" } else { "float32" }));
        let (class, module, name) = ("InputLayer".to_owned(), String::new(), "input_layer".to_owned());
        let input = Layer { class, module, name, options, calls: Vec::new(), model: None, built_with: None };
        layers.insert(0, input);
    }
    let place = |layer: &Layer| Place { layer: layer.name.clone(), call: 0, output: 0 };
    let inputs = vec![place(&layers[0])];
    let outputs = layers.last().map(place).into_iter().collect();
    for index in 1..layers.len() {
        let (before, shape) = (place(&layers[index - 1]), layers[index].built_with.clone());
        layers[index].calls = vec![Call { arguments: vec![Argument::Wire(before, shape)], named: Vec::new() }];
    }
    Ok(Model { name, sequential: true, layers, inputs, outputs, input_names: Vec::new(), output_names: Vec::new() })
}

/// The shape of an input, with the batch, in the words of Keras 3 or of Keras 2.
fn batch_shape(options: &Map<String, Value>) -> Option<&Value> {
    options.get("batch_shape").or_else(|| options.get("batch_input_shape"))
}

/// A layer of a model, or one within a layer.
pub fn layer(layer: &Value, whose: &str) -> Result<Layer, String> {
    // Keras writes the name by which it exports the class.
    let class = match text(layer, "class_name", &format!("a layer of {whose}"))? {
        "GroupQueryAttention" => "GroupedQueryAttention".to_owned(),
        class => class.to_owned(),
    };
    let config = field(layer, "config", &format!("a layer `{class}` of {whose}"))?;
    let name = layer.get("name").or_else(|| config.get("name")).and_then(Value::as_str);
    let name = name.ok_or_else(|| format!("a layer `{class}` of {whose} has no name"))?.to_owned();
    let this = format!("the layer `{name}` of {whose}");
    let model = if is_model(&class) && config.get("layers").is_some() {
        let mut model = read_model(&class, config)?;
        model.name.clone_from(&name);
        Some(model)
    } else {
        None
    };
    let options = match (&model, config) {
        // Its layers stand in the model.
        (Some(_), _) => {
            config.get("trainable").map(|value| ("trainable".to_owned(), value.clone())).into_iter().collect()
        }
        (None, Value::Object(options)) => options.clone(),
        (None, _) => return Err(format!("the `config` of {this} is no object")),
    };
    let calls = match layer.get("inbound_nodes") {
        None => Vec::new(),
        Some(nodes) => {
            let nodes = array(nodes, &this, "inbound_nodes")?;
            nodes.iter().map(|node| call(node, &this)).collect::<Result<_, _>>()?
        }
    };
    let module = layer.get("module").and_then(Value::as_str).unwrap_or_default().to_owned();
    let built_with = layer.pointer("/build_config/input_shape").and_then(shape);
    Ok(Layer { class, module, name, options, calls, model, built_with })
}

fn call(node: &Value, this: &str) -> Result<Call, String> {
    match node {
        Value::Object(node) => {
            let arguments = match node.get("args") {
                Some(Value::Array(arguments)) => {
                    arguments.iter().map(|value| argument(value, this, 0)).collect::<Result<_, _>>()?
                }
                _ => return Err(format!("a node of {this} has no list `args`")),
            };
            let named = match node.get("kwargs") {
                Some(Value::Object(named)) => named
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), argument(value, this, 0)?)))
                    .collect::<Result<_, String>>()?,
                None => Vec::new(),
                Some(_) => return Err(format!("the `kwargs` of a node of {this} are no object")),
            };
            Ok(Call { arguments, named })
        }
        Value::Array(wires) => earlier_call(wires, this),
        _ => Err(format!("a node of {this} is neither an object nor a list")),
    }
}

/// A call as Keras 2 writes it.
fn earlier_call(wires: &[Value], this: &str) -> Result<Call, String> {
    let mut call = Call::default();
    for wire in wires {
        let place = earlier_place(wire).ok_or_else(|| format!("a node of {this} is no list of layers"))?;
        call.arguments.push(Argument::Wire(place, None));
        for (name, value) in wire.get(3).and_then(Value::as_object).into_iter().flatten() {
            let value = match earlier_place(value) {
                Some(place) => Argument::Wire(place, None),
                None => Argument::Value(value.clone()),
            };
            if !call.named.iter().any(|(known, _)| known == name) {
                call.named.push((name.clone(), value));
            }
        }
    }
    if call.arguments.len() > 1 {
        call.arguments = vec![Argument::List(call.arguments)];
    }
    Ok(call)
}

fn argument(value: &Value, this: &str, depth: usize) -> Result<Argument, String> {
    if depth > MOST_LISTS {
        return Err(format!("the arguments of {this} are lists within lists, more than {MOST_LISTS} deep"));
    }
    match value {
        Value::Object(object) if object.get("class_name").and_then(Value::as_str) == Some("__keras_tensor__") => {
            let history = value.pointer("/config/keras_history").and_then(earlier_place);
            let place =
                history.ok_or_else(|| format!("a wire to {this} has no `keras_history` [layer, call, output]"))?;
            Ok(Argument::Wire(place, value.pointer("/config/shape").and_then(shape)))
        }
        Value::Array(list) if has_wire(value, 0) => {
            Ok(Argument::List(list.iter().map(|value| argument(value, this, depth + 1)).collect::<Result<_, _>>()?))
        }
        other => Ok(Argument::Value(other.clone())),
    }
}

/// Whether a wire is in a list, or in one within it; one that is too deep is refused where it is read.
fn has_wire(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(list) => depth > MOST_LISTS || list.iter().any(|value| has_wire(value, depth + 1)),
        other => other.get("class_name").and_then(Value::as_str) == Some("__keras_tensor__"),
    }
}

/// `["dense", 0, 0]`
fn earlier_place(value: &Value) -> Option<Place> {
    let [layer, call, output, ..] = value.as_array()?.as_slice() else { return None };
    let index = |value: &Value| usize::try_from(value.as_u64()?).ok();
    Some(Place { layer: layer.as_str()?.to_owned(), call: index(call)?, output: index(output)? })
}

/// One place, a list of them, or a dictionary.
fn places(value: &Value, whose: &str) -> Result<Vec<Place>, String> {
    if let Some(place) = earlier_place(value) {
        return Ok(vec![place]);
    }
    let all: Option<Vec<Place>> = match value {
        Value::Array(list) => list.iter().map(earlier_place).collect(),
        Value::Object(named) => named.values().map(earlier_place).collect(),
        _ => None,
    };
    all.ok_or_else(|| format!("the inputs or the outputs of {whose} are no list of [layer, call, output]"))
}

/// `[null, 32]`
pub fn shape(value: &Value) -> Shape {
    let dimension = |value: &Value| match value {
        Value::Null => Some(None),
        other => Some(Some(usize::try_from(other.as_u64()?).ok()?)),
    };
    value.as_array()?.iter().map(dimension).collect()
}

fn field<'a>(value: &'a Value, name: &str, whose: &str) -> Result<&'a Value, String> {
    value.get(name).ok_or_else(|| format!("{whose} has no `{name}`"))
}

fn text<'a>(value: &'a Value, name: &str, whose: &str) -> Result<&'a str, String> {
    field(value, name, whose)?.as_str().ok_or_else(|| format!("the `{name}` of {whose} is no text"))
}

fn array<'a>(value: &'a Value, whose: &str, name: &str) -> Result<&'a Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("the `{name}` of {whose} are no list"))
}

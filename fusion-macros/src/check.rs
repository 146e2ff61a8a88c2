//! The words of the mistakes of the language.

use syn::{Expr, Ident, Lit};

use crate::keras::MERGES;
use crate::syntax::{Layer, LayerOption};
use crate::text;

/// "there is no input or branch `hiden`; did you mean `hidden`?"
pub fn unknown_wire(name: &Ident, known: &[String]) -> String {
    let text = format!("there is no input or branch `{name}`");
    match (text::nearest(&name.to_string(), known.iter().map(String::as_str)), known) {
        (Some(near), _) => format!("{text}; did you mean `{near}`?"),
        (None, []) => format!("{text}; declare one: `input {name}: [f32; 32];`"),
        (None, [only]) => format!("{text}; there is only `{only}`"),
        (None, _) => format!("{text}; there are {}", list(known)),
    }
}

/// "block `residual` has no wire `y`; …"
pub fn unknown_wire_of_block(name: &Ident, block: &Ident, known: &[String]) -> String {
    let text = format!("there is no wire `{name}` in block `{block}`");
    match text::nearest(&name.to_string(), known.iter().map(String::as_str)) {
        Some(near) => format!("{text}; did you mean `{near}`?"),
        None if known.len() == 1 => format!("{text}; there is only {}", list(known)),
        None => format!("{text}; there are {}", list(known)),
    }
}

/// "`cross` takes no wire `memori`; did you mean `memory`?"
pub fn unknown_wire_of_use(block: &Ident, name: &Ident, wanted: &[Ident]) -> String {
    let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    let text = format!("`{block}` takes no wire `{name}`");
    match text::nearest(&name.to_string(), wanted.iter().map(String::as_str)) {
        Some(near) => format!("{text}; did you mean `{near}`?"),
        None => format!("{text}; it takes {}", list(&wanted)),
    }
}

/// "`cross` takes `query` and `memory`; give it each by name: …"
pub fn one_wire_for_several(block: &Ident, wanted: &[Ident]) -> String {
    let names: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    let given: Vec<String> = wanted.iter().map(|wire| format!("{wire} = …")).collect();
    format!("`{block}` takes {}; give it each by name: `({}) => {block}`", list(&names), given.join(", "))
}

/// "`dense_bn` takes 1 argument, `UNITS`: write `dense_bn<64>`"
pub fn arguments(block: &Ident, parameters: &[Ident], found: usize) -> String {
    let names: Vec<String> = parameters.iter().map(ToString::to_string).collect();
    if names.is_empty() {
        return format!("the block `{block}` has no parameters: write `{block}`");
    }
    let (count, found) =
        (counted(names.len(), "argument"), if found == 0 { "none".to_owned() } else { found.to_string() });
    format!("`{block}` takes {count}, `{block}<{}>`, and is given {found}", names.join(", "))
}

/// "`heads` gives 2 outputs, `mean` and `spread`; …"
pub fn several_outputs(block: &Ident, outputs: &[String]) -> String {
    format!(
        "`{block}` gives {}, {}; give each its name where the chain ends: `branch ({}) = … => {block};`",
        counted(outputs.len(), "output"),
        list(outputs),
        outputs.join(", ")
    )
}

/// "`heads` has no output `meen`; did you mean `mean`?"
pub fn unknown_output(block: &str, name: &Ident, outputs: &[String]) -> String {
    let text = format!("`{block}` has no output `{name}`");
    match text::nearest(&name.to_string(), outputs.iter().map(String::as_str)) {
        Some(near) => format!("{text}; did you mean `{near}`?"),
        None => format!("{text}; it gives {}; another name for one is `({name} = {})`", list(outputs), outputs[0]),
    }
}

/// "`heads` gives 2 outputs, `mean` and `spread`, and 3 names stand here"
pub fn number_of_outputs(block: &str, outputs: &[String], names: usize) -> String {
    let count = counted(outputs.len(), "output");
    format!(
        "`{block}` gives {count}, {}, but {} here",
        list(outputs),
        if names == 1 { "1 name stands".to_owned() } else { format!("{names} names stand") }
    )
}

/// "1 output", "2 outputs"
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What says how often something is repeated and is no number.
pub fn times(word: &Ident) -> String {
    format!(
        "how often is a number that stands here, `repeat 3 {{ … }}`; `{word}` may be a parameter of a block, `block tower<{word}>(x) => repeat {word} {{ … }};`, or of a `macro_rules!` around `model!`"
    )
}

/// "block `a` is made of itself: a ← b ← a"
pub fn recursion(names: &[String]) -> String {
    let first = &names[0];
    let path = names.join(" ← ");
    format!("block `{first}` is made of itself: {path} ← {first}; what is done several times is `repeat 3 {{ … }}`")
}

/// "there is no merge `concat`; did you mean `concatenate`?"
pub fn unknown_merge(name: &Ident) -> String {
    let text = format!("there is no merge `{name}`");
    let word = name.to_string();
    if let Some(near) = text::nearest(&word.to_lowercase(), MERGES.iter().copied()) {
        return format!("{text}; did you mean `{near}`?");
    }
    if word.starts_with(char::is_uppercase) {
        return format!("{text}; layers follow what they take: `a => {word}`");
    }
    let merges: Vec<String> = MERGES.iter().map(ToString::to_string).collect();
    let merges = list(&merges);
    format!("{text}; there are {merges}. A block or a layer follows what it takes: `a => {word}`")
}

/// What is wrong with a word that stands where a layer belongs, if it surely is none: a merge, a
/// wire, or nearly the name of a shared layer.
pub fn no_layer(layer: &Layer, wires: &[String], shared: &[String]) -> Option<String> {
    let word = layer.word()?.to_string();
    if MERGES.contains(&word.as_str()) {
        return Some(format!("`{word}` is a merge, which begins a chain: `{word}(x, y) => …`"));
    }
    if word.starts_with(char::is_uppercase) {
        return None;
    }
    if wires.contains(&word) {
        return Some(format!("`{word}` is no layer but a wire; a merge such as `add(x, y)` joins wires"));
    }
    let near = text::nearest(&word, shared.iter().map(String::as_str))?;
    Some(format!("there is no layer `{word}`; did you mean `{near}`?"))
}

/// The options that are given a second time, and what to say there.
pub fn repeated_options<'a>(options: &'a [LayerOption], layer: &str) -> Vec<(&'a LayerOption, String)> {
    let mut repeated = Vec::new();
    for (index, option) in options.iter().enumerate() {
        if !options[..index].iter().any(|earlier| earlier.name == option.name) {
            continue;
        }
        let message = match &option.name {
            Some(name) => format!("the option `{name}` is given twice"),
            None => format!("one option of `{layer}` goes without its name, the others are written `name = value`"),
        };
        repeated.push((option, message));
    }
    repeated
}

/// Whether sizes stand where options belong, as in Keras: `Dense(32, 8)`.
pub fn sizes_as_options(layer: &Layer) -> Option<String> {
    let size = |option: &LayerOption| {
        let fraction = matches!(&option.value, Expr::Lit(literal) if !matches!(literal.lit, Lit::Int(_)));
        option.name.is_none() && !fraction
    };
    if layer.options.len() < 2 || layer.arguments.is_some() || !layer.options.iter().all(size) {
        return None;
    }
    let (name, sizes) =
        (&layer.last, layer.options.iter().map(|option| text::of(&option.written())).collect::<Vec<_>>());
    Some(format!("sizes stand in angle brackets: `{name}<{}>`; parentheses are for options", sizes.join(", ")))
}

/// "`x`, `y` and `z`"
pub fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// "branch `x` is made from itself: x ← y ← x"
pub fn cycle(names: &[String]) -> String {
    let first = &names[0];
    let path = names.join(" ← ");
    format!("branch `{first}` is made from itself: {path} ← {first}; wires lead from the inputs to the outputs")
}

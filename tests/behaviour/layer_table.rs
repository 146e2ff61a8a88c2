//! What the macro knows of layers and activations is what their own files say.
//!
//! `UPDATE_EXPECT=1 cargo test -p fusion-tests --test behaviour layer_table` writes the macro's table anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{
    Attribute, Expr, Fields, FnArg, GenericParam, Ident, ImplItem, Item, ItemStruct, ItemUse, Lit, Pat, Type,
    TypeParam, TypeParamBound, UseTree,
};

const TABLE: &str = "fusion-macros/src/keras/table.rs";

pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn items(path: &str) -> Vec<Item> {
    let source = fs::read_to_string(repository().join(path)).unwrap();
    syn::parse_file(&source).unwrap().items
}

/// Those of all files of this folder and of those in it.
pub(super) fn all_items(folder: &Path) -> Vec<Item> {
    let mut all = Vec::new();
    for entry in fs::read_dir(repository().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            all.extend(all_items(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.extend(items(path.to_str().unwrap()));
        }
    }
    all
}

/// The value of `name = …` in the attributes of this name.
pub(super) fn value(attributes: &[Attribute], attribute: &str, name: &str) -> Option<String> {
    let mut found = None;
    for attribute in attributes.iter().filter(|known| known.path().is_ident(attribute)) {
        let _ = attribute.parse_nested_meta(|meta| {
            let value = if meta.input.peek(syn::Token![=]) { literal(&meta)? } else { None };
            if meta.path.is_ident(name) {
                found = Some(match value {
                    Some(Expr::Lit(literal)) => match literal.lit {
                        Lit::Str(text) => text.value(),
                        Lit::Int(number) => number.to_string(),
                        _ => String::new(),
                    },
                    _ => String::new(),
                });
            }
            Ok(())
        });
    }
    found
}

/// The value of a `name = …`; none of `options = Options<2>`, which is a type.
fn literal(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<Option<Expr>> {
    let value = meta.value()?;
    if meta.path.is_ident("options") {
        return value.parse::<Type>().map(|_| None);
    }
    value.parse().map(Some)
}

/// The names that a `pub use` line brings.
fn names(tree: &UseTree, names: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => self::names(&path.tree, names),
        UseTree::Name(name) => names.push(name.ident.to_string()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| self::names(tree, names)),
        UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}

/// What `mod.rs` of this folder makes public from its files.
pub(super) fn public(folder: &str) -> Vec<String> {
    let mut public = Vec::new();
    for item in items(&format!("{folder}/mod.rs")) {
        if let Item::Use(ItemUse { vis: syn::Visibility::Public(_), tree, .. }) = item {
            names(&tree, &mut public);
        }
    }
    public.sort();
    public
}

/// The option that goes without a name, of the options that this struct names, wherever in the room they stand.
pub(super) fn positional(items: &[Item], layer: &ItemStruct) -> Option<String> {
    let mut options = None;
    for attribute in layer.attrs.iter().filter(|known| known.path().is_ident("parameters")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("options") {
                return literal(&meta).map(drop);
            }
            if let Type::Path(path) = meta.value()?.parse::<Type>()? {
                options = path.path.segments.last().map(|last| last.ident.clone());
            }
            Ok(())
        });
    }
    let options = options?;
    let structs = items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == options => Some(item),
        _ => None,
    });
    let Fields::Named(fields) = &structs?.fields else { return None };
    let field = fields.named.iter().find(|field| value(&field.attrs, "option", "positional").is_some());
    match field {
        Some(field) => Some(field.ident.as_ref()?.to_string()),
        None => positional_by_hand(items, &options.to_string()),
    }
}

/// The argument's name of a method `positional` of this type that is written by hand.
fn positional_by_hand(items: &[Item], options: &str) -> Option<String> {
    let methods = items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => match &*block.self_ty {
            Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == options) => {
                Some(&block.items)
            }
            _ => None,
        },
        _ => None,
    });
    let method = methods.flatten().find_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident == "positional" => Some(method),
        _ => None,
    })?;
    match method.sig.inputs.iter().nth(1)? {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(name) => Some(name.ident.to_string()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    }
}

/// The files of a folder that may hold what its `mod.rs` makes public.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|file| file.ends_with(".rs") && file != "mod.rs").collect()
}

/// The options that are arguments of the type, `arguments(activation = 2, use_bias = 3)`.
pub(super) fn arguments(layer: &ItemStruct) -> Vec<String> {
    let mut arguments = Vec::new();
    for attribute in layer.attrs.iter().filter(|known| known.path().is_ident("parameters")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("options") {
                return meta.value()?.parse::<Type>().map(drop);
            }
            if !meta.path.is_ident("arguments") {
                return literal(&meta).map(drop);
            }
            meta.parse_nested_meta(|option| {
                let place: usize = option.value()?.parse::<syn::LitInt>()?.base10_parse()?;
                let name = option.path.require_ident()?;
                let kind = match &layer.generics.params[place] {
                    GenericParam::Type(parameter) if is_optional(parameter) => "Kind::Array",
                    GenericParam::Type(_) => "Kind::Activation",
                    GenericParam::Const(_) => "Kind::Number",
                    GenericParam::Lifetime(_) => return Err(option.error("the parameter is neither type nor number")),
                };
                arguments.push(format!("(\"{name}\", {place}, {kind})"));
                Ok(())
            })
        });
    }
    arguments
}

fn is_optional(parameter: &TypeParam) -> bool {
    parameter.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.is_ident("Optional"),
        _ => false,
    })
}

/// What each argument of the type is where it is not written: a path in `fusion`, a number, or the place of the argument
/// that it is the same as, `#1`; nothing where it has to be written.
pub(super) fn defaults(layer: &ItemStruct) -> Vec<String> {
    let activations = public("fusion-core/src/activations");
    let default = |parameter: &GenericParam| match parameter {
        GenericParam::Type(parameter) => match parameter.default.as_ref().map(|(_, default)| default) {
            Some(default) if activations.contains(&name_of(default)) => format!("activations::{}", name_of(default)),
            // With its arguments, `Use<true>`.
            Some(default) => format!("layers::{}", written(default)),
            None => String::new(),
        },
        GenericParam::Const(parameter) => match parameter.default.as_ref().map(|(_, default)| default) {
            Some(Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. })) => number.to_string(),
            Some(Expr::Path(path)) => format!("#{}", place_of(path.path.require_ident().unwrap(), layer)),
            _ => String::new(),
        },
        GenericParam::Lifetime(_) => String::new(),
    };
    layer.generics.params.iter().map(default).collect()
}

/// Where the parameter of this name stands.
fn place_of(name: &Ident, layer: &ItemStruct) -> usize {
    let is_it =
        |parameter: &GenericParam| matches!(parameter, GenericParam::Const(parameter) if parameter.ident == *name);
    layer.generics.params.iter().position(is_it).expect("a default is another parameter")
}

/// `Use<true>`: a name, with a truth value among its arguments.
fn written(ty: &Type) -> String {
    let Type::Path(path) = ty else { return String::new() };
    let last = path.path.segments.last().expect("a path has a name");
    let argument = match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) => arguments.args.first(),
        _ => None,
    };
    match argument {
        Some(syn::GenericArgument::Const(Expr::Lit(syn::ExprLit { lit: Lit::Bool(value), .. }))) => {
            format!("{}<{}>", last.ident, value.value)
        }
        _ => last.ident.to_string(),
    }
}

/// `Linear`
fn name_of(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.get_ident().map(Ident::to_string).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A line of the table for each layer of `fusion-core`.
fn layers() -> Vec<String> {
    let mut lines = Vec::new();
    let public = public("fusion-core/src/layers");
    // Some activations are layers of their own too.
    let folders = ["fusion-core/src/layers", "fusion-core/src/layers/attention", "fusion-core/src/activations"];
    let all: Vec<Item> = folders.iter().flat_map(|folder| all_items(Path::new(folder))).collect();
    for (folder, file) in folders.iter().flat_map(|folder| files(folder).into_iter().map(move |file| (folder, file))) {
        let items = items(&format!("{folder}/{file}"));
        let structs = items.iter().filter_map(|item| match item {
            Item::Struct(item) => Some(item.clone()),
            _ => None,
        });
        let structs: Vec<ItemStruct> = structs.collect();
        for layer in structs.iter().filter(|item| derives_parameters(item) && !is_hidden(item)) {
            let name = layer.ident.to_string();
            assert!(public.contains(&name), "{name} is not public");
            let example = value(&layer.attrs, "parameters", "example");
            let has_sizes = layer.generics.params.iter().next().is_some();
            assert_eq!(has_sizes, example.is_some(), "{name} says how it is written, if its type has arguments");
            let arguments = arguments(layer);
            let defaults = if arguments.is_empty() { Vec::new() } else { defaults(layer) };
            let positional = positional(&all, layer);
            let class = value(&layer.attrs, "parameters", "class");
            lines.push(format!(
                "    Facts {{ name: {name:?}, class: {class:?}, example: {example:?}, arguments: &[{}], defaults: &{defaults:?}, positional: {positional:?}, wraps: {} }},",
                arguments.join(", "),
                wraps(layer)
            ));
        }
    }
    lines.sort();
    lines
}

/// Whether one of its weights is a layer with options of its own.
fn wraps(layer: &ItemStruct) -> bool {
    layer.fields.iter().any(|field| value(&field.attrs, "parameter", "within").is_some())
}

/// The activations that take parameters: what a `curve!` of this folder is of.
fn parameterized() -> Vec<String> {
    let curves = all_items(Path::new("fusion-core/src/activations")).into_iter().filter_map(|item| match item {
        Item::Macro(item) if item.mac.path.is_ident("curve") => Some(item.mac.tokens.to_string()),
        _ => None,
    });
    let name = |curve: String| {
        let (_, rest) = curve.split_once("} of ").expect("`Options { … } of Activation`");
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let mut names: Vec<String> = curves.map(name).collect();
    assert!(names.len() > 1, "{names:?}");
    names.sort();
    names
}

/// The layers that make masks, each with the option that says so, if it takes one.
fn masks() -> Vec<String> {
    let folder = "fusion-core/src/layers";
    let mut lines = Vec::new();
    for entry in fs::read_dir(repository().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let source = fs::read_to_string(&path).unwrap_or_default();
        let Some(needs) = source.split("const NEEDS").nth(1).and_then(|rest| rest.split(';').next()) else { continue };
        if needs.contains("::Makes(") {
            let items = syn::parse_file(&source).unwrap().items;
            let layer = items.iter().find_map(|item| match item {
                Item::Struct(item) if derives_parameters(item) => Some(item.ident.to_string()),
                _ => None,
            });
            let option = needs.split("if O::VALUE.").nth(1).and_then(|rest| rest.split(' ').next());
            lines.push(format!("    ({:?}, {option:?}),", layer.unwrap()));
        }
    }
    assert!(lines.len() > 1, "{lines:?}");
    lines.sort();
    lines
}

/// The merges as `model!` writes them.
fn merges() -> Vec<String> {
    let merges = public("fusion-core/src/layers/merging").into_iter().filter(|name| !name.ends_with("Options"));
    let mut merges: Vec<String> = merges.map(|name| name.to_lowercase()).collect();
    merges.sort_by_key(|name| (name != "concatenate", name.clone()));
    merges
}

/// Whether the macro alone writes it.
pub(super) fn is_hidden(item: &ItemStruct) -> bool {
    let docs = item.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    docs.flat_map(|attribute| attribute.parse_args::<syn::Ident>()).any(|word| word == "hidden")
}

pub(super) fn derives_parameters(item: &ItemStruct) -> bool {
    let derives = item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive"));
    derives
        .flat_map(|attribute| attribute.meta.require_list().map(|list| list.tokens.to_string()))
        .any(|list| list.split(',').any(|derive| derive.trim().ends_with("Parameters")))
}

#[test]
fn the_table_of_layers_is_that_of_their_files() {
    let path = repository().join(TABLE);
    let mut table = String::from(
        "//! What is known of the layers and activations of `fusion-core`, for messages about what is written as in Keras.\n\
         //!\n\
         //! Made from their files by a test, `behaviour layer_table`; `UPDATE_EXPECT=1` writes it anew.\n\n\
         use super::Facts;\n\
         use super::arguments::Kind;\n\n\
         #[rustfmt::skip]\n\
         pub const LAYERS: &[Facts] = &[\n",
    );
    layers().iter().for_each(|line| writeln!(table, "{line}").unwrap());
    table.push_str("];\n\npub const ACTIVATIONS: &[&str] = &[\n");
    let activations = public("fusion-core/src/activations");
    activations.iter().for_each(|name| writeln!(table, "    {name:?},").unwrap());
    table.push_str(
        "];\n\n/// The activations that take parameters.\n#[rustfmt::skip]\npub const PARAMETERIZED: &[&str] = &[\n",
    );
    parameterized().iter().for_each(|name| writeln!(table, "    {name:?},").unwrap());
    table.push_str("];\n\n/// The merges of the language, `concatenate` first: what people reach for.\n#[rustfmt::skip]\npub const MERGES: &[&str] = &[\n");
    merges().iter().for_each(|name| writeln!(table, "    {name:?},").unwrap());
    table.push_str("];\n\n/// The layers that make masks, with the option that says so.\n#[rustfmt::skip]\npub const MASKS: &[(&str, Option<&str>)] = &[\n");
    masks().iter().for_each(|line| writeln!(table, "{line}").unwrap());
    table.push_str("];\n");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), table, "{TABLE} is not what the layers' files say");
}

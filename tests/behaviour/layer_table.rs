//! What the macro knows of layers and activations is what their own files say.
//!
//! `UPDATE_EXPECT=1 cargo test -p fusion-tests --test behaviour layer_table` writes the macro's table anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, Fields, FnArg, ImplItem, Item, ItemStruct, ItemUse, Lit, Pat, Type, UseTree};

const TABLE: &str = "fusion-macros/src/keras/table.rs";

pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn items(path: &str) -> Vec<Item> {
    let source = fs::read_to_string(repository().join(path)).unwrap();
    syn::parse_file(&source).unwrap().items
}

/// The value of `name = …` in the attributes of this name.
fn value(attributes: &[Attribute], attribute: &str, name: &str) -> Option<String> {
    let mut found = None;
    for attribute in attributes.iter().filter(|known| known.path().is_ident(attribute)) {
        let _ = attribute.parse_nested_meta(|meta| {
            let value = if meta.input.peek(syn::Token![=]) { Some(meta.value()?.parse::<Expr>()?) } else { None };
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

/// The option that goes without a name, of the options that this struct names.
fn positional(items: &[Item], structs: &[ItemStruct], layer: &ItemStruct) -> Option<String> {
    let mut options = None;
    for attribute in layer.attrs.iter().filter(|known| known.path().is_ident("parameters")) {
        let _ = attribute.parse_nested_meta(|meta| {
            let value = meta.value()?.parse::<Expr>()?;
            if let (true, Expr::Path(path)) = (meta.path.is_ident("options"), value) {
                options = path.path.get_ident().cloned();
            }
            Ok(())
        });
    }
    let options = options?;
    let Fields::Named(fields) = &structs.iter().find(|known| known.ident == options)?.fields else { return None };
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
            Type::Path(path) if path.path.is_ident(options) => Some(&block.items),
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

/// A family of layers with a room of its own.
const ATTENTION: &str = "fusion-core/src/layers/attention";

/// A line of the table for each layer of `fusion-core`.
fn layers() -> Vec<String> {
    let folder = "fusion-core/src/layers";
    let mut lines = Vec::new();
    let public = public(folder);
    let files = [folder, ATTENTION].into_iter().flat_map(|folder| {
        let files = fs::read_dir(repository().join(folder)).unwrap();
        files.map(move |file| format!("{folder}/{}", file.unwrap().file_name().into_string().unwrap()))
    });
    for file in files.filter(|file| file.ends_with(".rs") && !file.ends_with("/mod.rs")) {
        let items = items(&file);
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
            let activation: Option<usize> =
                value(&layer.attrs, "parameters", "activation").map(|place| place.parse().unwrap());
            let positional = positional(&items, &structs, layer);
            lines.push(format!(
                "    Facts {{ name: {name:?}, example: {example:?}, activation: {activation:?}, positional: {positional:?} }},"
            ));
        }
    }
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
fn is_hidden(item: &ItemStruct) -> bool {
    let docs = item.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    docs.flat_map(|attribute| attribute.parse_args::<syn::Ident>()).any(|word| word == "hidden")
}

fn derives_parameters(item: &ItemStruct) -> bool {
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
         use super::Facts;\n\n\
         #[rustfmt::skip]\n\
         pub const LAYERS: &[Facts] = &[\n",
    );
    layers().iter().for_each(|line| writeln!(table, "{line}").unwrap());
    table.push_str("];\n\npub const ACTIVATIONS: &[&str] = &[\n");
    let activations = public("fusion-core/src/activations");
    activations.iter().for_each(|name| writeln!(table, "    {name:?},").unwrap());
    table.push_str("];\n\n/// The merges of the language, `concatenate` first: what people reach for.\n#[rustfmt::skip]\npub const MERGES: &[&str] = &[\n");
    merges().iter().for_each(|name| writeln!(table, "    {name:?},").unwrap());
    table.push_str("];\n");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), table, "{TABLE} is not what the layers' files say");
}

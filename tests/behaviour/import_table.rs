//! What `fusion import` knows of the layers is what their own files say: the names of the type's arguments, the options and
//! what they are where they are not given.
//!
//! `UPDATE_EXPECT=1 cargo test -p fusion-tests --test behaviour import_table` writes the table anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quote::ToTokens;
use syn::{Expr, Field, Fields, GenericParam, Item, ItemStruct, Lit, Type};

use super::layer_table::{
    all_items, arguments, defaults, derives_parameters, is_hidden, positional, public, repository, value,
};

const TABLE: &str = "cli/src/layers/table.rs";

/// The name of the type of a layer's options, `ConvolutionOptions`.
fn options_of(layer: &ItemStruct) -> Option<String> {
    let mut options = None;
    for attribute in layer.attrs.iter().filter(|known| known.path().is_ident("parameters")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("options") {
                if let Type::Path(path) = meta.value()?.parse::<Type>()? {
                    options = path.path.segments.last().map(|last| last.ident.to_string());
                }
            } else if meta.path.is_ident("arguments") {
                return meta.parse_nested_meta(|option| option.value()?.parse::<syn::LitInt>().map(drop));
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<Expr>()?;
            }
            Ok(())
        });
    }
    options
}

fn has(field: &Field, word: &str) -> bool {
    value(&field.attrs, "option", word).is_some()
}

/// What an option is where it is not given, as it would be written: `Valid`, `0.99`; of one number for each side, that.
fn default_of(field: &Field) -> String {
    let mut default = None;
    for attribute in field.attrs.iter().filter(|known| known.path().is_ident("option")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("default") {
                default = Some(meta.value()?.parse::<Expr>()?);
            }
            Ok(())
        });
    }
    match default {
        Some(Expr::Call(call)) => call.args[0].to_token_stream().to_string(),
        Some(Expr::Path(path)) => path.path.segments.last().unwrap().ident.to_string(),
        Some(other) => other.to_token_stream().to_string().replace(' ', ""),
        None => String::new(),
    }
}

/// `("padding", "Valid")`, for each option that is one value.
fn options(items: &[Item], layer: &ItemStruct) -> Vec<(String, String)> {
    let fields = fields_of(items, layer);
    let single = fields.iter().filter(|field| !has(field, "array") && !has(field, "initializer"));
    single.map(|field| (field.ident.as_ref().unwrap().to_string(), default_of(field))).collect()
}

/// `("bias", "Zeros")`: the arrays that take initializers, with what they begin with.
fn arrays(items: &[Item], layer: &ItemStruct) -> Vec<(String, String)> {
    let fields = fields_of(items, layer);
    let arrays = fields.iter().filter(|field| has(field, "array") || has(field, "initializer"));
    arrays.map(|field| (field.ident.as_ref().unwrap().to_string(), begins_with(field))).collect()
}

/// What the docs of an option say: "`GlorotUniform` if not given."
fn begins_with(field: &Field) -> String {
    let docs = field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let mut text = docs.filter_map(|attribute| match &attribute.meta.require_name_value().ok()?.value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    text.find_map(|line| Some(line.split_once('`')?.1.split_once('`')?.0.to_owned())).unwrap_or_default()
}

fn fields_of(items: &[Item], layer: &ItemStruct) -> Vec<Field> {
    let Some(options) = options_of(layer) else { return Vec::new() };
    let found = items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == options => Some(&item.fields),
        _ => None,
    });
    match found {
        Some(Fields::Named(fields)) => fields.named.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

fn line(items: &[Item], layer: &ItemStruct) -> String {
    let name = layer.ident.to_string();
    let class = value(&layer.attrs, "parameters", "class").unwrap_or_else(|| name.clone());
    let parameters = layer.generics.params.iter().map(|parameter| match parameter {
        GenericParam::Type(parameter) => parameter.ident.to_string(),
        GenericParam::Const(parameter) => parameter.ident.to_string(),
        GenericParam::Lifetime(parameter) => parameter.lifetime.to_string(),
    });
    let parameters: Vec<String> = parameters.collect();
    let defaults: Vec<String> =
        defaults(layer).iter().map(|default| default.rsplit("::").next().unwrap_or_default().to_owned()).collect();
    format!(
        "    Facts {{ class: {class:?}, name: {name:?}, parameters: &{parameters:?}, defaults: &{defaults:?}, arguments: &[{}], options: &{:?}, positional: {:?}, arrays: &{:?} }},\n",
        arguments(layer).join(", ").replace("Kind::Array", "Kind::Flag"),
        options(items, layer),
        positional(items, layer).unwrap_or_default(),
        arrays(items, layer),
    )
}

#[test]
fn what_import_knows_is_what_the_layers_files_say() {
    let folders = ["fusion-core/src/layers", "fusion-core/src/activations"];
    let items: Vec<Item> = folders.iter().flat_map(|folder| all_items(Path::new(folder))).collect();
    let layers = items.iter().filter_map(|item| match item {
        Item::Struct(item) if derives_parameters(item) && !is_hidden(item) => Some(item),
        _ => None,
    });
    let names = public("fusion-core/src/layers");
    let mut lines: Vec<String> =
        layers.filter(|layer| names.contains(&layer.ident.to_string())).map(|layer| line(&items, layer)).collect();
    lines.sort();
    let mut table = String::from(
        "//! The layers of `fusion`, as their own files say.\n\
         //!\n\
         //! Made by a test, `behaviour import_table`; `UPDATE_EXPECT=1` writes it anew.\n\n\
         use super::{Facts, Kind};\n\n\
         #[rustfmt::skip]\n\
         pub(super) const LAYERS: &[Facts] = &[\n",
    );
    lines.iter().for_each(|line| table.write_str(line).unwrap());
    table.push_str("];\n\npub(super) const ACTIVATIONS: &[&str] = &[\n");
    let activations = public("fusion-core/src/activations");
    activations.iter().for_each(|name| writeln!(table, "    {name:?},").unwrap());
    table.push_str("];\n");
    let path = repository().join(TABLE);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), table, "{TABLE} is not what the layers' files say");
}

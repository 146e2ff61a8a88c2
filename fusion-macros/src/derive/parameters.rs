//! `#[derive(Parameters)]`: a struct of arrays and of other layers as the weights of a layer.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::{
    Attribute, Data, DeriveInput, Expr, Field, Fields, GenericParam, Generics, Ident, LitInt, Path, Result, Type,
};

use super::with_static_parameters;
use crate::text;

/// `#[parameters(…)]` on the struct.
struct StructOptions {
    krate: Path,
    class: String,
    options: Option<Type>,
    /// The name of the layer within that Keras's weights belong to.
    within: Option<String>,
}

/// `#[parameter(…)]` on a field.
#[derive(Default)]
struct FieldOptions {
    name: Option<Expr>,
    initializer: Option<Expr>,
    shape: Option<Expr>,
    when: Option<Expr>,
    /// It is a part that is given these options.
    options: Option<Type>,
    /// It is a layer with the options of the layer within.
    within: bool,
    given: Option<Expr>,
    state: bool,
    sparse: bool,
    adapted: bool,
}

/// What a field is to its layer.
enum Role {
    /// An array of numbers.
    Array,
    /// A layer with weights of its own.
    Layer,
    /// No weights: `PhantomData`.
    Marker,
}

/// The implementations for a struct.
pub fn expand(tokens: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(tokens)?;
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "`Parameters` can be derived for a struct whose fields are the weights",
        ));
    };
    let fields: Vec<&Field> = match &data.fields {
        Fields::Named(fields) => fields.named.iter().collect(),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(fields) => {
            return Err(syn::Error::new_spanned(
                fields,
                "the weights need names, those of Keras: `pub struct Scale { pub gain: [f32; 4] }`",
            ));
        }
    };
    unless_borrowed(&input, &fields)?;
    for field in &fields {
        unless_ambiguous(field.ty.to_token_stream())?;
    }
    let options = struct_options(&input)?;
    let parameters = implementation(&input, &options, &fields)?;
    let configured = configured(&input, &options, &fields)?;
    Ok(quote!(#parameters #configured))
}

/// Weights are a layer's own, as a model is written to a file and read from one.
fn unless_borrowed(input: &DeriveInput, fields: &[&Field]) -> Result<()> {
    let message = "weights are the layer's own: an array `[f32; 8]`, not a reference to one";
    if let Some(field) = fields.iter().find(|field| matches!(field.ty, Type::Reference(_))) {
        return Err(syn::Error::new_spanned(&field.ty, message));
    }
    match input.generics.lifetimes().next() {
        Some(lifetime) => {
            Err(syn::Error::new_spanned(lifetime, "a layer has no lifetimes, as its weights are its own"))
        }
        None => Ok(()),
    }
}

/// A field's type stands in the struct, in the bounds and in the table, and has to be the same in all of them: a macro
/// may give another one each time that it is asked, and `__O` is a parameter's name in the table.
fn unless_ambiguous(ty: TokenStream) -> Result<()> {
    let tokens: Vec<TokenTree> = ty.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let message = match (token, &tokens[index + 1..]) {
            (TokenTree::Ident(_), [TokenTree::Punct(mark), TokenTree::Group(_), ..]) if mark.as_char() == '!' => {
                "a field's type is written out: a macro may give another one each time"
            }
            (TokenTree::Ident(name), _) if name == "__O" => "`__O` is a name of the derive's own: use another one",
            (TokenTree::Group(group), _) => {
                unless_ambiguous(group.stream())?;
                continue;
            }
            _ => continue,
        };
        return Err(syn::Error::new_spanned(token, message));
    }
    Ok(())
}

fn struct_options(input: &DeriveInput) -> Result<StructOptions> {
    let mut options = StructOptions {
        krate: syn::parse_quote!(::fusion),
        class: input.ident.to_string(),
        options: None,
        within: None,
    };
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("parameters")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                options.krate = meta.value()?.parse()?;
            } else if meta.path.is_ident("class") {
                options.class = meta.value()?.parse::<syn::LitStr>()?.value();
            } else if meta.path.is_ident("options") {
                options.options = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("example") {
                // For the macro's table of layers, which is made from the files.
                meta.value()?.parse::<syn::Lit>()?;
            } else if meta.path.is_ident("arguments") {
                meta.parse_nested_meta(|option| given_by_an_option(&input.generics, &option))?;
            } else if meta.path.is_ident("within") {
                options.within = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else {
                return Err(
                    meta.error("expected `crate = path`, `class = \"Name\"`, `options = Type` or `within = \"name\"`")
                );
            }
            Ok(())
        })?;
    }
    Ok(options)
}

/// `use_bias = 3`: an option that `model!` writes as this argument of the type, which has to have a default. The macro's
/// table of layers, which is made from the files, has it.
fn given_by_an_option(generics: &Generics, option: &ParseNestedMeta<'_>) -> Result<()> {
    let place = option.value()?.parse::<LitInt>()?;
    match generics.params.iter().nth(place.base10_parse()?) {
        Some(GenericParam::Type(parameter)) if parameter.default.is_some() => Ok(()),
        Some(GenericParam::Const(parameter)) if parameter.default.is_some() => Ok(()),
        _ => Err(syn::Error::new_spanned(place, "an option stands for one of the parameters that has a default")),
    }
}

fn field_options(attributes: &[Attribute]) -> Result<FieldOptions> {
    let mut options = FieldOptions::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("parameter")) {
        attribute.parse_nested_meta(|meta| {
            let path = &meta.path;
            if path.is_ident("name") {
                options.name = Some(meta.value()?.parse()?);
            } else if path.is_ident("initializer") {
                options.initializer = Some(meta.value()?.parse()?);
            } else if path.is_ident("shape") {
                options.shape = Some(dimensions(meta.value()?.parse()?)?);
            } else if path.is_ident("when") {
                options.when = Some(meta.value()?.parse()?);
            } else if path.is_ident("options") {
                options.options = Some(meta.value()?.parse()?);
            } else if path.is_ident("within") {
                options.within = true;
            } else if path.is_ident("given") {
                options.given = Some(meta.value()?.parse()?);
            } else if path.is_ident("trainable") {
                options.state = !meta.value()?.parse::<syn::LitBool>()?.value();
            } else if path.is_ident("sparse") {
                options.sparse = true;
            } else if path.is_ident("adapted") {
                options.adapted = true;
            } else {
                return Err(meta.error(
                    "expected `name = \"…\"`, `initializer = …`, `shape = …`, `trainable = false`, `sparse`, `adapted`, `given = options.…`, `when = …`, `options = Type` or `within`",
                ));
            }
            Ok(())
        })?;
    }
    Ok(options)
}

/// What `shape =` is given, which is no `Shape`.
fn dimensions(shape: Expr) -> Result<Expr> {
    if let Expr::Call(call) = &shape
        && call.func.to_token_stream().to_string().ends_with(":: new")
    {
        let within = call.args.first().map_or("[4, 8]".to_owned(), text::of);
        let message =
            format!("the dimensions stand in brackets, without more: `shape = {}`", within.trim_start_matches('&'));
        return Err(syn::Error::new_spanned(&shape, message));
    }
    Ok(shape)
}

fn role(ty: &Type) -> Role {
    match ty {
        // A type that came through a `macro_rules!` stands in a group that nobody sees.
        Type::Group(group) => role(&group.elem),
        Type::Paren(paren) => role(&paren.elem),
        Type::Array(_) => Role::Array,
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "PhantomData") => Role::Marker,
        _ => Role::Layer,
    }
}

/// How many arrays an array type is deep: a matrix is a kernel, a vector a bias.
fn depth(ty: &Type) -> usize {
    match ty {
        Type::Group(group) => depth(&group.elem),
        Type::Paren(paren) => depth(&paren.elem),
        Type::Array(array) => 1 + depth(&array.elem),
        _ => 0,
    }
}

/// The entry of one field in the table, if it has weights.
fn entry(krate: &Path, field: &Field) -> Result<Option<TokenStream>> {
    let (Some(name), ty, options) = (&field.ident, &field.ty, field_options(&field.attrs)?) else { return Ok(None) };
    let own_name = crate::expand::plain(name);
    let key = options.name.as_ref().map_or_else(|| quote!(#own_name), |name| quote!(#name));
    let offset = quote!(::core::mem::offset_of!(Self, #name));
    let described = options.shape.is_some() || options.initializer.is_some();
    let entry = match role(ty) {
        Role::Marker => return Ok(None),
        Role::Layer if !described => {
            let within = options.within.then(|| quote!(<<__O as #krate::weights::OptionsWithin>::Within>));
            let of = options.options.as_ref().map_or_else(|| quote!(#within), |options| quote!(<#options>));
            quote!(#krate::weights::Entry::layer(#key, #offset, <#ty as #krate::weights::Parameters #of>::ENTRIES))
        }
        Role::Array | Role::Layer => {
            let shape = options
                .shape
                .as_ref()
                .map_or_else(|| quote!(<#ty as #krate::Tensor>::SHAPE), |shape| quote!(#krate::Shape::new(&#shape)));
            let initializer = options.initializer.as_ref().map_or_else(
                || {
                    let default = if depth(ty) > 1 { format_ident!("GlorotUniform") } else { format_ident!("Zeros") };
                    quote!(#krate::weights::Initializer::#default)
                },
                |initializer| quote!(#initializer),
            );
            quote!(#krate::weights::Entry::array::<#ty>(#key, #offset, #shape, #initializer))
        }
    };
    let state = options.state.then(|| quote!(.frozen()));
    let sparse = options.sparse.then(|| quote!(.in_rows()));
    let adapted = options.adapted.then(|| quote!(.adapted()));
    // Behind all that it changes.
    let given = options.given.as_ref().map(|given| quote!(.given(#given)));
    let entry = quote!(#entry #state #sparse #adapted #given);
    // What is not there need not have the shape that it would have.
    Ok(Some(options.when.as_ref().map_or_else(
        || entry.clone(),
        |when| quote!(if #when { #entry } else { #krate::weights::Entry::layer(#key, 0, &[]) }),
    )))
}

fn mentions(tokens: TokenStream, names: &[Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.contains(&ident),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}

/// Types that depend on parameters stand in the bounds, where the compiler checks that each is plain. Of all others the
/// table asks it, as weights: what is none is one error there.
fn with_plain_fields(krate: &Path, mut generics: Generics, fields: &[&Field]) -> Generics {
    let parameters: Vec<Ident> = generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.clone()),
            GenericParam::Const(parameter) => Some(parameter.ident.clone()),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    for Field { ty, .. } in fields {
        if matches!(role(ty), Role::Marker) || mentions(ty.to_token_stream(), &parameters) {
            generics.make_where_clause().predicates.push(syn::parse_quote!(#ty: #krate::shape::Plain));
        }
    }
    generics
}

/// An attribute of the user's sees the struct after this derive: what it adds or changes is refused here, by the
/// compiler, as these are not the fields then.
fn same_fields(krate: &Path, name: &Ident, generics: &Generics, fields: &[&Field]) -> TokenStream {
    let names: Vec<&Option<Ident>> = fields.iter().map(|field| &field.ident).collect();
    let types: Vec<&Type> = fields.iter().map(|field| &field.ty).collect();
    let bindings: Vec<Ident> = (0..names.len()).map(|index| format_ident!("field_{}", index)).collect();
    let (impl_generics, ty_generics, clause) = generics.split_for_impl();
    quote! {
        impl #impl_generics #name #ty_generics #clause {
            const __FIELDS: fn(&Self) = |this| {
                let Self { #(#names: #bindings),* } = this;
                #(<Self as #krate::shape::Plain>::__field::<#types>(#bindings);)*
            };
        }
    }
}

fn implementation(input: &DeriveInput, options: &StructOptions, fields: &[&Field]) -> Result<TokenStream> {
    let (name, krate) = (&input.ident, &options.krate);
    let mut entries = Vec::new();
    for field in fields {
        entries.extend(entry(krate, field)?);
    }
    let mut table = quote! {
        let options = <__O as #krate::weights::OptionsOf<Self>>::VALUE;
        &[#(#entries),*]
    };
    if let Some(within) = &options.within {
        table = quote!(&[#krate::weights::Entry::layer(#within, 0, const { #table })]);
    }
    let generics = with_static_parameters(input);
    let plain = with_plain_fields(krate, generics.clone(), fields);
    let same_fields = same_fields(krate, name, &plain, fields);
    let (plain_generics, ty_generics, plain_clause) = plain.split_for_impl();
    let mut with_options = generics.clone();
    with_options.params.push(syn::parse_quote!(__O: #krate::weights::OptionsOf<#name #ty_generics>));
    for field in fields {
        let ty = &field.ty;
        if field_options(&field.attrs)?.within {
            let predicates = &mut with_options.make_where_clause().predicates;
            predicates
                .push(syn::parse_quote!(__O: #krate::weights::OptionsWithin<Within: #krate::weights::OptionsOf<#ty>>));
            predicates.push(syn::parse_quote! {
                #ty: #krate::weights::Parameters<<__O as #krate::weights::OptionsWithin>::Within>
            });
        }
    }
    let (impl_generics, _, clause) = with_options.split_for_impl();
    Ok(quote! {
        // SAFETY: every field is plain, as the bounds and the table say, so that zero bytes are valid and nothing is
        // owned.
        unsafe impl #plain_generics #krate::shape::Plain for #name #ty_generics #plain_clause {}
        #same_fields
        // SAFETY: each entry has the offset of the field and the type that the struct was declared with, which
        // `__FIELDS` compares with what the struct has.
        #[allow(unused_variables, clippy::all, clippy::pedantic)]
        unsafe impl #impl_generics #krate::weights::Parameters<__O> for #name #ty_generics #clause {
            const ENTRIES: &'static [#krate::weights::Entry] = {
                let _: fn(&Self) = Self::__FIELDS;
                ::core::assert!(
                    ::core::mem::size_of::<Self>() == 0 || ::core::mem::align_of::<Self>() >= ::core::mem::align_of::<f32>(),
                    "weights cannot be packed: leave out `#[repr(packed)]`",
                );
                #table
            };
        }
    })
}

/// The options' type, and the layer's names.
fn configured(input: &DeriveInput, options: &StructOptions, fields: &[&Field]) -> Result<TokenStream> {
    let (name, krate, class) = (&input.ident, &options.krate, &options.class);
    let automatic = text::snake_case(class);
    let ty = options.options.as_ref().map_or_else(|| quote!(#krate::weights::NoOptions), |ty| quote!(#ty));
    let (mut generics, mut within) = (input.generics.clone(), None);
    for field in fields {
        let ty = &field.ty;
        // The name may be that of the layer within.
        if field_options(&field.attrs)?.within {
            within = Some(ty);
            generics.make_where_clause().predicates.push(syn::parse_quote!(#ty: #krate::weights::Configured));
        }
    }
    let show_within = within.map(|ty| {
        quote! {
            fn show_within(show: &mut #krate::weights::Show<'_>) -> ::core::fmt::Result {
                #krate::weights::show_within::<#ty, #krate::weights::Defaults>(show)
            }
        }
    });
    let (impl_generics, ty_generics, clause) = generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics #krate::weights::Configured for #name #ty_generics #clause {
            type Options = #ty;
            const CLASS: &'static str = #class;
            const NAME: &'static str = #automatic;
            #show_within
        }
    })
}

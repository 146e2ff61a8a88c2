//! `#[derive(Parameters)]`: a struct of arrays and of other layers as the weights of a layer.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Expr, Field, Fields, Generics, Ident, Path, Result, Type};

/// `#[parameters(…)]` on the struct.
struct StructOptions {
    krate: Path,
    class: String,
    options: Option<Type>,
}

/// `#[parameter(…)]` on a field.
#[derive(Default)]
struct FieldOptions {
    name: Option<String>,
    initializer: Option<Expr>,
    shape: Option<Expr>,
    state: bool,
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

/// `#[derive(Plain)]` alone, for a layer that writes its `Parameters` by hand.
pub fn plain(tokens: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(tokens)?;
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "`Plain` can be derived for a struct"));
    };
    let options = struct_options(&input)?;
    Ok(plain_implementation(&input, &options.krate, &data.fields.iter().collect::<Vec<_>>()))
}

/// The fields' types stand in the bounds, where the compiler checks that each is plain.
fn plain_implementation(input: &DeriveInput, krate: &Path, fields: &[&Field]) -> TokenStream {
    let name = &input.ident;
    let mut generics = with_static_parameters(input);
    for Field { ty, .. } in fields {
        generics.make_where_clause().predicates.push(syn::parse_quote!(#ty: #krate::Plain));
    }
    let (impl_generics, ty_generics, clause) = generics.split_for_impl();
    quote! {
        // SAFETY: every field is plain, as the bounds say, so that zero bytes are valid and nothing is owned.
        unsafe impl #impl_generics #krate::Plain for #name #ty_generics #clause {}
    }
}

/// The generics of a struct, its type parameters without borrows and fit for threads.
fn with_static_parameters(input: &DeriveInput) -> Generics {
    let mut generics = input.generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    for parameter in parameters {
        let bound = syn::parse_quote!(#parameter: ::core::marker::Send + ::core::marker::Sync + 'static);
        generics.make_where_clause().predicates.push(bound);
    }
    generics
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
    let options = struct_options(&input)?;
    let parameters = implementation(&input, &options, &fields)?;
    let configured = configured(&input, &options);
    Ok(quote!(#parameters #configured))
}

fn struct_options(input: &DeriveInput) -> Result<StructOptions> {
    let mut options =
        StructOptions { krate: syn::parse_quote!(::fusion), class: input.ident.to_string(), options: None };
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("parameters")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                options.krate = meta.value()?.parse()?;
            } else if meta.path.is_ident("class") {
                options.class = meta.value()?.parse::<syn::LitStr>()?.value();
            } else if meta.path.is_ident("options") {
                options.options = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("expected `crate = path`, `class = \"Name\"` or `options = Type`"));
            }
            Ok(())
        })?;
    }
    Ok(options)
}

fn field_options(attributes: &[Attribute]) -> Result<FieldOptions> {
    let mut options = FieldOptions::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("parameter")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                options.name = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if meta.path.is_ident("initializer") {
                options.initializer = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("shape") {
                options.shape = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("trainable") {
                options.state = !meta.value()?.parse::<syn::LitBool>()?.value();
            } else {
                return Err(
                    meta.error("expected `name = \"…\"`, `initializer = …`, `shape = …` or `trainable = false`")
                );
            }
            Ok(())
        })?;
    }
    Ok(options)
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

/// The lines of one field in `COUNT`, `NON_TRAINABLE`, `walk` and `walk_ref`.
struct Lines {
    count: TokenStream,
    state: TokenStream,
    sparse: TokenStream,
    walk: TokenStream,
    walk_ref: TokenStream,
}

fn lines(krate: &Path, field: &Field) -> Result<Option<Lines>> {
    let (Some(name), ty, options) = (&field.ident, &field.ty, field_options(&field.attrs)?) else { return Ok(None) };
    let key = options.name.clone().unwrap_or_else(|| crate::expand::plain(name));
    match role(ty) {
        Role::Marker => Ok(None),
        Role::Layer => Ok(Some(Lines {
            count: quote!(<#ty as #krate::Parameters>::COUNT),
            state: quote!(<#ty as #krate::Parameters>::NON_TRAINABLE),
            sparse: quote!(<#ty as #krate::Parameters>::SPARSE),
            walk: quote!(<#ty as #krate::Parameters>::walk(these.each_mut().map(|this| &mut this.#name), &path.layer(#key), visit);),
            walk_ref: quote!(#krate::Parameters::walk_ref(&self.#name, &path.layer(#key), visit);),
        })),
        Role::Array => {
            let parameter = parameter(krate, ty, &key, &options);
            let count = quote!(<#ty as #krate::Tensor>::SHAPE.length());
            Ok(Some(Lines {
                state: if options.state { count.clone() } else { quote!(0) },
                count,
                sparse: quote!(false),
                walk: quote!(<#ty as #krate::parameters::ParameterArray>::visit(these.each_mut().map(|this| &mut this.#name), &#parameter, visit);),
                walk_ref: quote!(#krate::parameters::ParameterArray::visit_ref(&self.#name, &#parameter, visit);),
            }))
        }
    }
}

fn parameter(krate: &Path, ty: &Type, key: &str, options: &FieldOptions) -> TokenStream {
    let constructor = if options.state { format_ident!("state") } else { format_ident!("new") };
    let shape = options.shape.as_ref().map_or_else(|| quote!(<#ty as #krate::Tensor>::SHAPE), |shape| quote!(#shape));
    let initializer = options.initializer.as_ref().map_or_else(
        || {
            let default = if depth(ty) > 1 { format_ident!("GlorotUniform") } else { format_ident!("Zeros") };
            quote!(#krate::initializers::Initializer::#default)
        },
        |initializer| quote!(#initializer),
    );
    quote!(#krate::Parameter::#constructor(path, #key, #shape, #initializer))
}

fn implementation(input: &DeriveInput, options: &StructOptions, fields: &[&Field]) -> Result<TokenStream> {
    let (name, krate) = (&input.ident, &options.krate);
    let mut lines_of_all = Vec::new();
    for field in fields {
        lines_of_all.extend(lines(krate, field)?);
    }
    let names: Vec<&Option<Ident>> = fields.iter().map(|field| &field.ident).collect();
    let bindings: Vec<Ident> = (0..names.len()).map(|index| format_ident!("field_{}", index)).collect();
    let (plain, generics) = (plain_implementation(input, krate, fields), with_static_parameters(input));
    let (impl_generics, ty_generics, clause) = generics.split_for_impl();
    let (count, state) = (lines_of_all.iter().map(|lines| &lines.count), lines_of_all.iter().map(|lines| &lines.state));
    let sparse = lines_of_all.iter().map(|lines| &lines.sparse);
    let (walk, walk_ref) =
        (lines_of_all.iter().map(|lines| &lines.walk), lines_of_all.iter().map(|lines| &lines.walk_ref));
    Ok(quote! {
        #plain
        #[allow(unused_variables, unused_mut, clippy::all, clippy::pedantic)]
        impl #impl_generics #krate::Parameters for #name #ty_generics #clause {
            const COUNT: usize = 0 #(+ #count)*;
            const NON_TRAINABLE: usize = 0 #(+ #state)*;
            const SPARSE: bool = false #(|| #sparse)*;
            fn walk<const COUNT_OF_THESE: usize>(
                mut these: [&mut Self; COUNT_OF_THESE],
                path: &#krate::Path<'_>,
                visit: &mut #krate::parameters::Visit<'_, COUNT_OF_THESE>,
            ) {
                #(#walk)*
            }
            fn walk_ref(&self, path: &#krate::Path<'_>, visit: &mut dyn ::core::ops::FnMut(&#krate::Parameter<'_>, &[f32])) {
                // An attribute of the user's sees the struct after this derive: what it adds or changes is refused here.
                fn plain<T: #krate::Plain>(_: &T) {}
                let Self { #(#names: #bindings),* } = self;
                #(plain(#bindings);)*
                #(#walk_ref)*
            }
        }
    })
}

/// The options' type with its `DEFAULT`, or none.
fn configured(input: &DeriveInput, options: &StructOptions) -> TokenStream {
    let (name, krate, class) = (&input.ident, &options.krate, &options.class);
    let (ty, default) = match &options.options {
        Some(ty) => (quote!(#ty), quote!(#ty::DEFAULT)),
        None => (quote!(#krate::NoOptions), quote!(#krate::NoOptions)),
    };
    let generics = with_static_parameters(input);
    let (impl_generics, ty_generics, clause) = generics.split_for_impl();
    quote! {
        impl #impl_generics #krate::Configured for #name #ty_generics #clause {
            type Options = #ty;
            const DEFAULT: #ty = #default;
            const CLASS: &'static str = #class;
        }
    }
}

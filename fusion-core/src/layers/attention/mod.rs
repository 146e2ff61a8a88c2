//! Attention: what the layers that weigh one sequence by another have in common, and a file for each of them.
//!
//! A query is compared with every key, and what comes out is a mean of the values, weighed by how well their keys fit.
//! [`heads`] does that on flat numbers, for one head or several; [`scores`] makes weights of scores, and knows which keys
//! a query sees.

mod additive_attention;
mod attention_layer;
mod group_query_attention;
mod heads;
mod multi_head_attention;
mod projected;
mod projection;
mod scores;
mod unprojected;

pub use additive_attention::AdditiveAttention;
pub use attention_layer::{Attention, AttentionOptions, ConcatScore, DotScore, NoScale, ScoreMode, UseScale};
pub use group_query_attention::GroupQueryAttention;
pub use multi_head_attention::{MultiHeadAttention, MultiHeadAttentionOptions};

use crate::layer::{Mistake, Output, Wire, position};
use crate::shape::{Tensor, Text};

/// Where among a layer's wires the query, the key and the value stand; without a wire of its own the key is the value.
#[derive(Clone, Copy)]
struct Places {
    query: usize,
    key: usize,
    value: usize,
}

impl Places {
    /// Of wires that [`mistake`] finds nothing wrong with; the first for one that is not there.
    const fn of(wires: &[Wire]) -> Self {
        let query = or(position(wires, "query"), 0);
        let value = or(position(wires, "value"), 0);
        Self { query, key: or(position(wires, "key"), value), value }
    }

    /// How many steps the queries have, and how many the keys and the values.
    const fn steps(&self, wires: &[Wire]) -> [usize; 2] {
        [wires[self.query].shape.dim(0), wires[self.value].shape.dim(0)]
    }
}

const fn or(place: Option<usize>, other: usize) -> usize {
    match place {
        Some(place) => place,
        None => other,
    }
}

/// What is wrong with the wires of a layer that `model!` writes so, whatever their features are.
const fn mistake(wires: &[Wire], written: &str) -> Option<Mistake> {
    if let Some(mistake) = unless_named(wires, written) {
        return Some(mistake);
    }
    let mut i = 0;
    while i < wires.len() {
        let Wire { name, shape, element } = &wires[i];
        if !element.is_number() {
            let text = Text::new("takes numbers (`f32`), but `").and(name).and("` carries `u32` ids");
            return Some(Mistake::sentence(text).advice(Text::new("put `Embedding` before it")));
        }
        if shape.rank() != 2 {
            let text = Text::new("takes sequences [steps, features], but `").and(name).and("` is ").shape(shape);
            return Some(Mistake::sentence(text));
        }
        i += 1;
    }
    let Places { key, value, .. } = Places::of(wires);
    if wires[key].shape.dim(0) == wires[value].shape.dim(0) {
        return None;
    }
    let text = Text::new("takes as many steps of `key` as of `value`, but they are ").shape(&wires[key].shape);
    Some(Mistake::sentence(text.and(" and ").shape(&wires[value].shape)))
}

/// The names have to be those that the layer knows.
const fn unless_named(wires: &[Wire], written: &str) -> Option<Mistake> {
    let known = [position(wires, "query"), position(wires, "value"), position(wires, "key")];
    let (mut found, mut i) = (0, 0);
    while i < known.len() {
        found += known[i].is_some() as usize;
        i += 1;
    }
    if known[0].is_some() && known[1].is_some() && found == wires.len() {
        return None;
    }
    let text = Text::new("takes `query` and `value`, and `key` where that is another wire");
    let text = if wires.len() == 1 && found == 0 { text } else { given(text.and(", but is given "), wires) };
    Some(Mistake::sentence(text).advice(Text::new("write `(query = …, value = …) => ").and(written).and("`")))
}

/// Makes one wire a mistake of a layer that takes several by name: otherwise the compiler would say that it is no layer.
macro_rules! refuses_one_wire {
    ([$($generics:tt)*] $layer:ty, $written:literal) => {
        #[diagnostic::do_not_recommend]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>, $($generics)*>
            $crate::layer::Layer<In, O> for $layer
        {
            const OUTPUT: $crate::layer::Output = $crate::layers::attention::of_one_wire::<In>($written);

            fn forward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Forward<'_>,
                _x: &[In],
                _y: &mut [Out],
            ) {
                unreachable!("the compiler refuses one wire");
            }
        }

        #[cfg(feature = "training")]
        #[diagnostic::do_not_recommend]
        impl<In: $crate::shape::Tensor, O: $crate::weights::OptionsOf<Self>, $($generics)*>
            $crate::layer::TrainLayer<In, O> for $layer
        {
            fn backward<Out: $crate::shape::Tensor>(
                &self,
                _cx: &mut $crate::layer::Backward<'_, Self>,
                _x: &[In],
                _y: &[Out],
                _dy: &mut [Out],
                _dx: Option<&mut [In]>,
            ) {
                unreachable!("the compiler refuses one wire");
            }
        }
    };
}
use refuses_one_wire;

const fn of_one_wire<In: Tensor>(written: &str) -> Output {
    Output::new(In::SHAPE).or(mistake(&[Wire::of::<In>("")], written))
}

/// "`query` and `values`".
const fn given(mut text: Text, wires: &[Wire]) -> Text {
    let mut i = 0;
    while i < wires.len() {
        let between = if i == 0 {
            "`"
        } else if i + 1 == wires.len() {
            " and `"
        } else {
            ", `"
        };
        text = text.and(between).and(wires[i].name).and("`");
        i += 1;
    }
    text
}

/// The mistake of a wire that has another number of features than the layer takes; `remedy` says what to write.
const fn unless_features(wire: &Wire, name: &str, takes: usize, remedy: Text) -> Option<Mistake> {
    let found = wire.shape.last();
    if found == takes {
        return None;
    }
    let text = Text::new("takes ").number(takes).and(if takes == 1 { " feature of `" } else { " features of `" });
    Some(Mistake::sentence(text.and(name).and("`, but that has ").number(found)).advice(remedy))
}

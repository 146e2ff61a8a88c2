//! Steps with several outputs, written as `model!` would write them: a layer that gives its state, and a model with
//! two outputs within another one.

use std::mem::offset_of;

use fusion::layer::{Graph, Operand, Several, Source, StepNode, Wire, Wires};
use fusion::layers::{Part, PartOptions};
use fusion::model::{IntoInputs, Outputs, Place, SingleInput, places};
use fusion::prelude::*;
use fusion::weights::{Options, walk_ref};

use crate::graphs::{check, numbers};

model! {
    /// Two outputs.
    pub struct Pair {
        input a: [f32; 4];
        branch x = a => Dense<4, 3, Tanh>;
        output one = x => Dense<3, 2>;
        output two = x => Dense<3, 3, Tanh>;
    }
}

/// What would be `branch (_, h, c) = x => Lstm<3, 4>(return_state = true);`
/// `branch (second = two, first = one) = h => Pair;` `output z = concatenate(second, c, first) => Dense<9, 1>;`.
struct Both {
    lstm: Memory,
    pair: Pair,
    concatenate: Concatenate,
    dense: Head,
}

type Sequence = [[f32; 3]; 5];
type Memory = Lstm<3, 4>;
type Head = Dense<9, 1>;
type Merge = Concatenate;

fusion::model::options!(WithState: Memory .return_state(true));
fusion::model::options!(OfH: Part .of(MemoryGives.part(1)));
fusion::model::options!(OfC: Part .of(MemoryGives.part(2)));
fusion::model::options!(OfTwo: Part .of(PairGives.part(PairGives.part_named("two", 0))));
fusion::model::options!(OfOne: Part .of(PairGives.part(PairGives.part_named("one", 1))));

macro_rules! step {
    ($(in $parts:ident)? $step:ident $gives:ident $wire:ident [$($dim:ident)*]: $layer:ty, $inputs:ty $(, $options:ty)?) => {
        fusion::model::step!($(in $parts)? $step $gives $wire [$($dim)*]: $layer, $inputs $(, $options)?
            => <$layer as __Layer<$inputs $(, $options)?>>::OUTPUT);
    };
}
step!(in parts MemoryStep MemoryGives MemoryWire [ME MR M0 M1 M2 M3 M4 M5]: Memory, Sequence, WithState);
step!(HStep HGives HWire [HE HR H0 H1 H2 H3 H4 H5]: Part, MemoryWire, OfH);
step!(CStep CGives CWire [CE CR C0 C1 C2 C3 C4 C5]: Part, MemoryWire, OfC);
step!(in parts PairStep PairGives PairWire [PE PR P0 P1 P2 P3 P4 P5]: Pair, HWire);
step!(TwoStep TwoGives TwoWire [TE TR T0 T1 T2 T3 T4 T5]: Part, PairWire, OfTwo);
step!(OneStep OneGives OneWire [OE OR O0 O1 O2 O3 O4 O5]: Part, PairWire, OfOne);
step!(MergeStep MergeGives MergeWire [AE AR A0 A1 A2 A3 A4 A5]: Merge, Merged);
step!(HeadStep HeadGives HeadWire [EE ER E0 E1 E2 E3 E4 E5]: Head, MergeWire);

struct Operands;
impl Wires for Operands {
    const WIRES: &'static [Wire] =
        &[Wire::of::<TwoWire>("second"), Wire::of::<CWire>("c"), Wire::of::<OneWire>("first")];
}
type Merged = Several<Operands, 3>;

fusion::model::weights!(unsafe Both "Functional" "functional" {
    lstm: Memory, pair: Pair, concatenate: Merge, dense: Head
} [
    MemoryStep::ENTRY.at("lstm", offset_of!(Self, lstm)),
    PairStep::ENTRY.at("pair", offset_of!(Self, pair)),
    MergeStep::ENTRY.at("concatenate", offset_of!(Self, concatenate)),
    HeadStep::ENTRY.at("dense", offset_of!(Self, dense))
]);

#[expect(clippy::large_const_arrays, reason = "as `model!` writes it")]
const STEPS: [StepNode; 8] = [
    MemoryStep::NODE.of(0, &[Source::input(0)]),
    HStep::NODE.alias(&[Source::step(0).again()]).part(1),
    CStep::NODE.alias(&[Source::step(0)]).part(2),
    PairStep::NODE.of(1, &[Source::step(1)]),
    TwoStep::NODE.alias(&[Source::step(3).again()]).part(1),
    OneStep::NODE.alias(&[Source::step(3)]).part(0),
    MergeStep::NODE.of(2, &[Source::step(4), Source::step(2), Source::step(5)]),
    HeadStep::NODE.of(3, &[Source::step(6)]),
];
const PLACES: [Place; 8] = places(&STEPS);

/// The sequences.
#[derive(Clone, Copy)]
struct BothInputs<'a>(&'a [Sequence]);
impl<'a> IntoInputs<'a, Both> for BothInputs<'a> {
    fn into_inputs(self) -> Self {
        self
    }
}
impl SingleInput for Both {
    type Sample = Sequence;
    fn single(samples: &[Sequence]) -> BothInputs<'_> {
        BothInputs(samples)
    }
}
impl fusion::model::Network for Both {
    type Input<'a> = &'a Sequence;
    type Inputs<'a> = BothInputs<'a>;
    type Operands<'a> = [Operand<'a>; 1];
    type Output = [f32; 1];
    type Outputs = (HeadWire,);
    const GRAPH: &'static Graph = &Graph {
        name: "Both",
        sequential: false,
        inputs: &[Wire::of::<Sequence>("x")],
        layers: &[
            MemoryStep::LAYER.named("lstm", false),
            PairStep::LAYER.named("pair", false),
            MergeStep::LAYER.named("concatenate", false),
            HeadStep::LAYER.named("dense", false),
        ],
        steps: &STEPS,
        outputs: &[("z", 7)],
    };
    const PLACES: &'static [Place] = &PLACES;
    fn one(input: Self::Input<'_>) -> Self::Operands<'_> {
        [Operand::of(std::slice::from_ref(input))]
    }
    fn many(inputs: Self::Inputs<'_>) -> Self::Operands<'_> {
        [Operand::of(inputs.0)]
    }
    fn read(outputs: <Self::Outputs as Outputs>::Slices<'_>, sample: usize, output: &mut [f32; 1]) {
        *output = outputs.0[sample];
    }
}
fusion::model::passes!(Both {
    MemoryStep(lstm, 0), HStep(_, 1), CStep(_, 2), PairStep(pair, 3), TwoStep(_, 4), OneStep(_, 5),
    MergeStep(concatenate, 6), HeadStep(dense, 7)
} back {
    HeadStep(dense, 7), MergeStep(concatenate, 6), OneStep(_, 5), TwoStep(_, 4), PairStep(pair, 3), CStep(_, 2),
    HStep(_, 1), MemoryStep(lstm, 0)
} state { MemoryStep(lstm, 0), PairStep(pair, 3), HeadStep(dense, 7) });
fusion::model::model_as_layer!(Both);

fn sequences(samples: usize) -> Vec<Sequence> {
    let flat = numbers::<15>(samples, 1);
    flat.iter().map(|sample| std::array::from_fn(|t| std::array::from_fn(|f| sample[3 * t + f]))).collect()
}

#[test]
fn each_output_goes_where_it_is_bound() {
    let (model, x) = (Both::new(7), sequences(60));
    // The same layers, one by one.
    let mut memory = vec![[0.0; 12]; x.len()];
    let needs = <Memory as Layer<Sequence, WithState>>::NEEDS;
    let mut saved = vec![0.0; needs.kept(false).of(x.len())];
    let cx = &mut fusion::layer::Forward::new(&mut saved, &mut []);
    Layer::<Sequence, WithState>::forward(&model.lstm, cx, &x, &mut memory);
    let z = model.predict_batch(&x).unwrap();
    for ((memory, z), x) in memory.iter().zip(&z).zip(&x) {
        let [output, h, c]: [[f32; 4]; 3] = std::array::from_fn(|part| std::array::from_fn(|u| memory[4 * part + u]));
        assert_eq!(output, h);
        let PairOutput { one, two } = model.pair.predict(&h);
        let joined: Vec<f32> = two.iter().chain(&c).chain(&one).copied().collect();
        let expected: f32 = joined.iter().zip(&model.dense.kernel).map(|(x, [w])| x * w).sum();
        approx::assert_relative_eq!(z[0], expected + model.dense.bias[0], epsilon = 1e-5);
        approx::assert_relative_eq!(z[0], model.predict_named(x)[0], epsilon = 1e-5);
    }
}

#[test]
fn gradients_of_all_outputs_come_together() {
    let (x, targets) = (sequences(50), numbers::<1>(50, 3));
    check(
        &mut Both::new(4),
        |model| {
            let mut trainer = Trainer::new(model, Sgd::new(1.0), MeanSquaredError).verbose(false);
            trainer.train_on_batch(&x, &targets).unwrap();
        },
        |model| {
            let copy = &mut model.duplicate();
            Trainer::new(copy, Sgd::new(1.0), MeanSquaredError).verbose(false).evaluate(&x, &targets).unwrap()["loss"]
        },
    );
}

#[test]
fn the_summary_says_which_output_goes_where() {
    let summary = Both::summary().line_length(250).to_string();
    for line in [
        "lstm (LSTM)",
        "[(None, 4), (None, 4), (None, 4)]",
        "[(None, 2), (None, 3)]",
        "lstm[0][1]",
        "pair[0][1], lstm[0][2], pair[0][0]",
    ] {
        assert!(summary.contains(line), "{line} is not in\n{summary}");
    }
}

#[test]
fn weights_come_back_from_a_file() {
    let (model, mut other) = (Both::new(1), Both::new(2));
    other.load_weights_from_bytes(&model.weights_to_bytes()).unwrap();
    let all = |model: &Both| {
        let mut all = vec![];
        walk_ref(model, &mut |parameter, values| all.push((parameter.to_string(), values.to_vec())));
        all
    };
    assert_eq!(all(&model), all(&other));
    assert_eq!(all(&model)[0].0, "lstm/lstm_cell/kernel");
    assert_eq!(PartOptions::DEFAULT.of(MemoryGives.part(1)).clone(), <OfH as OptionsOf<Part>>::VALUE);
}

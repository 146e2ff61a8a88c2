//! How much memory a prediction takes, and that it gives the same bits as if no wire lay where another one lay.

use fusion::prelude::*;
use fusion_core::kernels::memory::AlignedVec;
use fusion_core::layer::{From, Operand, Wire};
use fusion_core::model::{
    ForwardPass, Logits, Network, OperandArray, PassOptions, Workspace, check_inputs, output_mask,
};
use fusion_core::shape::ElementType;

use super::alone;

#[allow(dead_code, reason = "their data is another test's")]
#[path = "../keras_parity/guide_models/models.rs"]
mod guide_models;
#[allow(dead_code, reason = "its loss is another test's")]
#[path = "../keras_parity/programs/own.rs"]
mod own;
#[allow(dead_code, reason = "their data is another test's")]
#[path = "../keras_parity/programs/models.rs"]
mod programs;
#[allow(dead_code, reason = "their data is another test's")]
#[path = "../keras_parity/programs/public_models.rs"]
mod public_models;
#[allow(dead_code, reason = "their data is another test's")]
#[path = "../keras_parity/runs/models.rs"]
mod runs;

model! {
    /// The guide's network at its full size.
    struct ToyResnet {
        input img: [f32; 32, 32, 3];
        branch block_1 = img => Conv2d<_, 32, 3, Relu> => Conv2d<_, 64, 3, Relu> => MaxPooling2d(3);
        branch x_2 = block_1 => Conv2d<_, 64, 3, Relu>(padding = Same) => Conv2d<_, 64, 3, Relu>(padding = Same);
        branch block_2 = add(x_2, block_1);
        branch x_3 = block_2 => Conv2d<_, 64, 3, Relu>(padding = Same) => Conv2d<_, 64, 3, Relu>(padding = Same);
        branch block_3 = add(x_3, block_2);
        output class = block_3 => Conv2d<_, 64, 3, Relu> => GlobalAveragePooling2d => Dense<_, 256, Relu> => Dropout(0.5)
            => Dense<_, 10>;
    }
}

model! { struct Deep = [f32; 256] => repeat 21 { Dense<256, 256, Relu> } => Dense<256, 10>; }

model! {
    /// A mask that is made within, and one that goes around.
    struct Words {
        input words: [u32; 6];
        output seen = words => Embedding<5, 4>(mask_zero = true) => Dense<_, 3, Tanh>;
    }
}

model! {
    /// A layer that is used twice, wires that nothing reads or that are read much later, models and layers within others,
    /// penalties, and outputs that other steps read too.
    struct Odd {
        input words: [u32; 6];
        input series: [f32; 6, 4];
        layer shared: Dense<4, 4, Sigmoid>;
        branch early = series => Dense<_, 4, Tanh>(activity_regularizer = L2(0.1));
        branch (left, _, right) = series => shared => Split(3, axis = 1);
        branch deep = early => repeat 5 { Dense<_, 4, Tanh> => Dropout(0.5) } => shared;
        branch steps = add(deep, early) => TimeDistributed<Dense<_, 3, Relu>>;
        branch seen = words => Words;
        branch both = concatenate(steps, seen) => Bidirectional<Lstm<_, 3>(return_sequences = true)>;
        branch states = both => Masking => Lstm<_, 4>(return_sequences = true);
        branch classes = concatenate(left, right) => Flatten => Dense<_, 5, Softmax>;
        output sequence = states;
        output half = classes;
        output last = states => GlobalAveragePooling1d => Dense<_, 2>;
        output again = classes;
    }
}

/// Inputs of chance: ids as large as the model takes.
struct Data {
    numbers: Vec<Vec<f32>>,
    ids: Vec<Vec<u32>>,
}

impl Data {
    fn new(inputs: &[Wire], samples: usize, ids: u32) -> Self {
        let of = |element, wire: &Wire| if wire.element == element { samples * wire.shape.length() } else { 0 };
        let number = |i: usize| (i as f32 * 0.7).sin();
        let numbers = inputs.iter().map(|wire| (0..of(ElementType::F32, wire)).map(number).collect());
        let ids =
            inputs.iter().map(|wire| (0..of(ElementType::U32, wire)).map(|i| (i * 7 % 11) as u32 % ids).collect());
        Self { numbers: numbers.collect(), ids: ids.collect() }
    }

    fn operands<N: Network>(&self, samples: usize) -> N::Operands<'_> {
        let mut operands = <N::Operands<'_> as OperandArray<'_>>::EMPTY;
        for (index, (operand, wire)) in operands.as_mut().iter_mut().zip(N::GRAPH.inputs).enumerate() {
            let (numbers, ids) = (&*self.numbers[index], &*self.ids[index]);
            *operand = Operand { numbers, ids, shape: &wire.shape, samples, mask: None };
        }
        operands
    }
}

/// The bits of all outputs and their masks, of memory in which everything is NaN before.
fn bits<N: Network>(network: &N, inputs: &[Operand<'_>], samples: usize, keep: bool) -> Vec<Vec<u32>> {
    let nan = |floats: usize| {
        let mut memory = AlignedVec::zeroed(floats);
        memory.as_mut_slice().fill(f32::NAN);
        memory
    };
    let mut wires = nan(N::MEMORY.wires(keep, samples));
    let (mut saved, mut scratch) = (nan(N::MEMORY.kept(keep).of(samples)), nan(N::MEMORY.scratch.of(samples)));
    let (saved, scratch) = (saved.as_mut_slice(), scratch.as_mut_slice());
    let options = PassOptions { keep, ..PassOptions::inference(samples) };
    network.pass(&mut ForwardPass {
        options,
        inputs,
        wires: wires.as_mut_slice(),
        saved,
        scratch,
        logits: Logits::None,
    });
    let wires = wires.as_slice();
    let outputs = N::GRAPH.outputs.iter().enumerate().flat_map(|(output, (_, step))| {
        let mask = output_mask::<N>(output, wires, keep, samples).unwrap_or_default();
        [&wires[N::PLACES[*step].wire(keep, samples)], mask]
    });
    outputs.map(|numbers| numbers.iter().map(|number| number.to_bits()).collect()).collect()
}

fn gives_the_bits_of_wires_apart<N: Network + Model<Network = N>>() {
    let name = N::GRAPH.name;
    let network = N::new(1);
    for samples in [1, 5] {
        let takes = |ids: &u32| {
            let data = Data::new(N::GRAPH.inputs, samples, *ids);
            check_inputs::<N>(&*network, data.operands::<N>(samples), samples, &mut Workspace::default()).is_ok()
        };
        let ids = [11, 5, 3, 2, 1].into_iter().find(takes).unwrap_or_else(|| panic!("{name} takes no ids"));
        let data = Data::new(N::GRAPH.inputs, samples, ids);
        let operands = data.operands::<N>(samples);
        let [shared, apart] = [false, true].map(|keep| bits(&*network, operands.as_ref(), samples, keep));
        assert_eq!(shared, apart, "{name}");
        let finite = |numbers: &Vec<u32>| numbers.iter().all(|number| f32::from_bits(*number).is_finite());
        assert!(shared.iter().all(finite), "{name}");
    }
    assert!(N::MEMORY.wires(false, 1) <= N::MEMORY.wires(true, 1), "{name}");
}

macro_rules! give_the_bits_of_wires_apart {
    ($($test:ident: $($model:path),+;)+) => {
        $(#[test]
        fn $test() {
            let _alone = alone();
            $(gives_the_bits_of_wires_apart::<$model>();)+
        })+
    };
}
give_the_bits_of_wires_apart! {
    odd_models_give_the_bits_of_wires_apart: Odd, Words, Deep, super::Fusion, super::Photos, super::Texts;
    models_of_the_guide_give_the_bits_of_wires_apart: guide_models::MnistMlp, guide_models::Autoencoder,
        guide_models::FlatAutoencoder, guide_models::Ensemble, guide_models::Tickets, guide_models::ToyResnet,
        guide_models::SharedEmbedding, guide_models::MixedData, guide_models::Recommender, guide_models::Regularized,
        guide_models::Activity, guide_models::Tagging;
    programs_give_the_bits_of_wires_apart: programs::Connect4, programs::Nbeats, programs::DeepAndCross,
        programs::GatedResidual, programs::Seq2Seq;
    public_programs_give_the_bits_of_wires_apart: public_models::TabTransformer, public_models::BehaviorSequence,
        public_models::VariableSelection, public_models::Siamese, public_models::LstmFcn,
        public_models::TextAndMetadata, public_models::QuestionPairs, public_models::Node2Vec, public_models::UNet;
    trained_models_give_the_bits_of_wires_apart: runs::Regularized, runs::ClassWeight, runs::Series, runs::Attended,
        runs::Recommender, runs::SqueezeExcite, runs::TwoHeads, runs::WeightedClasses, runs::ThreeHeads;
}

/// What the wires take that are needed at one time, those of the largest such time.
fn needed<N: Network>() -> usize {
    let (steps, outputs) = (N::GRAPH.steps, N::GRAPH.outputs);
    let last = |step: usize| {
        let reads = |later: &usize| steps[*later].operands.iter().any(|source| source.from == From::Step(step));
        let is_output = outputs.iter().any(|(_, output)| *output == step);
        if is_output { steps.len() } else { (step..steps.len()).rev().find(reads).unwrap_or(step) }
    };
    let length = |step: usize| steps[step].output.shape.length().next_multiple_of(16);
    let at = |now: usize| (0..=now).filter(|step| last(*step) >= now).map(length).sum();
    (0..steps.len()).map(at).max().unwrap_or(0)
}

/// Where two wires of one step are most of what all take, that is what a prediction takes.
#[test]
fn a_prediction_takes_what_is_needed_at_one_time() {
    // The first two wires, of 30 · 30 · 32 and 28 · 28 · 64 numbers, and an image of 9 · 9 · 64 with its padding.
    assert_eq!(ToyResnet::MEMORY.wires(true, 1), 118_992);
    assert_eq!(ToyResnet::MEMORY.wires(false, 1), 30 * 30 * 32 + 28 * 28 * 64);
    assert_eq!(ToyResnet::WORKSPACE_BYTES, 4 * (30 * 30 * 32 + 28 * 28 * 64 + 11 * 11 * 64));
    // Two wires of 256 numbers, where all 22 together take 5392.
    assert_eq!((Deep::WORKSPACE_BYTES, Deep::MEMORY.wires(true, 1)), (4 * 2 * 256, 21 * 256 + 16));
    fn ratio<N: Network>() -> f64 {
        assert!(N::MEMORY.wires(false, 1) >= needed::<N>());
        N::MEMORY.wires(false, 1) as f64 / needed::<N>() as f64
    }
    // Gaps that nothing fits into, in networks with many ways through them; the second has masks besides.
    let ratios = [
        ratio::<programs::Connect4>(),
        ratio::<public_models::UNet>(),
        ratio::<public_models::TabTransformer>(),
        ratio::<programs::Nbeats>(),
    ];
    assert!(ratios.iter().all(|ratio| *ratio < 1.02), "{ratios:?}");
}

/// A tower of 19 residual blocks: a prediction of it has room on the stack of a small machine.
#[test]
fn a_deep_prediction_takes_a_small_part_of_its_wires() {
    let connect4 = [true, false].map(|keep| programs::Connect4::MEMORY.wires(keep, 1));
    assert!(connect4[0] > 10 * connect4[1], "{connect4:?}");
    assert_eq!(programs::Connect4::WORKSPACE_BYTES, 4 * fusion::model::floats_of_one::<programs::Connect4>());
}

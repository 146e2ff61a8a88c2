//! Our side of the cases. `ours FOLDER export` writes what they are made of, for all: weights, inputs, targets.

mod networks;

use std::hint::black_box;
use std::path::Path;

use common::{Work, folder, parts, serve};
use fusion::prelude::*;
use fusion::shape::{Tensor, zeroed_box};
use fusion::weights::{Parameters, walk, walk_ref};
use networks::{M1, M2, M3, Mixed, Resnet, Tickets, Transformer};

/// Numbers that are drawn, or ids.
trait Drawn: Copy {
    fn of(uniform: f32) -> Self;
    fn bytes(self) -> [u8; 4];
}

impl Drawn for f32 {
    fn of(uniform: f32) -> Self {
        2.0 * uniform - 1.0
    }
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}

impl Drawn for u32 {
    fn of(uniform: f32) -> Self {
        (uniform * 10_000.0) as Self
    }
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}

/// Rows that are the same in every run.
fn rows<T: Tensor<Element: Drawn>>(samples: usize, name: &str) -> Vec<T> {
    let random = fusion::Random::new(name.bytes().map(u64::from).sum());
    let mut rows = vec![*zeroed_box::<T>(); samples];
    for (index, element) in T::flat_mut(&mut rows).iter_mut().enumerate() {
        *element = Drawn::of(random.of_sample(0).uniform(index as u64));
    }
    rows
}

/// Moves what is 0 or 1 in a new model, so that a bias or a scale that a peer mistakes is seen.
fn unlike_new<M: Parameters>(mut model: Box<M>) -> Box<M> {
    let random = fusion::Random::new(9);
    walk([&mut *model], &mut |_, [weights]| {
        if weights.iter().all(|weight| *weight == 0.0 || *weight == 1.0) {
            for (index, weight) in weights.iter_mut().enumerate() {
                *weight += 0.1 * random.of_sample(0).uniform(index as u64);
            }
        }
    });
    model
}

fn write<T: Tensor<Element: Drawn>>(folder: &Path, name: &str, rows: &[T]) {
    let bytes: Vec<u8> = T::flat(rows).iter().flat_map(|element| element.bytes()).collect();
    std::fs::write(folder.join(format!("{name}.bin")), bytes).expect("the folder can be written");
}

fn write_weights<M: Parameters>(folder: &Path, network: &str, model: &M) {
    let mut names = Vec::new();
    walk_ref(model, &mut |parameter, weights| {
        let name = format!("{network}.{}", parameter.path.to_string().replace('/', "."));
        write(folder, &name, weights);
        names.push(format!("{name} {:?}", parameter.array.shape.dimensions()));
    });
    std::fs::write(folder.join(format!("{network}.weights")), names.join("\n")).expect("the folder can be written");
}

/// The functions of a network: its work, and its files.
macro_rules! network {
    ($function:ident, $Model:ident, $most:literal, [$($input:ident: $Input:ty),+], [$($target:ident: $Target:ty),+],
     $loss:expr, |$all:ident| $place:expr, $($field:ident).*; |$y:ident| $($numbers:expr),+) => {
        fn $function(folder: Option<&Path>, trains: bool, samples: usize) -> Work {
            let name = stringify!($function);
            $(let $input: Vec<$Input> = rows(samples, concat!(stringify!($Model), stringify!($input)));)+
            $(let $target: Vec<$Target> = rows(samples, concat!(stringify!($Model), stringify!($target)));)+
            let model: Box<$Model> = unlike_new($Model::new(1));
            if let Some(folder) = folder {
                write_weights(folder, name, &*model);
                $(write(folder, &format!("{name}.{}", stringify!($input)), &$input);)+
                $(write(folder, &format!("{name}.target.{}", stringify!($target)), &$target);)+
            }
            if trains {
                let mut first = model.clone();
                let mut trainer = Trainer::new(&mut *first, Adam::new(1e-3), $loss).verbose(false);
                let computes = (0..10)
                    .map(|_| trainer.train_on_batch(($(&$input),+), ($(&$target),+)).unwrap()["loss"] as f32)
                    .collect();
                // So small a rate that the loss hardly moves, however many steps are timed.
                let trained: &'static mut $Model = Box::leak(model);
                let mut trainer = Trainer::new(trained, Adam::new(1e-6), $loss).verbose(false);
                let run = move || {
                    black_box(trainer.train_on_batch(black_box(($(&$input),+)), ($(&$target),+)).unwrap());
                };
                return Work { computes, run: Box::new(run) };
            }
            let mut $all = model.predict_batch(($(&$input),+)).unwrap();
            let $y = &$all;
            let mut computes = Vec::new();
            $(computes.extend_from_slice($numbers);)+
            if samples == 1 {
                let run = move || _ = black_box(model.predict($(black_box(&$input[0])),+));
                return Work { computes, run: Box::new(run) };
            }
            let mut workspace = $Model::workspace();
            let run = move || {
                model.predict_batch_into(black_box(($(&$input),+)), $place, &mut workspace).unwrap();
                black_box(&mut $all);
            };
            Work { computes, run: Box::new(run) }
        }
    };
    ($function:ident, $Model:ident, $most:literal, [$($input:ident: $Input:ty),+], $Target:ty) => {
        network!($function, $Model, $most, [$($input: $Input),+], [target: $Target],
                 MeanSquaredError, |all| &mut all[..], ; |y| <$Target>::numbers(y));
    };
}

network!(m1, M1, 1024, [a: [f32; 32], b: [f32; 128]], [f32; 1]);
network!(m2, M2, 1024, [x: [f32; 10]], [f32; 1]);
network!(m3, M3, 1024, [x: [f32; 784]], [f32; 10]);
network!(resnet, Resnet, 32, [img: [[[f32; 3]; 32]; 32]], [f32; 10]);
network!(tickets, Tickets, 32, [title: [u32; 10], body: [u32; 100], tags: [f32; 12]],
         [priority: [f32; 1], department: [f32; 4]], (MeanSquaredError, MeanSquaredError), |all| all.as_mut(), ;
         |y| y.priority.as_flattened(), y.department.as_flattened());
network!(mixed, Mixed, 32, [attributes: [f32; 10], photo: [[[f32; 3]; 64]; 64]], [f32; 1]);
network!(transformer, Transformer, 32, [x: [[f32; 128]; 64]], [[f32; 128]; 64]);

fn main() {
    let folder = folder();
    if std::env::args().nth(2).as_deref() == Some("export") {
        let folder = Some(&*folder);
        m1(folder, false, 1024);
        m2(folder, false, 1024);
        m3(folder, false, 1024);
        resnet(folder, false, 32);
        tickets(folder, false, 32);
        mixed(folder, false, 32);
        transformer(folder, false, 32);
        println!("{:?}", fusion::kernels::level());
        return;
    }
    serve(|case| {
        let (network, trains, samples) = parts(case);
        let function = match network {
            "m1" => m1,
            "m2" => m2,
            "m3" => m3,
            "resnet" => resnet,
            "tickets" => tickets,
            "mixed" => mixed,
            "transformer" => transformer,
            _ => return None,
        };
        Some(function(None, trains, samples))
    });
}

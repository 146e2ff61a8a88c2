//! The arithmetic that layers, losses and optimizers are made of, written once and compiled for
//! several instruction sets.
//!
//! This is the only place that knows of vector instructions. Every function here is safe, takes
//! plain slices, checks their lengths and then runs at the [`Level`] that was found on this
//! machine ([`level`]) or that the environment asks for ([`VARIABLE`]):
//!
//! - matrix products: [`dense`], [`dense_one`], [`input_gradient`], and the general [`product`] of which these are
//!   forms; [`add_kernel_gradient`] and [`add_gradient`], which are sums over samples;
//! - the same of matrices that were packed once: [`dense_packed`] of [`pack`]ed numbers, [`Half`]s among them, and
//!   [`dense_int8`] of integers;
//! - convolutions: [`convolve`], [`add_convolution_kernel_gradient`] and
//!   [`convolution_input_gradient`]; [`depthwise_convolve`]; [`max_pooling`], [`average_pooling`] and their gradients;
//! - [`lstm_step`] and [`gru_step`], what a step does beside its products;
//! - numbers that go elsewhere as they are: [`Moves`], [`transpose`];
//! - what goes with them: [`add_rows`], [`add_rows_by_id`], [`relu_gradient`], [`fold`];
//! - elementary functions: [`math`], and over slices [`exp_in_place`], [`tanh_in_place`] and
//!   [`sigmoid_in_place`];
//! - what is looked for: [`first_largest`], [`first_not_finite`];
//! - who does it: [`Threads`], among whom large products are shared;
//! - any other loop: [`vectorize`].
//!
//! # What is the same at every level, and what is not
//!
//! The functions of [`math`], [`add_rows`], [`add_rows_by_id`] and every plain loop inside [`vectorize`]
//! give the same bits at every level, because Rust never fuses a multiplication with an addition
//! by itself. Matrix products do differ in the last bits: the wide levels use fused
//! multiply-add, and the order of the additions depends on the width of a vector; so do
//! [`lstm_step`] and [`gru_step`]. Within one level a row's result may depend in its last bits on how many rows are
//! computed together.

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod aarch64;
mod along;
mod axis;
mod blocks;
mod convolution;
mod dispatch;
mod elementwise;
mod gather;
mod grid;
mod half;
mod integers;
pub(crate) mod lanes;
mod level;
pub mod math;
mod matrix;
pub mod memory;
mod moves;
mod packed;
mod panel;
mod parts;
mod pooling;
mod product;
mod recurrent;
#[cfg(feature = "training")]
mod scatter;
#[cfg(all(target_arch = "x86_64", feature = "matrixmultiply"))]
mod sgemm;
mod simd;
mod strips;
mod threads;
mod tile;
mod transpose;
#[cfg(target_arch = "x86_64")]
mod x86_64;

pub use axis::Axis;
pub use convolution::{Convolution, convolution_input_gradient, convolve, depthwise_convolve};
#[cfg(feature = "training")]
pub use convolution::{add_convolution_kernel_gradient, depthwise_convolution_gradient};
pub use dispatch::vectorize;
#[cfg(feature = "training")]
pub use elementwise::relu_gradient;
pub use elementwise::{add_rows, exp_in_place, first_largest, first_not_finite, sigmoid_in_place, tanh_in_place, zero};
pub use half::{LARGEST_HALF, half, half_to_f32};
pub(crate) use integers::MOST_INPUTS;
pub use integers::{Int8Kernel, dense_int8, int8_bytes, int8_scale, int8_step};
#[doc(hidden)]
pub use level::force;
pub use level::{Level, UnknownLevel, VARIABLE, available, level, levels};
pub use matrix::{MatrixMut, MatrixRef};
pub use moves::{Beside, Loop, Moves};
pub use packed::{Half, Packable, dense_packed, pack, strip_columns, unpack};
pub use parts::parts_scratch;
#[cfg(feature = "training")]
pub(crate) use parts::{PART, in_parts};
#[cfg(feature = "training")]
pub use parts::{fold, settle};
pub use pooling::{Pooling, Windows, average_pooling, max_pooling};
#[cfg(feature = "training")]
pub use pooling::{average_pooling_gradient, max_pooling_gradient};
pub use product::{Sizes, Start, dense, dense_one, product};
#[cfg(feature = "training")]
pub use product::{add_gradient, add_kernel_gradient, input_gradient};
pub use recurrent::{GruStep, LstmStep, gru_step, lstm_step};
#[cfg(feature = "training")]
pub use scatter::{add_rows_by_id, add_squares_by_id};
#[cfg(feature = "threads")]
pub(crate) use threads::LEAST;
pub use threads::Threads;
#[cfg(feature = "training")]
pub(crate) use threads::{is_shared, share_out};
pub use transpose::transpose;

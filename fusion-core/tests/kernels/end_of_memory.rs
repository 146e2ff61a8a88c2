//! Slices that end where the process may not read or write any more.

use super::at_every_level;
use fusion_core::kernels::*;
use std::ffi::{c_int, c_long, c_void};
use std::sync::Mutex;

unsafe extern "C" {
    fn mmap(
        address: *mut c_void,
        length: usize,
        protection: c_int,
        flags: c_int,
        file: c_int,
        offset: c_long,
    ) -> *mut c_void;
    fn mprotect(address: *mut c_void, length: usize, protection: c_int) -> c_int;
}

const SIZE: usize = 1 << 16;

/// `values`, with a page behind that nobody may touch. It is never given back.
fn before_a_wall(length: usize) -> &'static mut [f32] {
    wall(length, SIZE)
}

/// The same in so many bytes, a multiple of 64 KB.
fn wall(length: usize, size: usize) -> &'static mut [f32] {
    // SAFETY: fresh private memory, of which the first `size` bytes stay accessible and are
    // handed out once. `length` numbers fit into them; zeroes are numbers.
    unsafe {
        let start = mmap(std::ptr::null_mut(), 2 * size, 1 | 2, 0x22, -1, 0);
        assert!(start as isize != -1 && mprotect(start.byte_add(size), size, 0) == 0);
        assert!(length * 4 <= size);
        std::slice::from_raw_parts_mut(start.byte_add(size - length * 4).cast(), length)
    }
}

const LONGEST: usize = SIZE / 4;
/// A matrix so large that one row goes along it, also where that needs half a million numbers.
const WIDEST: usize = 36 * LONGEST;

fn last(slice: &mut [f32], length: usize) -> &mut [f32] {
    let start = slice.len() - length;
    &mut slice[start..]
}

#[test]
fn products_touch_nothing_behind_the_slices() {
    let (x, kernel) = (before_a_wall(LONGEST), before_a_wall(LONGEST));
    let (bias, y) = (before_a_wall(LONGEST), before_a_wall(LONGEST));
    let slices = Mutex::new((x, kernel, bias, y));
    at_every_level(|_| {
        let mut slices = slices.lock().unwrap();
        let (x, kernel, bias, y) = &mut *slices;
        for outputs in 1..=70 {
            for inputs in [1, 2, 3, 5, 8, 17] {
                for rows in [1, 2, 5, 12, 16, 17] {
                    let sizes = Sizes { rows, inputs, outputs };
                    let (x, kernel) = (last(x, rows * inputs), last(kernel, inputs * outputs));
                    let (bias, y) = (last(bias, outputs), last(y, rows * outputs));
                    dense(x, kernel, Some(bias), y, sizes, true);
                    add_kernel_gradient(x, y, kernel, &mut [], sizes);
                    add_rows(y, bias);
                    input_gradient(y, kernel, x, sizes);
                }
            }
        }
    });
}

#[test]
fn few_rows_times_a_wide_matrix_touch_nothing_behind_the_slices() {
    let slices = Mutex::new([LONGEST, WIDEST, LONGEST, LONGEST].map(|length| wall(length, length * 4)));
    at_every_level(|_| {
        let mut slices = slices.lock().unwrap();
        let [x, kernel, bias, y] = &mut *slices;
        for (inputs, outputs) in [(256, 129), (259, 128), (129, 1030), (517, 1023)] {
            for rows in [1, 2, 3, 4, 5, 7] {
                let sizes = Sizes { rows, inputs, outputs };
                let (x, kernel) = (last(x, rows * inputs), last(kernel, inputs * outputs));
                dense(x, kernel, Some(last(bias, outputs)), last(y, rows * outputs), sizes, true);
            }
        }
    });
}

/// The last numbers of a wall as others, of which any bytes are a value and that are no larger.
fn last_as<T: Copy>(slice: &mut [f32], length: usize) -> &mut [T] {
    let end = slice.as_mut_ptr_range().end.cast::<T>();
    assert!(size_of_val(slice) >= length * size_of::<T>());
    // SAFETY: they lie within the slice, aligned no more than its numbers; the caller names integers or numbers.
    unsafe { std::slice::from_raw_parts_mut(end.sub(length), length) }
}

#[test]
fn packed_products_touch_nothing_behind_the_slices() {
    let slices = Mutex::new([(); 8].map(|()| before_a_wall(LONGEST)));
    at_every_level(|_| {
        let mut slices = slices.lock().unwrap();
        let [x, matrix, kernel, bias, y, steps, sums, scratch] = &mut *slices;
        for (inputs, outputs) in [(1, 1), (3, 5), (8, 16), (17, 70), (33, 130), (64, 64), (5, 257)] {
            let matrix = last(matrix, inputs * outputs);
            for rows in [1, 2, 4, 5, 13, 48] {
                let sizes = Sizes { rows, inputs, outputs };
                let (x, y) = (last(x, rows * inputs), last(y, rows * outputs));
                let bias = Some(&*last(bias, outputs));
                let numbers = last(kernel, inputs * outputs);
                pack(matrix, [inputs, outputs], strip_columns(), numbers);
                dense_packed::<f32>(x, (numbers, strip_columns()), bias, y, sizes, true);
                let halves = last_as::<Half>(kernel, inputs * outputs);
                pack(matrix, [inputs, outputs], strip_columns(), halves);
                dense_packed::<Half>(x, (halves, strip_columns()), bias, y, sizes, true);
                let numbers = last_as::<i8>(kernel, int8_bytes(inputs, outputs));
                let (steps, sums) = (last(steps, outputs), last_as::<i32>(sums, outputs));
                Int8Kernel::write(matrix, [inputs, outputs], numbers, steps, sums);
                let integers = Int8Kernel { numbers, steps, sums };
                dense_int8(x, integers, bias, y, sizes, true, last(scratch, inputs));
            }
        }
    });
}

#[test]
fn transposing_touches_nothing_behind_the_slices() {
    let (from, to) = (before_a_wall(LONGEST), before_a_wall(LONGEST));
    for rows in 1..=40 {
        for columns in [1, 3, 4, 5, 8, 17, 64] {
            transpose(rows, columns, last(from, rows * columns), last(to, rows * columns));
        }
    }
}

#[test]
fn convolutions_touch_nothing_behind_the_slices() {
    let axis = |input: usize, window: usize, stride: usize, before: usize| {
        let output = (input + 2 * before - window) / stride + 1;
        Axis { input, output, window, stride, dilation: 1, before }
    };
    let slices = Mutex::new([(); 5].map(|()| before_a_wall(LONGEST)));
    at_every_level(|_| {
        let mut slices = slices.lock().unwrap();
        let [x, kernel, bias, y, scratch] = &mut *slices;
        for (channels, filters) in [(1, 1), (1, 7), (3, 4), (5, 17), (8, 33), (17, 1), (33, 16)] {
            for (height, width) in [(axis(4, 3, 1, 1), axis(5, 3, 1, 1)), (axis(5, 2, 2, 0), axis(3, 1, 1, 0))] {
                let sizes = Convolution { depth: Axis::ONE, height, width, channels, filters, groups: 1 };
                let x = last(x, 2 * height.input * width.input * channels);
                let y = last(y, 2 * height.output * width.output * filters);
                let kernel = last(kernel, height.window * width.window * channels * filters);
                convolve(&sizes, x, kernel, Some(last(bias, filters)), y, last(scratch, sizes.scratch()), true);
                let of_kernel = last(scratch, sizes.kernel_gradient_scratch());
                add_convolution_kernel_gradient(&sizes, x, y, kernel, of_kernel);
                let (of_input, bias) = (last(scratch, sizes.gradient_scratch()), last(bias, channels));
                convolution_input_gradient(&sizes, y, kernel, Some(bias), x, of_input, false);
            }
        }
    });
}

#[test]
fn a_step_of_an_lstm_touches_nothing_behind_the_slices() {
    let slices = Mutex::new([(); 5].map(|()| before_a_wall(LONGEST)));
    at_every_level(|_| {
        let mut slices = slices.lock().unwrap();
        for units in 1..=40 {
            for samples in 1..=5 {
                let [gates, last_cell, cell, h, tanh_of_cell] = &mut *slices;
                let (gates, length) = (last(gates, 4 * units * samples), units * samples);
                let (last_cell, cell, h) = (&*last(last_cell, length), last(cell, length), last(h, length));
                let tanh_of_cell = Some(last(tanh_of_cell, length));
                lstm_step(LstmStep {
                    units,
                    gates: &mut *gates,
                    last_cell,
                    cell: &mut *cell,
                    h: &mut *h,
                    tanh_of_cell,
                });
                lstm_step(LstmStep { units, gates, last_cell, cell, h, tanh_of_cell: None });
            }
        }
    });
}

#[test]
fn a_step_of_a_gru_touches_nothing_behind_the_slices() {
    let slices = Mutex::new([(); 5].map(|()| before_a_wall(LONGEST)));
    at_every_level(|_| {
        let mut slices = slices.lock().unwrap();
        for units in 1..=40 {
            for samples in 1..=5 {
                let [gates, inner, bias, last_h, h] = &mut *slices;
                let (gates, length) = (last(gates, 3 * units * samples), units * samples);
                let (inner, last_h, h) = (&*last(inner, length), &*last(last_h, length), last(h, length));
                for (keep, bias) in [(true, &*last(bias, 2 * units)), (false, &[])] {
                    gru_step(GruStep { units, gates: &mut *gates, inner, bias, last_h, h: &mut *h, keep });
                }
            }
        }
    });
}

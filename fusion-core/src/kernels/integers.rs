//! Products of integers of 8 bits, whose sums are exact: the same bits at every level and for any number of rows.
//!
//! Four inputs of a column lie together, and sixteen columns make a block of 64 bytes for each four inputs. What is left of
//! the columns is a block too, with zeros, unless it is fewer than four: those lie alone, so that a narrow layer does not
//! take more than it would in `f32`.

#[cfg(target_arch = "x86_64")]
use super::level::Level;
use super::level::level;
use super::product::Sizes;

/// Columns of a block.
const COLUMNS: usize = 16;
/// Inputs that lie together.
const TOGETHER: usize = 4;
/// Rows that read the weights together.
const ROWS: usize = 4;
/// The largest integer.
const LARGEST: f32 = 127.0;
/// What Keras adds to the largest magnitude (`keras.src.quantizers.abs_max_quantize`).
const EPSILON: f32 = 1e-7;
/// The most inputs whose products fit a sum of 32 bits, whatever they are.
pub(crate) const MOST_INPUTS: usize = 1 << 16;

/// How many columns lie in blocks, zeros among them, and how many alone.
const fn columns(outputs: usize) -> (usize, usize) {
    let rest = outputs % COLUMNS;
    if rest < TOGETHER { (outputs - rest, rest) } else { (outputs.next_multiple_of(COLUMNS), 0) }
}

/// How many bytes a kernel of this size takes.
#[must_use]
pub const fn int8_bytes(inputs: usize, outputs: usize) -> usize {
    let (blocks, alone) = columns(outputs);
    inputs.next_multiple_of(TOGETHER).saturating_mul(blocks + alone)
}

/// Where the weight of an input and an output lies.
fn place(inputs: usize, outputs: usize, input: usize, output: usize) -> usize {
    let (blocks, alone) = columns(outputs);
    let (group, within) = (input / TOGETHER, input % TOGETHER);
    let depth = inputs.next_multiple_of(TOGETHER);
    if output < blocks {
        let block = output / COLUMNS * COLUMNS * depth;
        block + (group * COLUMNS + output % COLUMNS) * TOGETHER + within
    } else {
        blocks * depth + (group * alone + output - blocks) * TOGETHER + within
    }
}

/// A kernel of integers. The weight of input i in output o is `numbers` there times `steps[o]`.
#[derive(Clone, Copy)]
pub struct Int8Kernel<'a> {
    /// The integers, [`int8_bytes`] of them.
    pub numbers: &'a [i8],
    /// What one is, for each output.
    pub steps: &'a [f32],
    /// The sum of each output's integers.
    pub sums: &'a [i32],
}

impl Int8Kernel<'_> {
    /// Makes integers of a matrix of `inputs` rows and `outputs` columns, by the largest magnitude of each column as
    /// Keras's `quantize("int8")` does; a column that is not all finite has a step that is not.
    ///
    /// # Panics
    /// If there is not one place for each number.
    pub fn write(
        matrix: &[f32],
        [inputs, outputs]: [usize; 2],
        numbers: &mut [i8],
        steps: &mut [f32],
        sums: &mut [i32],
    ) {
        assert!(matrix.len() == inputs * outputs && numbers.len() == int8_bytes(inputs, outputs), "a place for each");
        numbers.fill(0);
        for (output, (step, sum)) in steps.iter_mut().zip(sums).enumerate() {
            let column = || matrix.iter().skip(output).step_by(outputs);
            let scale = scale(column().copied());
            (*step, *sum) = (int8_step(scale), 0);
            for (input, weight) in column().enumerate() {
                let integer = integer(*weight, scale);
                numbers[place(inputs, outputs, input, output)] = integer;
                *sum += i32::from(integer);
            }
        }
    }

    /// The integers in the order of the matrix.
    pub fn integers(numbers: &[i8], [inputs, outputs]: [usize; 2]) -> impl Iterator<Item = i8> {
        (0..inputs * outputs).map(move |index| numbers[place(inputs, outputs, index / outputs, index % outputs)])
    }

    /// Puts integers that are in the order of the matrix in their places, which are zeros, and adds them up.
    pub fn write_integers(
        integers: impl Iterator<Item = i8>,
        [inputs, outputs]: [usize; 2],
        numbers: &mut [i8],
        sums: &mut [i32],
    ) {
        for (index, integer) in integers.take(inputs * outputs).enumerate() {
            let (input, output) = (index / outputs, index % outputs);
            numbers[place(inputs, outputs, input, output)] = integer;
            sums[output] += i32::from(integer);
        }
    }

    /// The matrix of the weights that the integers stand for.
    pub fn read(&self, [inputs, outputs]: [usize; 2], matrix: &mut [f32]) {
        for (index, weight) in matrix.iter_mut().enumerate() {
            let (input, output) = (index / outputs, index % outputs);
            *weight = f32::from(self.numbers[place(inputs, outputs, input, output)]) * self.steps[output];
        }
    }
}

/// What numbers are multiplied with to become integers; NaN where one of them is, 0 where one is infinite.
#[inline(always)]
fn scale(numbers: impl Iterator<Item = f32>) -> f32 {
    // The bits of magnitudes are in their order, those of NaN last.
    let mut largest = 0;
    for number in numbers {
        largest = u32::max(largest, number.to_bits() & 0x7fff_ffff);
    }
    LARGEST / (f32::from_bits(largest) + EPSILON)
}

/// What one integer is, where numbers were multiplied by this to become integers.
#[must_use]
pub fn int8_step(scale: f32) -> f32 {
    1.0 / scale
}

/// What numbers were multiplied by where one integer is so much: of those near it one that gives the same step.
#[must_use]
pub fn int8_scale(step: f32) -> f32 {
    let (near, mut scale) = (1.0 / step, 1.0 / step);
    for away in [0, 1, -1, 2, -2] {
        let other = f32::from_bits(near.to_bits().wrapping_add_signed(away));
        if int8_step(other) == step {
            scale = other;
            break;
        }
    }
    scale
}

/// The nearest integer, of two the even one; 0 for NaN.
#[inline(always)]
fn integer(number: f32, scale: f32) -> i8 {
    // Beyond this all numbers are whole: what is left of the sum is rounded to the even one.
    const WHOLE: f32 = 12_582_912.0;
    (number * scale + WHOLE - WHOLE) as i8
}

/// y = x · kernel + bias with integers: each row of x becomes integers by its largest magnitude, as Keras's `Dense` does it
/// after `quantize("int8")`. `scratch` is for the integers of some rows, as many numbers as `inputs` for four.
///
/// # Panics
/// If a slice's length does not fit `sizes`, the scratch has no room for a row, or there are more than 65,536 inputs.
pub fn dense_int8(
    x: &[f32],
    kernel: Int8Kernel<'_>,
    bias: Option<&[f32]>,
    y: &mut [f32],
    sizes: Sizes,
    rectify: bool,
    scratch: &mut [f32],
) {
    let Sizes { rows, inputs, outputs } = sizes;
    assert!(x.len() == rows * inputs && y.len() == rows * outputs, "the batch is of these sizes");
    assert!(
        inputs <= MOST_INPUTS && kernel.numbers.len() == int8_bytes(inputs, outputs),
        "the kernel is of these sizes"
    );
    assert!(kernel.steps.len() == outputs && kernel.sums.len() == outputs, "the steps are of these sizes");
    assert!(bias.is_none_or(|bias| bias.len() == outputs), "the bias is of these sizes");
    if inputs == 0 || outputs == 0 {
        match bias {
            Some(bias) => y.chunks_exact_mut(outputs.max(1)).for_each(|y| y.copy_from_slice(bias)),
            None => y.fill(0.0),
        }
        return;
    }
    let groups = inputs.div_ceil(TOGETHER);
    let words = words(scratch);
    let (choice, most) = (Choice::of_machine(), ROWS.min(words.len() / groups));
    for (x, y) in x.chunks(most * inputs).zip(y.chunks_mut(most * outputs)) {
        let mut steps = [0.0; ROWS];
        for ((x, words), step) in x.chunks_exact(inputs).zip(words.chunks_exact_mut(groups)).zip(&mut steps) {
            *step = quantize(x, words);
        }
        let rows = x.len() / inputs;
        let work = Work { words: &words[..rows * groups], groups, kernel, bias, steps, rectify, outputs };
        match choice {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the machine has these instructions, as `of_machine` found.
            Choice::Vnni => unsafe { x86::rows_vnni(&work, y) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Choice::Avx2 => unsafe { x86::rows_avx2(&work, y) },
            Choice::Portable => work.all_portable(0, y),
        }
    }
}

/// Four bytes each, of numbers that are free to use.
fn words(numbers: &mut [f32]) -> &mut [[i8; TOGETHER]] {
    // SAFETY: every pattern of four bytes is a number, and four integers; their alignment is less.
    unsafe { core::slice::from_raw_parts_mut(numbers.as_mut_ptr().cast(), numbers.len()) }
}

/// A row as integers, zeros behind them; gives what one is.
fn quantize(x: &[f32], words: &mut [[i8; TOGETHER]]) -> f32 {
    super::vectorize(
        #[inline(always)]
        || {
            let scale = scale(x.iter().copied());
            let bytes = words.as_flattened_mut();
            let (bytes, rest) = bytes.split_at_mut(x.len());
            for (byte, x) in bytes.iter_mut().zip(x) {
                *byte = integer(*x, scale);
            }
            rest.fill(0);
            1.0 / scale
        },
    )
}

/// Which instructions.
#[derive(Clone, Copy)]
enum Choice {
    #[cfg(target_arch = "x86_64")]
    Vnni,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Choice {
    fn of_machine() -> Self {
        match level() {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 if x86::has_vnni() => Self::Vnni,
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 | Level::Avx2 => Self::Avx2,
            _ => Self::Portable,
        }
    }
}

/// Some rows of integers times the kernel.
struct Work<'a> {
    words: &'a [[i8; TOGETHER]],
    groups: usize,
    kernel: Int8Kernel<'a>,
    bias: Option<&'a [f32]>,
    steps: [f32; ROWS],
    rectify: bool,
    outputs: usize,
}

impl Work<'_> {
    /// The outputs from this one on, of all rows.
    #[inline(always)]
    fn all_portable(&self, first: usize, y: &mut [f32]) {
        let (blocks, alone) = columns(self.outputs);
        for (row, (words, y)) in self.words.chunks_exact(self.groups).zip(y.chunks_exact_mut(self.outputs)).enumerate()
        {
            for start in (first..blocks).step_by(COLUMNS) {
                let mut sums = [0; COLUMNS];
                let block = &self.kernel.numbers[start * self.groups * TOGETHER..];
                for (x, weights) in words.iter().zip(block.as_chunks::<{ COLUMNS * TOGETHER }>().0) {
                    for (sum, weights) in sums.iter_mut().zip(weights.as_chunks().0) {
                        *sum += dot(x, weights);
                    }
                }
                self.finish(row, start, &sums, y);
            }
            if alone == 0 {
                continue;
            }
            let mut sums = [0; TOGETHER];
            let rest = self.kernel.numbers[blocks * self.groups * TOGETHER..].as_chunks().0;
            for (x, weights) in words.iter().zip(rest.chunks_exact(alone)) {
                sums.iter_mut().zip(weights).for_each(|(sum, weights)| *sum += dot(x, weights));
            }
            self.finish(row, blocks, &sums[..alone], y);
        }
    }

    /// Writes the outputs from `start` on, of which these are the sums.
    #[inline(always)]
    fn finish(&self, row: usize, start: usize, sums: &[i32], y: &mut [f32]) {
        let end = self.outputs.min(start + sums.len());
        let (y, steps) = (&mut y[start..end], &self.kernel.steps[start..end]);
        let step_of_row = self.steps[row];
        for ((y, sum), step) in y.iter_mut().zip(sums).zip(steps) {
            *y = *sum as f32 * (step_of_row * step);
        }
        if let Some(bias) = self.bias {
            for (y, bias) in y.iter_mut().zip(&bias[start..end]) {
                *y += bias;
            }
        }
        if self.rectify {
            // A NaN stays one.
            for y in y {
                *y = if *y < 0.0 { 0.0 } else { *y };
            }
        }
    }
}

#[inline(always)]
fn dot(x: &[i8; TOGETHER], weights: &[i8; TOGETHER]) -> i32 {
    let product = |index: usize| i32::from(x[index]) * i32::from(weights[index]);
    product(0) + product(1) + product(2) + product(3)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::*;

    use super::{COLUMNS, TOGETHER, Work, columns};

    #[cfg(feature = "std")]
    pub fn has_vnni() -> bool {
        std::arch::is_x86_feature_detected!("avx512vnni")
    }
    #[cfg(not(feature = "std"))]
    pub fn has_vnni() -> bool {
        cfg!(target_feature = "avx512vnni")
    }

    /// Bytes of a block for each group of inputs.
    const LINE: usize = COLUMNS * TOGETHER;

    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma,bmi1,bmi2")]
    pub fn rows_vnni(work: &Work<'_>, y: &mut [f32]) {
        let blocks = columns(work.outputs).0 / COLUMNS;
        let mut block = 0;
        while block + 4 <= blocks {
            vnni_blocks::<4>(work, block, y);
            block += 4;
        }
        while block < blocks {
            vnni_blocks::<1>(work, block, y);
            block += 1;
        }
        work.all_portable(blocks * COLUMNS, y);
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma,bmi1,bmi2")]
    fn vnni_blocks<const BLOCKS: usize>(work: &Work<'_>, block: usize, y: &mut [f32]) {
        match work.words.len() / work.groups {
            4 => vnni::<BLOCKS, 4>(work, (block, 0), y),
            3 => {
                vnni::<BLOCKS, 2>(work, (block, 0), y);
                vnni::<BLOCKS, 1>(work, (block, 2), y);
            }
            2 => vnni::<BLOCKS, 2>(work, (block, 0), y),
            _ => vnni::<BLOCKS, 1>(work, (block, 0), y),
        }
    }

    /// So many blocks of so many rows, from these on. One of the factors has to be without a sign: 128 is added to x, and
    /// 128 times the sum of the weights taken away.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma,bmi1,bmi2")]
    fn vnni<const BLOCKS: usize, const COUNT: usize>(work: &Work<'_>, (block, row): (usize, usize), y: &mut [f32]) {
        let groups = work.groups;
        let numbers = &work.kernel.numbers[block * groups * LINE..][..BLOCKS * groups * LINE];
        let words = &work.words[row * groups..][..COUNT * groups];
        let mut sums = [[_mm512_setzero_si512(); BLOCKS]; COUNT];
        for group in 0..groups {
            let weights: [__m512i; BLOCKS] = core::array::from_fn(|block| {
                // SAFETY: the block's line of this group is in `numbers`, which was cut to these sizes.
                unsafe { _mm512_loadu_si512(numbers.as_ptr().add((block * groups + group) * LINE).cast()) }
            });
            for (index, sums) in sums.iter_mut().enumerate() {
                // SAFETY: `words` was cut to so many rows of groups.
                let x = unsafe { *words.get_unchecked(index * groups + group) };
                let x = i32::from_le_bytes(x.map(i8::cast_unsigned)) ^ 0x8080_8080_u32.cast_signed();
                let x = _mm512_set1_epi32(x);
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum = _mm512_dpbusd_epi32(*sum, x, weights);
                }
            }
        }
        for (index, sums) in sums.into_iter().enumerate() {
            for (part, sum) in sums.into_iter().enumerate() {
                let start = (block + part) * COLUMNS;
                let mut all = [0; COLUMNS];
                // SAFETY: there is room for sixteen integers.
                unsafe { _mm512_storeu_si512(all.as_mut_ptr().cast(), sum) };
                all.iter_mut().zip(&work.kernel.sums[start..]).for_each(|(sum, weights)| *sum -= 128 * weights);
                let row = row + index;
                work.finish(row, start, &all, &mut y[row * work.outputs..][..work.outputs]);
            }
        }
    }

    #[target_feature(enable = "avx2,fma,f16c,bmi1,bmi2")]
    pub fn rows_avx2(work: &Work<'_>, y: &mut [f32]) {
        let (blocks, rows) = (columns(work.outputs).0 / COLUMNS, work.words.len() / work.groups);
        let mut block = 0;
        while block + 2 <= blocks {
            (0..rows).for_each(|row| avx2::<2>(work, (block, row), y));
            block += 2;
        }
        if block < blocks {
            (0..rows).for_each(|row| avx2::<1>(work, (block, row), y));
        }
        work.all_portable(blocks * COLUMNS, y);
    }

    /// So many blocks of a row. One of the factors has to be without a sign: that of x goes to the weights. Two products
    /// of at most 127 · 127 fit 16 bits.
    #[inline]
    #[target_feature(enable = "avx2,fma,f16c,bmi1,bmi2")]
    fn avx2<const BLOCKS: usize>(work: &Work<'_>, (block, row): (usize, usize), y: &mut [f32]) {
        let groups = work.groups;
        let numbers = &work.kernel.numbers[block * groups * LINE..][..BLOCKS * groups * LINE];
        let words = &work.words[row * groups..][..groups];
        let ones = _mm256_set1_epi16(1);
        let mut sums = [[_mm256_setzero_si256(); 2]; BLOCKS];
        for (group, x) in words.iter().enumerate() {
            let x = _mm256_set1_epi32(i32::from_le_bytes(x.map(i8::cast_unsigned)));
            let magnitude = _mm256_abs_epi8(x);
            for (block, sums) in sums.iter_mut().enumerate() {
                for (half, sum) in sums.iter_mut().enumerate() {
                    let at = (block * groups + group) * LINE + half * LINE / 2;
                    // SAFETY: the half of the block's line of this group is in `numbers`, which was cut to these sizes.
                    let weights = unsafe { _mm256_loadu_si256(numbers.as_ptr().add(at).cast()) };
                    let pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(weights, x));
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
                }
            }
        }
        for (part, sums) in sums.iter().enumerate() {
            let mut all = [[0_i32; COLUMNS / 2]; 2];
            for (all, sum) in all.iter_mut().zip(sums) {
                // SAFETY: there is room for eight integers.
                unsafe { _mm256_storeu_si256(all.as_mut_ptr().cast(), *sum) };
            }
            let y = &mut y[row * work.outputs..][..work.outputs];
            work.finish(row, (block + part) * COLUMNS, all.as_flattened(), y);
        }
    }
}

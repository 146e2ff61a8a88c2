//! Inputs and outputs of a model in Keras, `input0`, …, `output0`, …, of NumPy's `.npz` or of safetensors.

use std::io::{Cursor, Read};
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

/// An array as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

/// What a model was given, and what it gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Golden {
    pub inputs: Vec<Array>,
    pub outputs: Vec<Array>,
}

impl Golden {
    /// Reads a file.
    pub fn open(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let bytes = std::fs::read(path).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        let arrays = if bytes.starts_with(b"PK") { of_npz(&bytes) } else { of_safetensors(&bytes) };
        let arrays = arrays.map_err(|error| format!("`{name}`: {error}"))?;
        let numbered = |kind: &str| {
            let find = |index: usize| arrays.iter().find(|(name, _)| *name == format!("{kind}{index}"));
            (0..arrays.len()).map_while(find).map(|(_, array)| array.clone()).collect::<Vec<_>>()
        };
        let (inputs, outputs) = (numbered("input"), numbered("output"));
        if inputs.is_empty() || outputs.is_empty() {
            let known: Vec<&str> = arrays.iter().map(|(name, _)| name.as_str()).collect();
            return Err(format!("`{name}` has no `input0` and `output0`, but {}", known.join(", ")));
        }
        Ok(Self { inputs, outputs })
    }
}

pub fn of_safetensors(bytes: &[u8]) -> Result<Vec<(String, Array)>, String> {
    let file =
        SafeTensors::deserialize(bytes).map_err(|error| format!("is neither `.npz` nor safetensors: {error}"))?;
    let array = |name: &str| {
        let view = file.tensor(name).map_err(|error| error.to_string())?;
        let values =
            numbers(view.dtype(), view.data()).ok_or_else(|| format!("the array `{name}` is of {:?}", view.dtype()))?;
        Ok((name.to_owned(), Array { shape: view.shape().to_vec(), values }))
    };
    let mut names = file.names();
    names.sort_unstable();
    names.into_iter().map(array).collect()
}

fn numbers(dtype: Dtype, data: &[u8]) -> Option<Vec<f64>> {
    #[allow(clippy::cast_precision_loss, reason = "ids are small")]
    Some(match dtype {
        Dtype::F64 => each(data, f64::from_le_bytes),
        Dtype::F32 => each(data, |bytes| f64::from(f32::from_le_bytes(bytes))),
        Dtype::F16 => each(data, |bytes| half(u16::from_le_bytes(bytes))),
        // The upper half of a float.
        Dtype::BF16 => each(data, |bytes| f64::from(f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16))),
        Dtype::I64 => each(data, |bytes| i64::from_le_bytes(bytes) as f64),
        Dtype::U64 => each(data, |bytes| u64::from_le_bytes(bytes) as f64),
        Dtype::I32 => each(data, |bytes| f64::from(i32::from_le_bytes(bytes))),
        Dtype::U32 => each(data, |bytes| f64::from(u32::from_le_bytes(bytes))),
        Dtype::I16 => each(data, |bytes| f64::from(i16::from_le_bytes(bytes))),
        Dtype::U16 => each(data, |bytes| f64::from(u16::from_le_bytes(bytes))),
        Dtype::I8 => each(data, |bytes| f64::from(i8::from_le_bytes(bytes))),
        Dtype::U8 => data.iter().map(|byte| f64::from(*byte)).collect(),
        Dtype::BOOL => data.iter().map(|byte| f64::from(u8::from(*byte != 0))).collect(),
        _ => return None,
    })
}

/// A number of 16 bits: a sign, five of the exponent, ten of what stands behind the point.
fn half(bits: u16) -> f64 {
    let (sign, exponent) = (if bits >> 15 == 1 { -1.0 } else { 1.0 }, i32::from(bits >> 10 & 0x1f));
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    let size = match exponent {
        0 => fraction * 2.0_f64.powi(-14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction) * 2.0_f64.powi(exponent - 15),
    };
    sign * size
}

fn each<const SIZE: usize>(data: &[u8], of: impl Fn([u8; SIZE]) -> f64) -> Vec<f64> {
    data.as_chunks().0.iter().map(|bytes| of(*bytes)).collect()
}

/// How many bytes all arrays of a file may have together.
const MOST_BYTES: u64 = 1 << 30;

fn of_npz(bytes: &[u8]) -> Result<Vec<(String, Array)>, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("is no `.npz`: {error}"))?;
    let (mut arrays, mut left) = (Vec::new(), MOST_BYTES);
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|error| error.to_string())?;
        let name = file.name().map_err(|error| error.to_string())?.trim_end_matches(".npy").to_owned();
        let mut content = Vec::new();
        // What a file says of its size is not what it has.
        let read = file.by_ref().take(left + 1).read_to_end(&mut content);
        let read = read.map_err(|error| format!("the array `{name}`: {error}"))?;
        left = match left.checked_sub(read as u64) {
            Some(left) => left,
            None => return Err(format!("its arrays have more than the {MOST_BYTES} bytes that are read")),
        };
        let array = npy(&content).ok_or_else(|| format!("the array `{name}` is not of plain numbers in C order"))?;
        arrays.push((name, array));
    }
    Ok(arrays)
}

/// NumPy's format: a dictionary as text, then the numbers.
fn npy(content: &[u8]) -> Option<Array> {
    let rest = content.strip_prefix(b"\x93NUMPY")?;
    let (length, rest) = match rest.first()? {
        1 => (usize::from(u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?)), rest.get(4..)?),
        _ => (usize::try_from(u32::from_le_bytes(rest.get(2..6)?.try_into().ok()?)).ok()?, rest.get(6..)?),
    };
    let (header, data) = rest.split_at_checked(length)?;
    let header = std::str::from_utf8(header).ok()?;
    let after = |key: &str| Some(header.split_once(key)?.1.trim_start_matches([':', ' ']));
    if after("'fortran_order'")?.starts_with("True") {
        return None;
    }
    let dtype = match after("'descr'")?.split('\'').nth(1)? {
        "<f8" => Dtype::F64,
        "<f4" => Dtype::F32,
        "<f2" => Dtype::F16,
        "<i8" => Dtype::I64,
        "<u8" => Dtype::U64,
        "<i4" => Dtype::I32,
        "<u4" => Dtype::U32,
        "<i2" => Dtype::I16,
        "<u2" => Dtype::U16,
        "|i1" => Dtype::I8,
        "|u1" => Dtype::U8,
        "|b1" => Dtype::BOOL,
        _ => return None,
    };
    let sides = after("'shape'")?.strip_prefix('(')?.split_once(')')?.0;
    let sides = sides.split(',').map(str::trim).filter(|side| !side.is_empty());
    let shape = sides.map(|side| side.parse().ok()).collect::<Option<Vec<usize>>>()?;
    let values = numbers(dtype, data)?;
    let length = shape.iter().try_fold(1_usize, |length, side| length.checked_mul(*side))?;
    (length == values.len()).then_some(Array { shape, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        file.extend(header.as_bytes());
        file.extend(data);
        file
    }

    #[test]
    fn arrays_of_numpy_are_read() {
        let array =
            npy(&file("<i8", "(2,)", &[3, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255])).unwrap();
        assert_eq!(array, Array { shape: vec![2], values: vec![3.0, -1.0] });
        let one = npy(&file("<f4", "()", &0.5_f32.to_le_bytes())).unwrap();
        assert_eq!(one, Array { shape: vec![], values: vec![0.5] });
    }

    #[test]
    fn numbers_of_all_widths_are_read() {
        let read = |descr: &str, data: &[u8]| npy(&file(descr, "(2,)", data)).unwrap().values;
        assert_eq!(read("<f2", &[0x00, 0x3e, 0x01, 0x80]), [1.5, -(2.0_f64.powi(-24))]);
        assert_eq!(read("<f2", &[0x00, 0x7c, 0xff, 0x7b]), [f64::INFINITY, 65504.0]);
        assert_eq!(read("|i1", &[255, 3]), [-1.0, 3.0]);
        assert_eq!(read("|b1", &[0, 1]), [0.0, 1.0]);
        assert_eq!(read("<i2", &[255, 255, 3, 0]), [-1.0, 3.0]);
        assert_eq!(read("<u2", &[255, 255, 3, 0]), [65535.0, 3.0]);
        assert_eq!(numbers(Dtype::BF16, &[0xc0, 0x3f, 0x80, 0xc0]).unwrap(), [1.5, -4.0]);
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn what_is_no_array_is_none() {
        assert_eq!(npy(b"\x93NUMPY"), None);
        assert_eq!(npy(&file("<f4", "(2,)", &[0; 4])), None);
        assert_eq!(npy(&file("<f4", "(18446744073709551615, 2)", &[0; 4])), None);
        assert_eq!(npy(&file("|O", "(1,)", &[0; 8])), None);
        let mut long = file("<f4", "(1,)", &[0; 4]);
        long[8] = 255;
        assert_eq!(npy(&long), None);
    }
}

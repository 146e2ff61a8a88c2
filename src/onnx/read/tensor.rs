//! Arrays that the file has, or that follow from them.

use super::error::Refused;
use crate::onnx::proto::{DataType, TensorProto};

/// An array whose numbers are known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor {
    pub shape: Vec<usize>,
    pub data: Data,
}

/// Its numbers, the last dimension next to each other.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    Floats(Vec<f32>),
    /// Whole numbers, and 0 or 1 for what is true or not.
    Ints(Vec<i64>),
}

/// How many places a shape has.
pub(super) fn product(shape: &[usize]) -> usize {
    shape.iter().fold(1, |all, side| all.saturating_mul(*side))
}

impl Tensor {
    pub fn floats(shape: Vec<usize>, values: Vec<f32>) -> Self {
        Self { shape, data: Data::Floats(values) }
    }

    pub fn ints(shape: Vec<usize>, values: Vec<i64>) -> Self {
        Self { shape, data: Data::Ints(values) }
    }

    pub fn len(&self) -> usize {
        match &self.data {
            Data::Floats(values) => values.len(),
            Data::Ints(values) => values.len(),
        }
    }

    /// As numbers with a fraction.
    #[allow(clippy::cast_precision_loss, reason = "whole numbers among weights are small")]
    pub fn to_floats(&self) -> Vec<f32> {
        match &self.data {
            Data::Floats(values) => values.clone(),
            Data::Ints(values) => values.iter().map(|value| *value as f32).collect(),
        }
    }

    /// As whole numbers, if they are such.
    pub fn as_ints(&self) -> Option<&[i64]> {
        if let Data::Ints(values) = &self.data { Some(values) } else { None }
    }

    /// The number, if it is one alone.
    pub fn scalar(&self) -> Option<f32> {
        if self.len() == 1 { self.to_floats().first().copied() } else { None }
    }

    /// Reads an array of the file.
    pub fn of(proto: &TensorProto) -> Result<Self, Refused> {
        let name = &proto.name;
        if proto.data_location == 1 || !proto.external_data.is_empty() {
            return Err(Refused::new(
                format!("the numbers of `{name}` are in another file"),
                "export the model into one file: `external_data=False`, or `onnx.save(onnx.load(\"model.onnx\"), \"whole.onnx\")`",
            ));
        }
        let shape = proto.dims.iter().map(|side| usize::try_from(*side)).collect::<Result<Vec<_>, _>>();
        let shape = shape.map_err(|_| Refused::damaged(format!("a side of the array `{name}` is negative")))?;
        let raw = proto.raw_data.as_slice();
        let data = match proto.data_type() {
            DataType::Float if raw.is_empty() => Data::Floats(proto.float_data.clone()),
            DataType::Float => Data::Floats(each(raw, f32::from_le_bytes)),
            #[allow(clippy::cast_possible_truncation, reason = "weights are `f32`")]
            DataType::Double if raw.is_empty() => {
                Data::Floats(proto.double_data.iter().map(|value| *value as f32).collect())
            }
            #[allow(clippy::cast_possible_truncation, reason = "weights are `f32`")]
            DataType::Double => Data::Floats(each(raw, |bytes| f64::from_le_bytes(bytes) as f32)),
            DataType::Float16 if raw.is_empty() => Data::Floats(low_bits(&proto.int32_data).map(half).collect()),
            DataType::Float16 => Data::Floats(each(raw, |bytes| half(u16::from_le_bytes(bytes)))),
            DataType::Bfloat16 if raw.is_empty() => Data::Floats(low_bits(&proto.int32_data).map(brain).collect()),
            DataType::Bfloat16 => Data::Floats(each(raw, |bytes| brain(u16::from_le_bytes(bytes)))),
            DataType::Int64 if raw.is_empty() => Data::Ints(proto.int64_data.clone()),
            DataType::Int64 => Data::Ints(each(raw, i64::from_le_bytes)),
            DataType::Int32 | DataType::Bool | DataType::Uint8 | DataType::Int8 if raw.is_empty() => {
                Data::Ints(proto.int32_data.iter().map(|value| i64::from(*value)).collect())
            }
            DataType::Int32 => Data::Ints(each(raw, |bytes| i64::from(i32::from_le_bytes(bytes)))),
            DataType::Bool | DataType::Uint8 => Data::Ints(raw.iter().map(|value| i64::from(*value)).collect()),
            DataType::Int8 => Data::Ints(raw.iter().map(|value| i64::from(value.cast_signed())).collect()),
            DataType::Uint32 | DataType::Undefined => {
                return Err(Refused::new(
                    format!("the array `{name}` has numbers of type {}", proto.data_type),
                    "export the model with `float32` and `int64`",
                ));
            }
        };
        let tensor = Self { shape, data };
        if tensor.len() != product(&tensor.shape) {
            let (there, said) = (tensor.len(), &proto.dims);
            return Err(Refused::damaged(format!("the array `{name}` has {there} numbers, but its shape is {said:?}")));
        }
        Ok(tensor)
    }

    /// The same with its axes in this order.
    pub fn transposed(&self, axes: &[usize]) -> Self {
        let shape: Vec<usize> = axes.iter().map(|axis| self.shape[*axis]).collect();
        let strides = strides(&self.shape);
        let strides: Vec<usize> = axes.iter().map(|axis| strides[*axis]).collect();
        self.gathered(shape.clone(), &indices(&shape, &strides, 0))
    }

    /// The numbers at these places, as an array of this shape.
    pub fn gathered(&self, shape: Vec<usize>, places: &[usize]) -> Self {
        let data = match &self.data {
            Data::Floats(values) => Data::Floats(places.iter().map(|place| values[*place]).collect()),
            Data::Ints(values) => Data::Ints(places.iter().map(|place| values[*place]).collect()),
        };
        Self { shape, data }
    }
}

/// How far apart neighbours along each axis are.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1_usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis]);
    }
    strides
}

/// The places of all numbers of this shape, which lie so far apart along each axis, the last axis fastest.
pub(super) fn indices(shape: &[usize], strides: &[usize], first: usize) -> Vec<usize> {
    let mut places = vec![first];
    for (side, stride) in shape.iter().zip(strides) {
        places = places.iter().flat_map(|place| (0..*side).map(move |step| place + step * stride)).collect();
    }
    places
}

fn each<T, const SIZE: usize>(bytes: &[u8], of: impl Fn([u8; SIZE]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|bytes| of(*bytes)).collect()
}

/// Numbers of 16 bits stand in the file as such of 32.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only the low bits are used")]
fn low_bits(values: &[i32]) -> impl Iterator<Item = u16> {
    values.iter().map(|value| *value as u16)
}

fn brain(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The number of IEEE's 16 bits.
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, (bits >> 10) & 31, f32::from(bits & 1023));
    let size = match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2.0_f32.powi(i32::from(exponent) - 15),
    };
    if sign == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_numbers() {
        let bits = [0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff, 0x8000];
        let numbers = [1.0, -2.0, 0.333_251_95, 5.960_464_5e-8, 65504.0, -0.0];
        assert_eq!(bits.map(half), numbers);
        assert!(half(0x7c00) == f32::INFINITY && half(0x7e00).is_nan());
        assert_eq!(brain(0x3fc0), 1.5);
    }

    #[test]
    fn axes_are_put_in_order() {
        let tensor = Tensor::ints(vec![2, 3], vec![0, 1, 2, 3, 4, 5]);
        assert_eq!(tensor.transposed(&[1, 0]), Tensor::ints(vec![3, 2], vec![0, 3, 1, 4, 2, 5]));
    }
}

//! Volumes with their padding.

use super::product_of;

/// A volume in a frame of zeros: along depth, height and width.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub content: [usize; 3],
    pub before: [usize; 3],
    pub padded: [usize; 3],
    pub features: usize,
}

impl Frame {
    /// Whether there is any padding.
    pub const fn is_used(&self) -> bool {
        let (content, padded) = (self.content, self.padded);
        padded[0] != content[0] || padded[1] != content[1] || padded[2] != content[2]
    }

    pub const fn length(&self) -> usize {
        let [depth, height, width] = self.padded;
        product_of(&[depth, height, width, self.features])
    }

    /// From a plane to the next, a row and a place.
    pub const fn strides(&self) -> [usize; 3] {
        let row = self.padded[2] * self.features;
        [self.padded[1] * row, row, self.features]
    }

    /// The memory for one framed volume, cleared.
    pub fn clear<'s>(&self, scratch: &'s mut [f32]) -> &'s mut [f32] {
        let frame = if self.is_used() { &mut scratch[..self.length()] } else { &mut [] };
        frame.fill(0.0);
        frame
    }

    /// The volume with its frame: itself if there is no padding, otherwise copied.
    pub fn put<'s>(&self, volume: &'s [f32], frame: &'s mut [f32]) -> &'s [f32] {
        if !self.is_used() {
            return volume;
        }
        let ([_, height, width], [behind, below, right]) = (self.content, self.before);
        let ([plane, padded_row, _], row) = (self.strides(), width * self.features);
        let planes = frame[behind * plane..].chunks_exact_mut(plane.max(1));
        for (from, to) in volume.chunks_exact((height * row).max(1)).zip(planes) {
            let rows = to[below * padded_row..].chunks_exact_mut(padded_row.max(1));
            for (from, to) in from.chunks_exact(row.max(1)).zip(rows) {
                to[right * self.features..][..row].copy_from_slice(from);
            }
        }
        frame
    }

    #[cfg(feature = "training")]
    /// The volume that is in the frame; itself if there is no padding.
    pub fn inside<'s>(&self, volume: &'s [f32], frame: &'s [f32]) -> &'s [f32] {
        if self.is_used() { frame } else { volume }
    }

    /// Takes the volume out of its frame.
    #[cfg(feature = "training")]
    pub fn take(&self, frame: &[f32], volume: &mut [f32]) {
        let ([_, height, width], [behind, below, right]) = (self.content, self.before);
        let ([plane, padded_row, _], row) = (self.strides(), width * self.features);
        let planes = frame[behind * plane..].chunks_exact(plane.max(1));
        for (to, from) in volume.chunks_exact_mut((height * row).max(1)).zip(planes) {
            let rows = from[below * padded_row..].chunks_exact(padded_row.max(1));
            for (to, from) in to.chunks_exact_mut(row.max(1)).zip(rows) {
                to.copy_from_slice(&from[right * self.features..][..row]);
            }
        }
    }
}

//! The bytes of an HDF5 file, of which no more is read than any honest file makes necessary.

use std::sync::atomic::{AtomicU64, Ordering};

use hdf5_pure::{FormatError, Source};

/// How often the bytes of a file may be read on average: a list of groups is, once for each that is looked up.
const READS: u64 = 32;
const ALLOWANCE: u64 = 64 * 1024 * 1024;

/// Bytes that are read a limited number of times. A text of which a file says that it is there ten thousand times would fill
/// the memory otherwise.
pub(super) struct Limited {
    bytes: Vec<u8>,
    left: AtomicU64,
}

impl Limited {
    pub fn new(bytes: Vec<u8>) -> Self {
        let left = AtomicU64::new(READS * bytes.len() as u64 + ALLOWANCE);
        Self { bytes, left }
    }
}

impl Source for Limited {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FormatError> {
        let count = buffer.len() as u64;
        let take = |left: u64| left.checked_sub(count);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err() {
            return Err(FormatError::Source("it asks for the same bytes too often".into()));
        }
        let end = |available| FormatError::UnexpectedEof { expected: usize::MAX, available };
        let begin = usize::try_from(offset).map_err(|_| end(self.bytes.len()))?;
        let bytes = self.bytes.get(begin..).and_then(|bytes| bytes.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or_else(|| end(self.bytes.len()))?);
        Ok(())
    }
}

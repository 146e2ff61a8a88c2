//! Four photos of a house as the four quarters of one image.

use std::io;
use std::path::Path;

use image::imageops::FilterType;
use image::{ImageReader, Rgb32FImage};

use crate::table::{SOURCE, TABLE};

/// A quarter's height and width.
const QUARTER: usize = 32;
/// The height and width of the image.
pub const SIDE: usize = 2 * QUARTER;

/// Red, green and blue from 0 to 1.
pub type Photos = [[[f32; 3]; SIDE]; SIDE];

/// The rooms, in the order of their names, and the row and column at which the quarter of each begins.
const ROOMS: [(&str, [usize; 2]); 4] =
    [("bathroom", [0, 0]), ("bedroom", [0, QUARTER]), ("frontal", [QUARTER, QUARTER]), ("kitchen", [QUARTER, 0])];

/// How many files there are for each house.
pub const FILES: usize = ROOMS.len();

/// Reads the photos of the house of this number.
pub fn read(folder: &Path, number: usize) -> Result<Photos, String> {
    let mut photos = [[[0.0; 3]; SIDE]; SIDE];
    for (room, [top, left]) in ROOMS {
        let quarter = quarter(&folder.join(format!("{number}_{room}.jpg")), number)?;
        for (x, y, pixel) in quarter.enumerate_pixels() {
            photos[top + y as usize][left + x as usize] = pixel.0;
        }
    }
    Ok(photos)
}

/// One photo at the size of a quarter.
fn quarter(path: &Path, number: usize) -> Result<Rgb32FImage, String> {
    let file = ImageReader::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            format!("`{}` is missing, a photo of the house in line {number} of {TABLE}; {SOURCE}", path.display())
        }
        _ => format!("cannot read `{}`: {error}", path.display()),
    })?;
    let photo = file.decode().map_err(|error| format!("`{}` is no photo that can be read: {error}", path.display()))?;
    Ok(photo.resize_exact(QUARTER as u32, QUARTER as u32, FilterType::Triangle).into_rgb32f())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn each_room_has_its_quarter() {
        let folder = tempfile::tempdir().unwrap();
        for (place, (room, _)) in ROOMS.into_iter().enumerate() {
            let grey = 50 * (place as u8 + 1);
            RgbImage::from_pixel(40, 24, Rgb([grey; 3])).save(folder.path().join(format!("3_{room}.jpg"))).unwrap();
        }
        let photos = read(folder.path(), 3).unwrap();
        let corners = [photos[0][0], photos[0][SIDE - 1], photos[SIDE - 1][SIDE - 1], photos[SIDE - 1][0]];
        let inner = [photos[31][31], photos[31][32], photos[32][32], photos[32][31]];
        for (place, color) in corners.into_iter().enumerate().chain(inner.into_iter().enumerate()) {
            let grey = 50.0 * (place as f32 + 1.0) / 255.0;
            assert!(color.iter().all(|value| (value - grey).abs() < 0.01), "{place}: {color:?} is not {grey}");
        }
    }
}

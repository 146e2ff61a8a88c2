//! What the network is given of each house.

use std::path::Path;

use fusion::Random;

use crate::photos::{self, Photos};
use crate::table::House;

/// How many zip codes have 25 houses or more. The network's shape depends on it, which the compiler checks: for other
/// data it is another number.
pub const ZIP_CODES: usize = 7;
/// A column for each zip code, then bedrooms, bathrooms and area.
pub const ATTRIBUTES: usize = ZIP_CODES + 3;

/// A quarter of the houses is held back, drawn by chance from a seed: those that train, then those to test.
pub fn split(houses: Vec<House>, seed: u64) -> (Vec<House>, Vec<House>) {
    let (random, mut houses) = (Random::new(seed), houses);
    houses.sort_by_key(|house| random.bits(house.number as u64));
    let test = houses.split_off(houses.len() - houses.len().div_ceil(4));
    (houses, test)
}

/// How numbers are scaled: what the houses tell that train.
pub struct Scaling {
    zip_codes: [String; ZIP_CODES],
    /// The least of each measure, and how far the greatest is above it.
    ranges: [(f32, f32); 3],
    highest_price: f32,
}

impl Scaling {
    /// Of the houses that train, and the zip codes of all.
    pub fn new(training: &[House], zip_codes: Vec<String>) -> Result<Self, String> {
        let zip_codes = zip_codes.try_into().map_err(|others: Vec<String>| {
            format!(
                "there are {} zip codes with so many houses, and the network is for {ZIP_CODES}; another `--fewest` \
                 leaves out more or less of them, or change ZIP_CODES in {}",
                others.len(),
                file!()
            )
        })?;
        let range = |measure: usize| {
            let values = || training.iter().map(|house| house.measures[measure]);
            let least = values().fold(f32::INFINITY, f32::min);
            (least, values().fold(f32::NEG_INFINITY, f32::max) - least)
        };
        let highest_price = training.iter().map(|house| house.price).fold(0.0, f32::max);
        Ok(Self { zip_codes, ranges: std::array::from_fn(range), highest_price })
    }

    fn attributes(&self, house: &House) -> [f32; ATTRIBUTES] {
        let mut attributes = [0.0; ATTRIBUTES];
        let (zip_codes, measures) = attributes.split_at_mut(ZIP_CODES);
        for (column, zip_code) in zip_codes.iter_mut().zip(&self.zip_codes) {
            *column = f32::from(u8::from(*zip_code == house.zip_code));
        }
        for ((column, value), (least, span)) in measures.iter_mut().zip(house.measures).zip(self.ranges) {
            // A measure that all have alike tells nothing.
            *column = if span > 0.0 { (value - least) / span } else { 0.0 };
        }
        attributes
    }
}

/// Houses as the network takes them, and their prices.
pub struct Samples {
    pub attributes: Vec<[f32; ATTRIBUTES]>,
    pub photos: Vec<Photos>,
    /// As shares of the highest price of those that train.
    pub prices: Vec<[f32; 1]>,
}

impl Samples {
    /// Reads the photos too.
    pub fn read(folder: &Path, houses: &[House], scaling: &Scaling) -> Result<Self, String> {
        Ok(Self {
            attributes: houses.iter().map(|house| scaling.attributes(house)).collect(),
            photos: houses.iter().map(|house| photos::read(folder, house.number)).collect::<Result<_, _>>()?,
            prices: houses.iter().map(|house| [house.price / scaling.highest_price]).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(number: usize, zip_code: &str, measures: [f32; 3], price: f32) -> House {
        House { number, measures, zip_code: zip_code.to_owned(), price }
    }

    #[test]
    fn columns_are_those_of_the_tutorial() {
        let training = [house(1, "a", [1.0, 2.0, 500.0], 100.0), house(2, "b", [5.0, 2.0, 1500.0], 400.0)];
        let zip_codes = ["a", "b", "c", "d", "e", "f", "g"].map(str::to_owned).to_vec();
        let scaling = Scaling::new(&training, zip_codes).unwrap();
        assert_eq!(scaling.attributes(&training[0]), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        // One that is held back may lie outside of the range.
        let other = house(3, "g", [2.0, 7.0, 2000.0], 1.0);
        assert_eq!(scaling.attributes(&other), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.25, 0.0, 1.5]);
        assert_eq!(scaling.highest_price, 400.0);
    }

    #[test]
    fn another_number_of_zip_codes_is_an_error() {
        let error = Scaling::new(&[], vec!["a".to_owned()]).err().unwrap();
        assert!(error.starts_with("there are 1 zip codes with so many houses, and the network is for 7"), "{error}");
    }

    #[test]
    fn a_quarter_is_held_back_by_chance() {
        let houses = |count| -> Vec<House> { (1..=count).map(|number| house(number, "a", [1.0; 3], 1.0)).collect() };
        let (training, test) = split(houses(362), 42);
        assert_eq!((training.len(), test.len()), (271, 91));
        let mut numbers: Vec<usize> = training.iter().chain(&test).map(|house| house.number).collect();
        assert!(!numbers.is_sorted());
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(1..=362));
        assert_eq!(split(houses(362), 42).1, test);
        assert_ne!(split(houses(362), 43).1, test);
    }
}

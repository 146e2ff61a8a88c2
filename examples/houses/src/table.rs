//! The table of the houses, `HousesInfo.txt`.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The table's name in the folder.
pub const TABLE: &str = "HousesInfo.txt";
/// The folder of the public data within their repository.
const FOLDER: &str = "Houses Dataset";
/// Where the data are.
pub const SOURCE: &str = "the data are at https://github.com/emanhamed/Houses-dataset, in the folder `Houses Dataset`";

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct House {
    /// The line's number from 1, with which the names of its photos begin.
    pub number: usize,
    /// Bedrooms, bathrooms (a half is a toilet) and area in square feet.
    pub measures: [f32; 3],
    /// A word, as none is to be computed with.
    pub zip_code: String,
    /// In dollars.
    pub price: f32,
}

/// Reads the table of a folder.
pub fn read(folder: &Path) -> Result<Vec<House>, String> {
    let path = folder.join(TABLE);
    let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => missing(folder),
        _ => format!("cannot read `{}`: {error}", path.display()),
    })?;
    parse(&text).map_err(|error| format!("`{}`, {error}", path.display()))
}

/// What to say where there is no table.
fn missing(folder: &Path) -> String {
    let inner = folder.join(FOLDER);
    if inner.join(TABLE).exists() {
        format!("`{}` has no {TABLE}; did you mean `{}`?", folder.display(), inner.display())
    } else if folder.is_dir() {
        format!("`{}` has no {TABLE}; {SOURCE}", folder.display())
    } else {
        format!("there is no folder `{}`; {SOURCE}", folder.display())
    }
}

/// Reads lines of five words, between which there may be more than one space.
fn parse(text: &str) -> Result<Vec<House>, String> {
    let lines = text.trim_end().lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.map(|(number, line)| house(number, line).map_err(|error| format!("line {number}: {error}"))).collect()
}

fn house(number: usize, line: &str) -> Result<House, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [bedrooms, bathrooms, area, zip_code, price] = words[..] else {
        return Err(format!("bedrooms, bathrooms, area, zip code and price are expected, not {} words", words.len()));
    };
    let measures = [value("bedrooms", bedrooms)?, value("bathrooms", bathrooms)?, value("area", area)?];
    let price = value("price", price)?;
    // An error in percent is one of the price.
    if price == 0.0 {
        return Err("the price is 0".to_owned());
    }
    Ok(House { number, measures, zip_code: zip_code.to_owned(), price })
}

fn value(name: &str, word: &str) -> Result<f32, String> {
    let value: f32 = word.parse().map_err(|_| format!("{name} is a number, not `{word}`"))?;
    if value.is_finite() && value >= 0.0 { Ok(value) } else { Err(format!("{name} cannot be {word}")) }
}

/// The zip codes with so many houses or more, in order.
pub fn zip_codes(houses: &[House], fewest: usize) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    houses.iter().for_each(|house| *counts.entry(&house.zip_code).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count >= fewest).map(|(zip_code, _)| zip_code.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_stand_further_apart() {
        let houses = parse("4 3.5 2544 85262 799000\n3 2 1808 01019  219800\n\n").unwrap();
        let second = House { number: 2, measures: [3.0, 2.0, 1808.0], zip_code: "01019".to_owned(), price: 219_800.0 };
        assert_eq!((houses.len(), &houses[1]), (2, &second));
        assert_eq!(houses[0].measures, [4.0, 3.5, 2544.0]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let error = |line: &str| parse(&format!("4 4 4053 85255 869500\n{line}\n")).unwrap_err();
        assert_eq!(error("4 x 1 2 3"), "line 2: bathrooms is a number, not `x`");
        assert_eq!(error("4 4 -1 2 3"), "line 2: area cannot be -1");
        assert_eq!(error("4 4 1 2 0"), "line 2: the price is 0");
        assert_eq!(error("4 4 1 2"), "line 2: bedrooms, bathrooms, area, zip code and price are expected, not 4 words");
    }

    #[test]
    fn zip_codes_with_few_houses_are_left_out() {
        let houses = parse("1 1 1 20 1\n1 1 1 10 1\n1 1 1 20 1\n1 1 1 30 1\n1 1 1 10 1\n").unwrap();
        assert_eq!(zip_codes(&houses, 2), ["10", "20"]);
        assert_eq!(zip_codes(&houses, 3), [""; 0]);
    }
}

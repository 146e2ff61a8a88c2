//! The diamonds, read from the compressed file beside this one.

use std::error::Error;
use std::io::Read;

use csv::StringRecord;
use flate2::read::GzDecoder;
use fusion::Random;

use crate::shared::nearest;

/// Carat, depth, table, x, y, z.
pub const MEASURES: usize = 6;
/// Cut, color and clarity, each grade a column that is 1 or 0.
pub const GRADES: usize = CUTS.len() + COLORS.len() + CLARITIES.len();

const CUTS: [&str; 5] = ["Fair", "Good", "Very Good", "Premium", "Ideal"];
const COLORS: [&str; 7] = ["D", "E", "F", "G", "H", "I", "J"];
const CLARITIES: [&str; 8] = ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"];

/// A stone as the model takes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stone {
    pub measures: [f32; MEASURES],
    pub grades: [f32; GRADES],
}

impl Stone {
    /// From words in the order carat depth table x y z cut color clarity. "Very Good" may be two words.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let joined;
        let words = match words {
            [measures @ .., "Very", "Good", color, clarity] => {
                joined = [measures, &["Very Good", *color, *clarity]].concat();
                &joined
            }
            _ => words,
        };
        let [carat, depth, table, x, y, z, cut, color, clarity] = words else {
            return Err(format!("a stone has nine values, not {}", words.len()));
        };
        let names = ["carat", "depth", "table", "x", "y", "z"];
        let mut measures = [0.0; MEASURES];
        for ((measure, word), name) in measures.iter_mut().zip([carat, depth, table, x, y, z]).zip(names) {
            *measure = number(name, word)?;
        }
        Ok(Self { measures, grades: grades(cut, color, clarity)? })
    }
}

fn number(name: &str, word: &str) -> Result<f32, String> {
    let number: f32 = word.parse().map_err(|_| format!("{name} is a number, not `{word}`"))?;
    if number.is_finite() && number >= 0.0 { Ok(number) } else { Err(format!("{name} cannot be {word}")) }
}

fn grades(cut: &str, color: &str, clarity: &str) -> Result<[f32; GRADES], String> {
    let place = |name: &str, grade: &str, known: &[&str]| {
        known.iter().position(|other| *other == grade).ok_or_else(|| {
            let meant = nearest(grade, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            format!("{name} is one of {}, not `{grade}`{meant}", known.join(", "))
        })
    };
    let mut columns = [0.0; GRADES];
    columns[place("cut", cut, &CUTS)?] = 1.0;
    columns[CUTS.len() + place("color", color, &COLORS)?] = 1.0;
    columns[CUTS.len() + COLORS.len() + place("clarity", clarity, &CLARITIES)?] = 1.0;
    Ok(columns)
}

/// Many stones, with their prices in dollars.
#[derive(Default)]
pub struct Stones {
    pub measures: Vec<[f32; MEASURES]>,
    pub grades: Vec<[f32; GRADES]>,
    pub prices: Vec<[f32; 1]>,
}

impl Stones {
    /// The stones that come with this example.
    pub fn read() -> Result<Self, Box<dyn Error>> {
        Self::from_csv(GzDecoder::new(include_bytes!("diamonds.csv.gz").as_slice()))
    }

    /// Reads a table with the columns carat, cut, color, clarity, depth, table, price, x, y, z. What
    /// cannot be read is an error with its line.
    pub fn from_csv(file: impl Read) -> Result<Self, Box<dyn Error>> {
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.headers()?.clone();
        let mut stones = Self::default();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            stones.push(&header, &record).map_err(|error| format!("line {line}: {error}"))?;
        }
        Ok(stones)
    }

    fn push(&mut self, header: &StringRecord, record: &StringRecord) -> Result<(), String> {
        let value = |name: &str| {
            let column = header
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| format!("there is no column `{name}`"))?;
            record.get(column).ok_or_else(|| format!("there is no value in column `{name}`"))
        };
        let names = ["carat", "depth", "table", "x", "y", "z", "cut", "color", "clarity"];
        let words: Vec<&str> = names.into_iter().map(value).collect::<Result<_, _>>()?;
        let stone = Stone::parse(&words)?;
        self.prices.push([number("price", value("price")?)?]);
        self.measures.push(stone.measures);
        self.grades.push(stone.grades);
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.prices.len()
    }

    /// Eight tenths to train, one to stop in time, one held back, drawn by chance from a seed.
    pub fn split(&self, seed: u64) -> (Self, Self, Self) {
        let random = Random::new(seed);
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|index| random.bits(*index as u64));
        let (training, rest) = order.split_at(self.len() * 8 / 10);
        let (validation, test) = rest.split_at(rest.len() / 2);
        (self.pick(training), self.pick(validation), self.pick(test))
    }

    fn pick(&self, order: &[usize]) -> Self {
        Self {
            measures: order.iter().map(|index| self.measures[*index]).collect(),
            grades: order.iter().map(|index| self.grades[*index]).collect(),
            prices: order.iter().map(|index| self.prices[*index]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "carat,cut,color,clarity,depth,table,price,x,y,z\n";

    #[test]
    fn a_row_becomes_a_stone() {
        let stones =
            Stones::from_csv(format!("{HEADER}0.23,Very Good,E,SI2,61.5,55,326,3.95,3.98,2.43\n").as_bytes()).unwrap();
        assert_eq!(stones.prices, [[326.0]]);
        assert_eq!(stones.measures, [[0.23, 61.5, 55.0, 3.95, 3.98, 2.43]]);
        assert_eq!(
            Stone::parse(&["0.23", "61.5", "55", "3.95", "3.98", "2.43", "Very", "Good", "E", "SI2"]).unwrap().grades,
            stones.grades[0]
        );
    }

    #[test]
    fn a_bad_row_is_an_error_with_its_line() {
        let good = "0.23,Ideal,E,SI2,61.5,55,326,3.95,3.98,2.43\n";
        for (bad, message) in [
            (
                "0.21,Royal,E,SI1,59.8,61,326,3.89,3.84,2.31\n",
                "line 3: cut is one of Fair, Good, Very Good, Premium, Ideal, not `Royal`",
            ),
            (
                "0.21,Ideal,E,VSS1,59.8,61,326,3.89,3.84,2.31\n",
                "line 3: clarity is one of I1, SI2, SI1, VS2, VS1, VVS2, VVS1, IF, not `VSS1`; did you mean `VS1`?",
            ),
            ("a,Ideal,E,SI1,59.8,61,326,3.89,3.84,2.31\n", "line 3: carat is a number, not `a`"),
            ("0.21,Ideal,E,SI1,59.8,61,-1,3.89,3.84,2.31\n", "line 3: price cannot be -1"),
        ] {
            let error = Stones::from_csv(format!("{HEADER}{good}{bad}").as_bytes()).err().unwrap();
            assert_eq!(error.to_string(), message);
        }
        let short = Stones::from_csv(format!("{HEADER}{good}0.21,Ideal\n").as_bytes()).err().unwrap().to_string();
        assert!(short.contains("line: 3"), "{short}");
    }
}

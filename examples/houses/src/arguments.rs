//! What is asked for on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

pub const HELP: &str = "\
Prices houses from their attributes and photos, with a network of two inputs.

usage: houses FOLDER [OPTION]...

FOLDER holds HousesInfo.txt and, for each of its lines, four photos, N_bathroom.jpg,
N_bedroom.jpg, N_frontal.jpg and N_kitchen.jpg, where N counts the lines from 1. To get it:
  git clone https://github.com/emanhamed/Houses-dataset
  cargo run --release -p houses -- 'Houses-dataset/Houses Dataset'

  --epochs N   how often to go through the houses (200)
  --seed N     what the split, the initial weights and the order follow from (42)
  --fewest N   zip codes with fewer houses are left out (25)
  --help       this text";

const OPTIONS: [&str; 4] = ["--epochs", "--seed", "--fewest", "--help"];

#[derive(Debug, PartialEq)]
pub struct Arguments {
    pub folder: PathBuf,
    pub epochs: usize,
    pub seed: u64,
    pub fewest: usize,
}

impl Arguments {
    /// Reads the words behind the program's name; `None` where the help is asked for.
    pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (mut words, mut folder) = (words.into_iter(), None);
        let (mut epochs, mut seed, mut fewest) = (200, 42, 25);
        while let Some(word) = words.next() {
            match word.to_string_lossy().as_ref() {
                "--help" | "-h" | "help" => return Ok(None),
                "--epochs" => epochs = number("--epochs", words.next())?,
                "--seed" => seed = number("--seed", words.next())?,
                "--fewest" => fewest = number("--fewest", words.next())?,
                option if option.starts_with('-') => return Err(unknown(option)),
                other if folder.is_some() => return Err(format!("one folder is expected, and `{other}` is another")),
                _ => folder = Some(PathBuf::from(word)),
            }
        }
        let folder = folder.ok_or("name the folder of the houses")?;
        Ok(Some(Self { folder, epochs, seed, fewest }))
    }
}

fn number<N: TryFrom<u64>>(option: &str, word: Option<OsString>) -> Result<N, String> {
    let word = word.ok_or_else(|| format!("{option} takes a number"))?;
    let word = word.to_string_lossy();
    let number = word.parse().ok().and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| format!("{option} takes a whole number, not `{word}`"))
}

fn unknown(option: &str) -> String {
    let near = OPTIONS.into_iter().min_by_key(|known| strsim::osa_distance(known, option));
    match near.filter(|known| strsim::osa_distance(known, option) <= 3) {
        Some(known) => format!("there is no option `{option}`; did you mean `{known}`?"),
        None => format!("there is no option `{option}`; there are {}", OPTIONS.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<Option<Arguments>, String> {
        Arguments::parse(words.split_whitespace().map(OsString::from))
    }

    #[test]
    fn words_are_read_in_any_order() {
        let arguments = parse("--epochs 3 houses --fewest 2").unwrap();
        let expected = Arguments { folder: "houses".into(), epochs: 3, seed: 42, fewest: 2 };
        assert_eq!(arguments, Some(expected));
        assert_eq!(parse("houses --help --epochs").unwrap(), None);
    }

    #[test]
    fn a_wrong_word_is_told_what_it_should_have_been() {
        let error = |words| parse(words).unwrap_err();
        assert_eq!(error(""), "name the folder of the houses");
        assert_eq!(error("a b"), "one folder is expected, and `b` is another");
        assert_eq!(error("a --epoch 3"), "there is no option `--epoch`; did you mean `--epochs`?");
        assert_eq!(
            error("a --learning-rate 3"),
            "there is no option `--learning-rate`; there are --epochs, --seed, --fewest, --help"
        );
        assert_eq!(error("a --epochs"), "--epochs takes a number");
        assert_eq!(error("a --epochs -3"), "--epochs takes a whole number, not `-3`");
    }
}

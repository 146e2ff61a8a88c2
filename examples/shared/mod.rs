//! The command line of the examples.

use std::error::Error;
use std::process::ExitCode;

/// Gives the program the words behind its name, or prints the help where that is asked for. An error is printed as text.
pub fn run(help: &str, program: impl FnOnce(&[&str]) -> Result<(), Box<dyn Error>>) -> ExitCode {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.iter().any(|word| HELP.contains(word)) {
        println!("{help}");
        return ExitCode::SUCCESS;
    }
    match program(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

const HELP: [&str; 3] = ["help", "--help", "-h"];

/// What to say of a first word that is none of the program's `subcommands`.
pub fn unknown(word: &str, subcommands: &[&str]) -> String {
    let known: Vec<&str> = subcommands.iter().copied().chain(["--help"]).collect();
    let what = if word.starts_with('-') { "option" } else { "subcommand" };
    match nearest(word, &known) {
        Some(near) => format!("there is no {what} `{word}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{word}`; try {}", known.join(" or ")),
    }
}

/// The nearest of some words, in large or small letters, if it is near enough to be meant.
pub fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    let distance = |other: &str| strsim::osa_distance(&word.to_lowercase(), &other.to_lowercase());
    let nearest = known.iter().copied().min_by_key(|other| distance(other))?;
    (distance(nearest) <= nearest.len() / 3).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_word_is_told_what_it_should_have_been() {
        assert_eq!(unknown("pirce", &["price"]), "there is no subcommand `pirce`; did you mean `price`?");
        assert_eq!(unknown("--hlep", &["price"]), "there is no option `--hlep`; did you mean `--help`?");
        assert_eq!(unknown("train", &["price"]), "there is no subcommand `train`; try price or --help");
        assert_eq!(unknown("-v", &[]), "there is no option `-v`; try --help");
        assert_eq!(nearest("ideal", &["Fair", "Ideal"]), Some("Ideal"));
        assert_eq!(nearest("D", &["E", "F"]), None);
    }
}

//! The program on small folders of the public one's layout.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use image::{Rgb, RgbImage};

/// Houses of seven zip codes, four of each, and one of an eighth. Prices follow from the area and from how light the front is.
fn generate(folder: &Path) {
    let mut table = String::new();
    for number in 1..=29_usize {
        let zip_code = if number == 29 { 60016 } else { 92000 + (number - 1) % 7 };
        let (area, light) = (800 + number * 37 % 50 * 40, (number * 53 % 10) as u8);
        let price = 100 * area + 20_000 * usize::from(light);
        // As in the public table, some lines have two spaces.
        table += &format!("{} {}.5 {area} {zip_code}  {price}\n", 1 + number % 5, 1 + number % 3);
        // Of a house that is left out no photo is read.
        for (room, grey) in [("bathroom", 90), ("bedroom", 120), ("frontal", 25 * light), ("kitchen", 60)] {
            if number < 29 {
                let photo = RgbImage::from_fn(12, 8, |x, _| Rgb([grey, grey / 2, x as u8 * 20]));
                photo.save(folder.join(format!("{number}_{room}.jpg"))).unwrap();
            }
        }
    }
    fs::write(folder.join("HousesInfo.txt"), table).unwrap();
}

fn houses(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_houses")).arg(folder).args(words).output().unwrap()
}

fn error(folder: &Path, words: &[&str]) -> String {
    let output = houses(folder, words);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn it_trains_on_a_folder_of_this_layout() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path());
    let output = houses(folder.path(), &["--fewest", "2", "--epochs", "4"]);
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.starts_with("29 houses, 28 of them in 7 zip codes of 2 or more\n"), "{stdout}");
    assert!(stdout.contains("\n21 to train, 7 held back; reading 4 photos of each\n"), "{stdout}");
    let losses: Vec<f64> =
        stdout.split(" loss: ").skip(1).map(|rest| rest.split_whitespace().next().unwrap().parse().unwrap()).collect();
    assert_eq!(losses.len(), 4, "{stdout}");
    assert!(losses[3] < losses[0], "{losses:?}");
    let (_, last) = stdout.trim_end().rsplit_once('\n').unwrap();
    let percent: Vec<f64> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(last.starts_with("Of the prices held back the network is off by "), "{stdout}");
    assert!(matches!(percent[..], [mean, deviation] if mean > 0.0 && deviation > 0.0), "{last}");
}

#[test]
fn what_is_missing_is_named_with_where_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = "the data are at https://github.com/emanhamed/Houses-dataset, in the folder `Houses Dataset`";
    let missing = folder.path().join("nowhere");
    assert_eq!(error(&missing, &[]), format!("error: there is no folder `{}`; {source}\n", missing.display()));
    let here = folder.path().display();
    assert_eq!(error(folder.path(), &[]), format!("error: `{here}` has no HousesInfo.txt; {source}\n"));

    let inner = folder.path().join("Houses Dataset");
    fs::create_dir(&inner).unwrap();
    generate(&inner);
    let meant = format!("error: `{here}` has no HousesInfo.txt; did you mean `{}`?\n", inner.display());
    assert_eq!(error(folder.path(), &[]), meant);

    let photo = inner.join("5_kitchen.jpg");
    fs::write(&photo, "no photo").unwrap();
    let text = error(&inner, &["--fewest", "2"]);
    assert!(text.starts_with(&format!("error: `{}` is no photo that can be read: ", photo.display())), "{text}");
    fs::remove_file(&photo).unwrap();
    let of = "is missing, a photo of the house in line 5 of HousesInfo.txt";
    assert_eq!(error(&inner, &["--fewest", "2"]), format!("error: `{}` {of}; {source}\n", photo.display()));
}

#[test]
fn what_cannot_be_is_said_before_photos_are_read() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path());
    let text = error(folder.path(), &[]);
    assert!(text.starts_with("error: no zip code has 25 houses or more; "), "{text}");
    let text = error(folder.path(), &["--epoch", "3"]);
    assert!(
        text.starts_with("error: there is no option `--epoch`; did you mean `--epochs`?\n\nPrices houses "),
        "{text}"
    );
}

#[test]
fn help_is_no_error() {
    let output = houses(Path::new("--help"), &[]);
    assert!(output.status.success() && output.stderr.is_empty());
    assert!(
        String::from_utf8(output.stdout).unwrap().contains("git clone https://github.com/emanhamed/Houses-dataset")
    );
}

//! The rooms of the core and of the macro know each other as `docs/architecture.md` says, and no others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The page's tables, in order, and the code that each is about.
const HOUSES: [&str; 2] = ["fusion-core/src", "fusion-macros/src"];

/// Each room of one of the page's tables, with those that it may know.
fn rooms(table: usize) -> BTreeMap<String, Vec<String>> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let table = page.split("| room | holds | may know |").nth(table + 1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let words = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        (words(cells[0]).remove(0), words(cells[2]))
    })
    .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The files of a room, a folder or one file.
fn sources(folder: &Path) -> Vec<PathBuf> {
    if !folder.is_dir() {
        return vec![folder.with_extension("rs")];
    }
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The code of a file without its unit tests and without comments, whose links may lead anywhere.
fn code(file: &Path) -> String {
    let source = fs::read_to_string(file).unwrap();
    let source = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    source.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The first words after `crate::`, one by one or in braces.
fn mentioned(code: &str) -> Vec<String> {
    // What a macro writes with `$crate` is code of its users'.
    let code = code.replace("$crate::", "");
    let after = code.split("crate::").skip(1);
    let words = after.flat_map(|rest| match rest.strip_prefix('{') {
        Some(list) => top_level(list),
        None => vec![rest],
    });
    words.map(|word: &str| word.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

/// The items of `a::{b, c}, d}`: `a::{b, c}` and `d`.
fn top_level(list: &str) -> Vec<&str> {
    let (mut items, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                items.push(list[start..at].trim());
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    items
}

#[test]
fn no_room_knows_more_than_the_page_says() {
    let mut wrong = Vec::new();
    for (table, house) in HOUSES.iter().enumerate() {
        let (rooms, house) = (rooms(table), root().join(house));
        for (room, known) in &rooms {
            for file in sources(&house.join(room)).into_iter().filter(|file| !is_test(file)) {
                for word in mentioned(&code(&file)) {
                    if rooms.contains_key(&word) && word != *room && !known.contains(&word) {
                        wrong.push(format!("{} knows `{word}`", file.strip_prefix(&house).unwrap().display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Tests beside the code may look anywhere.
fn is_test(file: &Path) -> bool {
    file.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "testing.rs")))
}

#[test]
fn every_room_is_on_the_page() {
    for (table, house) in HOUSES.iter().enumerate() {
        let rooms = rooms(table);
        let folders = fs::read_dir(root().join(house)).unwrap().map(|entry| entry.unwrap().path());
        let folders = folders.filter(|path| path.is_dir() && !path.ends_with("derive"));
        let folders: Vec<String> = folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
        assert!(folders.iter().all(|folder| rooms.contains_key(folder)), "a room that is not on the page: {folders:?}");
    }
}

#[test]
fn the_page_has_no_circles() {
    for table in 0..HOUSES.len() {
        let rooms = rooms(table);
        let mut order: Vec<&String> = Vec::new();
        while order.len() < rooms.len() {
            let next = rooms
                .iter()
                .find(|(room, known)| !order.contains(room) && known.iter().all(|known| order.contains(&known)));
            order.push(next.expect("a room that knows only those before it").0);
        }
    }
}

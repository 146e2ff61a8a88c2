//! The page `docs/parity.md`: by how much our numbers differ from Keras's.
//!
//! Tests note their errors. One test of each test binary runs those that compare with Keras, and holds what they noted
//! against the binary's part of the page; with `UPDATE_EXPECT=1` it writes anew what differs.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fusion_core::kernels::{force, levels};

/// Another machine rounds otherwise: so many times the printed error is no difference.
const FACTOR: f64 = 4.0;
/// The same where next to nothing was printed.
const SLACK: f64 = 1.2e-7;

thread_local! {
    /// Of a thread, as tests run side by side.
    static NOTES: RefCell<Vec<Case>> = const { RefCell::new(Vec::new()) };
}

/// What is compared as a whole, and the worst error of each of its quantities.
struct Case {
    name: String,
    errors: Vec<(&'static str, f64)>,
}

/// Notes the error of a quantity of a case; of several the worst counts.
pub fn note(case: &str, quantity: &'static str, error: f64) {
    NOTES.with_borrow_mut(|cases| {
        let index = cases.iter().position(|known| known.name == case).unwrap_or_else(|| {
            cases.push(Case { name: case.to_owned(), errors: Vec::new() });
            cases.len() - 1
        });
        let errors = &mut cases[index].errors;
        match errors.iter_mut().find(|(known, _)| *known == quantity) {
            Some((_, worst)) => *worst = worst.max(error),
            None => errors.push((quantity, error)),
        }
    });
}

/// A table of the page.
pub struct Table {
    title: &'static str,
    cases: Vec<Case>,
}

impl Table {
    /// Runs tests with each instruction set of this machine, as each rounds otherwise, and keeps what they note.
    pub fn of(title: &'static str, tests: &[fn()]) -> Self {
        NOTES.take();
        for level in levels() {
            force(Some(level));
            tests.iter().for_each(|test| test());
        }
        force(None);
        Self { title, cases: NOTES.take() }
    }

    /// Whether a case of this name, or one that adds something in parentheses, was compared.
    pub fn has(&self, name: &str) -> bool {
        self.cases.iter().any(|case| case.name.split(" (").next() == Some(name))
    }

    fn quantities(&self) -> Vec<&'static str> {
        let mut quantities = Vec::new();
        for (quantity, _) in self.cases.iter().flat_map(|case| &case.errors) {
            if !quantities.contains(quantity) {
                quantities.push(*quantity);
            }
        }
        quantities
    }

    fn write(&self, page: &mut String) {
        let quantities = self.quantities();
        writeln!(
            page,
            "\n### {}\n| | {} |\n|---{}|",
            self.title,
            quantities.join(" | "),
            "|---".repeat(quantities.len())
        )
        .unwrap();
        for case in &self.cases {
            write!(page, "| {} |", case.name).unwrap();
            for quantity in &quantities {
                let error = case.errors.iter().find(|(known, _)| known == quantity);
                write!(page, " {} |", error.map_or_else(|| "–".to_owned(), |(_, error)| printed(*error))).unwrap();
            }
            page.push('\n');
        }
    }
}

fn printed(error: f64) -> String {
    if error == 0.0 { "0".to_owned() } else { format!("{error:.1e}") }
}

/// Fails unless the part of the page under this name lists these tables, with errors that are not much smaller.
pub fn check_page(part: &str, tables: &[Table]) {
    let mut found = String::new();
    tables.iter().for_each(|table| table.write(&mut found));
    let path = page();
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {part}: begin -->\n"), format!("\n<!-- {part}: end -->"));
    let (before, rest) = page.split_once(&begin).expect("the part begins");
    let (expected, after) = rest.split_once(&end).expect("the part ends");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, [before, &begin, &renewed(&found, expected), &end, after].concat()).unwrap();
        return;
    }
    assert_eq!(
        found.lines().count(),
        expected.lines().count(),
        "{part}: the page lists other cases than these:{found}"
    );
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert!(agree(found, expected), "{part}: the page says\n{expected}\nand found was\n{found}");
    }
}

/// What was found, with the lines of the page where they differ no more than from one machine to another: so a new case
/// adds its line and changes no other.
fn renewed(found: &str, expected: &str) -> String {
    let printed = lines(expected);
    let renew = |(table, line)| {
        let same = |(other, printed): &&(&str, &str)| {
            (*other, name(printed)) == (table, name(line)) && agree(line, printed) && agree(printed, line)
        };
        printed.iter().find(same).map_or(line, |(_, printed)| printed)
    };
    lines(found).into_iter().map(renew).collect::<Vec<_>>().join("\n") + "\n"
}

/// The lines, each with the title of its table.
fn lines(part: &str) -> Vec<(&str, &str)> {
    let (mut title, mut lines) = ("", Vec::new());
    for line in part.lines() {
        if line.starts_with("###") {
            title = line;
        }
        lines.push((title, line));
    }
    lines
}

/// The first cell.
fn name(line: &str) -> Option<&str> {
    line.split('|').nth(1)
}

/// Whether two lines say the same, but for errors that may be a little larger than those expected.
fn agree(found: &str, expected: &str) -> bool {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let (found, expected) = (cells(found), cells(expected));
    let near = |(found, expected): (&String, &String)| match (found.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(found), Ok(expected)) => found <= FACTOR * expected + SLACK,
        _ => found == expected,
    };
    found.len() == expected.len() && found.iter().zip(&expected).all(near)
}

/// Where the page is: this module is part of several packages.
fn page() -> PathBuf {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders
        .find_map(|folder| Some(folder.join("docs/parity.md")).filter(|page| page.exists()))
        .expect("the page exists")
}

#[test]
fn a_page_is_written_anew_where_it_says_something_else() {
    let page = "\n### One\n| | output |\n|---|---|\n| a | 1.0e-7 |\n| b | 1.0e-7 |\n\n### Two\n| | output |\n|---|---|\n| a | 0 |\n";
    let found = page.replace("a | 1.0e-7", "a | 3.0e-7").replace("b | 1.0e-7", "new | 2.0e-7 |\n| b | 9.0e-7");
    // `a` is as it may be on another machine, `b` is not.
    let expected = page.replace("b | 1.0e-7", "new | 2.0e-7 |\n| b | 9.0e-7");
    assert_eq!(renewed(&found, page), expected);
    let smaller = page.replace("b | 1.0e-7", "b | 9.0e-6");
    assert_eq!(renewed(page, &smaller), page);
}

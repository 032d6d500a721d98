//! Every criterion of the five systems has a test, which says its number in its name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A system's mark, and how many criteria it has.
const SYSTEMS: [(&str, u32); 5] = [("mw", 22), ("mia", 16), ("smi", 10), ("mcs", 13), ("ez", 11)];

#[test]
fn every_criterion_has_a_test_that_says_its_number() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    // One is a command's.
    let mut sources = vec![tests.join("../crates/doorward/tests/it/import_magic.rs")];
    rust_below(&tests.join("reference"), &mut sources);
    let mut found = BTreeMap::<String, BTreeSet<u32>>::new();
    for source in sources {
        let text = std::fs::read_to_string(&source).expect("a source can be read");
        for (mark, number) in numbered(&text) {
            found.entry(mark).or_default().insert(number);
        }
    }
    let expected = SYSTEMS.map(|(mark, last)| (mark.to_owned(), (1..=last).collect()));
    assert_eq!(found, expected.into());
}

fn rust_below(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            rust_below(&path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            sources.push(path);
        }
    }
}

/// Mark and number of each test of a source: `mw_01_…` is ("mw", 1). A function that no attribute makes a test is none.
fn numbered(source: &str) -> Vec<(String, u32)> {
    let (mut numbers, mut is_test) = (Vec::new(), false);
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        }
        let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        let Some(name) = name else { continue };
        let mut words = name.split('_');
        if let (true, Some(mark), Some(number)) = (is_test, words.next(), words.next())
            && let Some(number) =
                number.parse().ok().filter(|_| SYSTEMS.iter().any(|(known, _)| *known == mark))
        {
            numbers.push((mark.to_owned(), number));
        }
        is_test = false;
    }
    numbers
}

//! The catalogues say the same things, all of them are used, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::page::text::{ENGLISH_SOURCE, GERMAN_SOURCE, Texts};

use super::samples;

#[test]
fn all_catalogues_have_the_same_messages_and_variables() {
    assert_eq!(variables(ENGLISH_SOURCE), variables(GERMAN_SOURCE));
}

#[test]
fn no_catalogue_holds_markup() {
    for source in [ENGLISH_SOURCE, GERMAN_SOURCE] {
        assert!(!source.contains(['<', '&', '"']), "markup or straight quotes in a catalogue");
    }
}

#[test]
fn every_message_is_used_and_every_used_one_exists() {
    let known: BTreeSet<_> = variables(ENGLISH_SOURCE).into_keys().collect();
    let mut used = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["templates", "src/page", "src/mail", "src/console"]
        .iter()
        .flat_map(|folder| files(&root.join(folder)))
    {
        if file.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a source file is text");
        // The console's handlers read forms too, by `get`.
        let is_handler =
            file.components().any(|part| part.as_os_str() == "console") && !text.contains("Template");
        let calls = ["say(\"", "count(\"", "frame.html(\"", "get(\""];
        for call in &calls[..calls.len() - usize::from(is_handler)] {
            for rest in text.split(call).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(known.contains(key), "{}: no message {key}", file.display());
            }
        }
        let of_the_console = text.split('"').filter(|part| part.starts_with("console-"));
        for key in of_the_console.filter(|_| is_handler) {
            assert!(known.contains(key), "{}: no message {key}", file.display());
        }
        used.extend(text.split('"').filter(|part| known.contains(*part)).map(str::to_owned));
    }
    assert_eq!(known.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "unused messages");
}

#[test]
fn every_page_finds_its_texts_in_every_language() {
    // A missing message or variable panics under test.
    for texts in Texts::all() {
        for (name, page) in samples::all(texts, &str::to_owned) {
            let html = page.html();
            assert!(html.contains(&format!("<html lang=\"{}\">", texts.locale())), "{name}");
            assert!(!html.contains("{ $") && !html.contains("{$"), "{name}: a variable was left");
        }
    }
}

#[test]
fn values_stand_isolated_and_escaped() {
    let text = Texts::for_locale("de").html("back-to-client", &[("client", "<b>\"Ä&'")]);
    assert_eq!(text.0, "Zurück zu <bdi>&#60;b&#62;&#34;Ä&#38;&#39;</bdi>");
    assert_eq!(Texts::for_locale("fr").get("back-to-client", &[("client", "X")]), "Back to X");
}

/// The variables of each message.
fn variables(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
            assert!(found.insert(name.to_owned(), BTreeSet::new()).is_none(), "{name} stands there twice");
            key = name.to_owned();
        }
        let names = line.split("{ $").skip(1).filter_map(|rest| rest.split(' ').next()).map(str::to_owned);
        found.entry(key.clone()).or_default().extend(names);
    }
    found.retain(|key, _| !key.is_empty());
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

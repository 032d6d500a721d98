//! What the sources say of their types: members and variants with their documentation, for pages that are made from it. It reads
//! the way in which rustfmt writes: one member a line, documentation and attributes above it.

use std::path::{Path, PathBuf};

/// A member of a struct, or a variant of an enum.
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its type, as it is written; empty for a variant.
    pub of: String,
    /// Whether it may be absent; of a variant, whether it is the default.
    pub is_optional: bool,
    /// The function that makes its default.
    pub default: Option<String>,
    /// Its documentation in one line.
    pub doc: String,
}

/// The text of a file of this repository.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(whole(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn whole(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The members of a struct, in their order.
pub fn members(path: &str, name: &str) -> Vec<Member> {
    let source = read(path);
    let (head, body) = item(&source, &format!("pub struct {name} {{"));
    let all_optional = head.contains("#[serde(default,") || head.contains("#[serde(default)]");
    let mut members = entries(body, |line| {
        let (name, of) = line.strip_prefix("pub ")?.strip_suffix(',')?.split_once(": ")?;
        Some((name.to_owned(), of.to_owned()))
    });
    for member in &mut members {
        member.is_optional = member.is_optional || all_optional || member.of.starts_with("Option<");
    }
    members
}

/// The variants of an enum, in their order.
pub fn variants(path: &str, name: &str) -> Vec<Member> {
    let source = read(path);
    let (_, body) = item(&source, &format!("pub enum {name} {{"));
    entries(body, |line| Some((line.strip_suffix(',')?.to_owned(), String::new())))
}

/// The rows of a list in a macro, `Name = "text",`, each text with its documentation.
pub fn rows(path: &str, begin: &str) -> Vec<(String, String)> {
    let source = read(path);
    let (_, body) = item(&source, begin);
    let entries = entries(body, |line| {
        let (_, text) = line.strip_suffix(',')?.split_once(" = ")?;
        Some((text.trim_matches('"').to_owned(), String::new()))
    });
    entries.into_iter().map(|member| (member.name, member.doc)).collect()
}

/// The words of an enum of the model or of state files, each with whether it is the default; none when there is no such enum.
pub fn words(name: &str) -> Option<Vec<(String, bool)>> {
    for folder in ["crates/core/src/model", "crates/core/src/desired"] {
        let entries = std::fs::read_dir(whole(folder)).expect("the folder is there");
        for entry in entries {
            let file = entry.expect("the folder can be read").file_name().into_string().expect("a name");
            let path = format!("{folder}/{file}");
            if file.ends_with(".rs") && read(&path).contains(&format!("pub enum {name} {{")) {
                let of = |member: Member| (snake_case(&member.name), member.is_optional);
                return Some(variants(&path, name).into_iter().map(of).collect());
            }
        }
    }
    None
}

fn snake_case(name: &str) -> String {
    let parts = name.char_indices().map(|(at, c)| {
        let gap = if at > 0 && c.is_ascii_uppercase() { "_" } else { "" };
        format!("{gap}{}", c.to_ascii_lowercase())
    });
    parts.collect()
}

/// What the function `name` of a file makes, when it is one literal.
pub fn literal(path: &str, name: &str) -> String {
    let source = read(path);
    let (_, body) = item(&source, &format!("fn {name}() ->"));
    let line = body.lines().nth(1).expect("a body").trim();
    match line.split('"').nth(1) {
        Some(text) => text.to_owned(),
        None if line.chars().next().is_some_and(|first| first.is_ascii_uppercase()) => {
            let constant = line.split('.').next().expect("a name");
            let (_, rest) = source.split_once(&format!("const {constant}: &str = \"")).expect("the constant");
            rest.split('"').next().expect("its text").to_owned()
        }
        None => line.to_owned(),
    }
}

/// What stands right above an item, and the item up to its closing brace.
fn item<'a>(source: &'a str, begin: &str) -> (&'a str, &'a str) {
    let at = source.find(begin).unwrap_or_else(|| panic!("there is no {begin}"));
    let above = source[..at].rfind("\n\n").map_or(0, |blank| blank + 2);
    let end = source[at..].find("\n}").expect("the item ends");
    (&source[above..at], &source[at..at + end])
}

fn entries(body: &str, parse: impl Fn(&str) -> Option<(String, String)>) -> Vec<Member> {
    let mut found = Vec::new();
    let (mut doc, mut is_optional, mut default) = (String::new(), false, None);
    for line in body.lines().skip(1).map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            doc = [doc.trim(), text.trim()].join(" ").trim().to_owned();
        } else if line.starts_with("#[") {
            is_optional = line.contains("default");
            default =
                line.split("default = \"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
        } else if let Some((name, of)) = parse(line) {
            found.push(Member {
                name,
                of,
                is_optional,
                default: default.take(),
                doc: std::mem::take(&mut doc),
            });
            is_optional = false;
        }
    }
    found
}

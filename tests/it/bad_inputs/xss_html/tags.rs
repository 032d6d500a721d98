//! A page read tag by tag, as a browser splits it.

use doorward_tests::Reply;

/// Tags of a page: known ones with known attributes; a script only from our own files, and empty.
#[track_caller]
pub fn assert_harmless(reply: &Reply, payload: &str) {
    let body = &reply.body;
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{body}");
    let mut rest = body.as_str();
    while let Some(at) = rest.find('<') {
        let after = &rest[at + 1..];
        let end = tag_end(after).unwrap_or_else(|| panic!("{payload}: a tag that does not end: {after:.80}"));
        let tag = &after[..end];
        rest = &after[end + 1..];
        if tag.starts_with('/') || tag == "!doctype html" {
            continue;
        }
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(TAGS.contains(&name.as_str()), "{payload}: <{tag}>\n{body}");
        for (attribute, value) in attributes(&tag[name.len()..]) {
            let is_known = ATTRIBUTES.contains(&attribute.as_str())
                || attribute.starts_with("aria-")
                || attribute.starts_with("data-");
            assert!(is_known, "{payload}: {attribute} in <{tag}>");
            if ["href", "src", "action"].contains(&attribute.as_str()) {
                let is_ours = value.starts_with('/')
                    || value.starts_with("https://app.example/")
                    || value.starts_with("com.example.app:/");
                assert!(is_ours, "{payload}: {attribute}={value}");
            }
        }
        if name == "script" {
            assert!(tag.contains("src=\"/assets/") && rest.starts_with("</script>"), "{payload}: <{tag}>");
        }
    }
    if payload.contains(['<', '"', '\'']) {
        assert!(!body.contains(payload), "{payload} stands in the page as it is");
    }
}

/// Where a tag ends: at the first `>` outside of quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '>') => return Some(at),
            _ => {}
        }
        None
    })
}

/// Attributes of a tag, as a browser splits them.
fn attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let length = rest.find(|c: char| c == '=' || c.is_whitespace() || c == '/').unwrap_or(rest.len());
        let (name, after) = rest.split_at(length.max(1));
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => match after.strip_prefix('=') {
                Some(bare) => bare.split_at(bare.find(char::is_whitespace).unwrap_or(bare.len())),
                None => ("", after),
            },
        };
        if name != "/" {
            found.push((name.to_owned(), value.to_owned()));
        }
        rest = after.trim_start();
    }
    found
}

const TAGS: &[&str] = &[
    "html", "head", "meta", "title", "link", "script", "body", "div", "header", "svg", "rect", "path",
    "circle", "span", "bdi", "main", "h1", "h2", "h3", "p", "form", "input", "label", "button", "dl", "dt",
    "dd", "code", "section", "ul", "li", "details", "summary", "time", "footer", "a", "strong", "g", "line",
    "pre", "fieldset", "legend",
];

const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "name",
    "content",
    "rel",
    "href",
    "type",
    "src",
    "defer",
    "class",
    "method",
    "action",
    "value",
    "id",
    "for",
    "autocomplete",
    "autocapitalize",
    "autocorrect",
    "spellcheck",
    "dir",
    "required",
    "autofocus",
    "tabindex",
    "role",
    "checked",
    "hidden",
    "viewBox",
    "width",
    "height",
    "focusable",
    "x",
    "y",
    "rx",
    "ry",
    "cx",
    "cy",
    "r",
    "d",
    "fill",
    "stroke",
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "points",
    "datetime",
    "minlength",
    "maxlength",
    "title",
    "open",
    "novalidate",
    "readonly",
    "passwordrules",
];

//! The tags of a page, read strictly: what a browser would make elements of.

/// A start tag (or an end tag, whose name begins with `/`) and its attributes in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }
}

/// All tags of `html`; panics at what our templates must not hold: comments, unquoted values.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html.strip_prefix("<!doctype html>").expect("a document type");
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find(|c: char| c.is_whitespace() || c == '>').expect("a tag ends");
        let name = rest[..end].trim_end_matches('/').to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '/';
        assert!(!name.is_empty() && name.chars().all(plain), "strange tag <{name}");
        rest = &rest[end..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start().trim_start_matches('/');
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let end = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c)).expect("an attribute ends");
            let attribute = rest[..end].to_owned();
            assert!(
                !attribute.is_empty() && !attribute.contains(['"', '\'', '<']),
                "strange attribute {attribute}"
            );
            rest = &rest[end..];
            let value = match rest.strip_prefix('=') {
                Some(after) => {
                    let after = after.strip_prefix('"').expect("a quoted value");
                    let end = after.find('"').expect("a value ends");
                    rest = &after[end + 1..];
                    after[..end].to_owned()
                }
                None => String::new(),
            };
            assert!(!attributes.iter().any(|(name, _)| *name == attribute), "{attribute} twice in <{name}>");
            attributes.push((attribute, value));
        }
        tags.push(Tag { name, attributes });
    }
    tags
}

//! `{name}` in a text: what it stands for.

use std::collections::BTreeMap;

/// What names stand for.
pub type Values = BTreeMap<String, String>;

/// A text with its names replaced; one that stands for nothing stays as it is.
pub fn filled(text: &str, of: &dyn Fn(&str) -> Option<String>) -> String {
    let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, name, after)) = next(rest) {
        whole.push_str(before);
        match of(name) {
            Some(value) => whole.push_str(&value),
            None => whole.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    whole + rest
}

/// The names in a text.
#[cfg(test)]
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next(rest)?;
        rest = after;
        Some(name)
    })
}

/// The first name, and what stands before and after it. JSON has braces too, but never around one word.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('{')?;
        let inside = &text[open + 1..];
        let length = inside.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'_').count();
        if length > 0 && inside.as_bytes().get(length) == Some(&b'}') {
            return Some((&text[..open], &inside[..length], &inside[length + 1..]));
        }
        from = open + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{filled, names};

    #[test]
    fn names_are_replaced_and_json_is_not() {
        let of = |name: &str| (name == "code").then(|| "c-1".to_owned());
        for (text, expected) in [
            (r#"{"code":"{code}","a":{"b":{}}}"#, r#"{"code":"c-1","a":{"b":{}}}"#),
            ("{other}/{code}/", "{other}/c-1/"),
            ("{Code}{", "{Code}{"),
            ("", ""),
        ] {
            assert_eq!(filled(text, &of), expected);
        }
        assert_eq!(names("{a}{{b_c}}{\"d\"}{e").collect::<Vec<_>>(), ["a", "b_c"]);
    }
}

//! What is wrong with the shape of a document, as a person would say it: parsers speak of the program's types.

/// The sentence for one of serde's, and the member that it is about where it says so. What was given is not repeated: it may be a
/// secret.
///
/// A path in front (`tenants[0].id: …`) stays.
pub fn said(told: &str) -> String {
    let begins = SENTENCES.iter().filter_map(|sentence| told.find(sentence)).min();
    let Some((place, told)) = begins.and_then(|at| told.split_at_checked(at)) else {
        return told.to_owned();
    };
    format!("{place}{}", spoken(told))
}

/// The member that is missing, where that is what serde tells.
pub fn missing(told: &str) -> Option<&str> {
    told.strip_prefix(MISSING)?.split('`').next()
}

fn spoken(told: &str) -> String {
    // What was given may hold the very words; what is expected never does.
    let expected = told.rsplit_once(", expected ").map(|(_, expected)| expected).unwrap_or_default();
    if told.starts_with(TYPE) || told.starts_with(LENGTH) {
        return format!("must be {}", form(expected));
    }
    if let Some(given) = told.strip_prefix(VALUE) {
        return match given.strip_prefix("integer `") {
            Some(number) if number.starts_with('-') && expected.starts_with('u') => "must not be negative",
            Some(number) if number.starts_with('-') => "is too small a number",
            Some(_) => "is too large a number",
            None => "has a value that is not known here",
        }
        .to_owned();
    }
    if told.starts_with(VARIANT) {
        let words: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        return format!("must be one of {}", words.join(", "));
    }
    if told.starts_with(UNTAGGED) {
        return "must be of another form".to_owned();
    }
    match missing(told) {
        Some(member) => format!("the member `{member}` is missing"),
        None => told.to_owned(),
    }
}

/// What a value must be, where a program would name its type.
fn form(expected: &str) -> &'static str {
    match expected {
        "a boolean" => "true or false",
        "a string" | "a borrowed string" | "string or map" | "a character" | "variant identifier" => "a text",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "an object",
        _ if expected.starts_with("enum ") => "a text",
        _ if expected.starts_with("struct ") => "an object",
        _ if expected.starts_with("tuple ") || expected.starts_with("a tuple ") => "a list",
        _ => "of another form",
    }
}

const TYPE: &str = "invalid type: ";
const VALUE: &str = "invalid value: ";
const LENGTH: &str = "invalid length ";
const VARIANT: &str = "unknown variant `";
const MISSING: &str = "missing field `";
const UNTAGGED: &str = "data did not match any variant of untagged enum ";
const SENTENCES: [&str; 6] = [TYPE, VALUE, LENGTH, VARIANT, MISSING, UNTAGGED];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Sample {
        #[serde(default)]
        flag: bool,
        #[serde(default)]
        text: String,
        #[serde(default)]
        whole: i64,
        #[serde(default)]
        small: u8,
        #[serde(default)]
        part: f64,
        #[serde(default)]
        list: BTreeSet<String>,
        #[serde(default)]
        map: BTreeMap<String, String>,
        #[serde(default)]
        pair: Option<(u8, u8)>,
        #[serde(default)]
        word: Option<Word>,
        #[serde(default)]
        either: Option<Either>,
        #[serde(default)]
        inner: Option<Box<Sample>>,
        must: Option<Missing>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        OneWord,
        Other,
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    enum Either {
        Flag(bool),
        Text(String),
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Missing {
        must: bool,
    }

    /// The sentences come from the very parsers: another wording of theirs is noticed here.
    #[test]
    fn no_type_of_the_program_is_named_and_nothing_given_is_repeated() {
        let given = "hunter2, expected `hunter2`";
        let rows = [
            (json!({ "flag": given }), "must be true or false"),
            (json!({ "text": 4711 }), "must be a text"),
            (json!({ "text": null }), "must be a text"),
            (json!({ "whole": given }), "must be a whole number"),
            (json!({ "whole": 1.5 }), "must be a whole number"),
            (json!({ "whole": u64::MAX }), "is too large a number"),
            (json!({ "small": given }), "must be a whole number that is not negative"),
            (json!({ "small": -4711 }), "must not be negative"),
            (json!({ "small": 4711 }), "is too large a number"),
            (json!({ "part": given }), "must be a number"),
            (json!({ "list": given }), "must be a list"),
            (json!({ "list": [4711] }), "must be a text"),
            (json!({ "map": given }), "must be an object"),
            (json!({ "pair": given }), "must be a list"),
            (json!({ "pair": [1] }), "must be a list"),
            (json!({ "word": given }), "must be one of one_word, other"),
            (json!({ "word": 4711 }), "must be a text"),
            (json!({ "either": 4711 }), "must be of another form"),
            (json!({ "inner": given }), "must be an object"),
            (json!({ "inner": { "flag": 4711 } }), "must be true or false"),
            (json!({ "must": {} }), "the member `must` is missing"),
            (json!([given]), "must be true or false"),
            (json!(given), "must be an object"),
        ];
        for (value, expected) in rows {
            let told = serde_json::from_value::<Sample>(value.clone()).expect_err("its shape is wrong");
            assert_eq!(said(&told.to_string()), expected, "{value}: {told}");
        }
        let told = serde_json::from_value::<Sample>(json!({ "other": 1 })).expect_err("no such member");
        assert!(said(&told.to_string()).starts_with("unknown field `other`, expected one of `flag`"));
    }

    #[test]
    fn a_path_in_front_stays_and_sentences_of_ours_do_too() {
        let rows = [
            ("a[0].b: invalid type: string \"x\", expected i64", "a[0].b: must be a whole number"),
            ("the scheme must be https", "the scheme must be https"),
        ];
        for (told, expected) in rows {
            assert_eq!(said(told), expected);
        }
        assert_eq!(missing("missing field `user_name`"), Some("user_name"));
        assert_eq!(missing("unknown field `user_name`"), None);
    }
}

//! JSON from strangers (RFC 8259, made strict): one reading, or none.
//!
//! Refused beside what no JSON parser takes: member names occurring twice (two readers would see two documents),
//! nesting beyond a cap, a byte order mark, invalid UTF-8, lone surrogates, and numbers that would be changed.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits::JSON_DEPTH;
use crate::names::errors;

/// Reads a JSON text with at most [`JSON_DEPTH`] containers nested in each other.
pub fn strict(text: &[u8]) -> Result<Value, BadJson> {
    strict_to_depth(text, JSON_DEPTH)
}

/// As [`strict`], with a depth of one's own (at most [`JSON_DEPTH`]).
pub fn strict_to_depth(text: &[u8], depth: usize) -> Result<Value, BadJson> {
    if text.starts_with(b"\xef\xbb\xbf") {
        return Err(BadJson::ByteOrderMark);
    }
    let text = std::str::from_utf8(text).map_err(|_| BadJson::Encoding)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: depth.min(JSON_DEPTH) }.deserialize(&mut deserializer).map_err(reason)?;
    deserializer.end().map_err(|_| BadJson::Syntax)?;
    Ok(value)
}

/// Reads a JSON text strictly, then as a type.
pub fn strict_into<T: DeserializeOwned>(text: &[u8]) -> Result<T, BadJson> {
    serde_json::from_value(strict(text)?).map_err(|_| BadJson::Shape)
}

errors! {
    /// Why a JSON text was refused.
    pub enum BadJson {
        ByteOrderMark = "the JSON text starts with a byte order mark",
        Depth = "the JSON text is nested too deeply",
        Duplicate = "a member name occurs twice in a JSON object",
        Encoding = "the JSON text is not UTF-8",
        Number = "a number in the JSON text is out of range",
        Shape = "the JSON text has a member that is missing or has the wrong type",
        Syntax = "the text is not JSON",
    }
}

/// Reads one value, `depth` containers of which may be nested.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inner<E: Error>(self) -> Result<Strict, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Strict { depth }),
            None => Err(E::custom(DEPTH)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    /// An integer too large for 64 bits arrives here, already rounded; so does everything else of that magnitude.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        match Number::from_f64(value) {
            Some(number) if value.abs() < 9_223_372_036_854_775_808.0 => Ok(Value::Number(number)),
            _ => Err(E::custom(NUMBER)),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(inner)?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(Value::Object(members))
    }
}

const DEPTH: &str = "too deep";
const DUPLICATE: &str = "duplicate member";
const NUMBER: &str = "number out of range";

fn reason(error: serde_json::Error) -> BadJson {
    let text = error.to_string();
    if text.starts_with(DEPTH) {
        BadJson::Depth
    } else if text.starts_with(DUPLICATE) {
        BadJson::Duplicate
    } else if text.starts_with(NUMBER) {
        BadJson::Number
    } else {
        BadJson::Syntax
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Vec<u8> {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes()
    }

    #[test]
    fn what_is_json_is_read() {
        let rows = [
            r#"{"a":[1,-2,1.5,true,false,null,"x"],"b":{"c":{}}}"#,
            r#""\ud83d\ude00""#,
            "18446744073709551615",
            "-9223372036854775808",
            " {} ",
        ];
        for text in rows {
            assert_eq!(
                strict(text.as_bytes()).unwrap(),
                serde_json::from_str::<Value>(text).unwrap(),
                "{text}"
            );
        }
        assert!(strict(&nested(JSON_DEPTH)).is_ok());
        assert_eq!(strict_into::<Vec<u8>>(b"[1,2]"), Ok(vec![1, 2]));
    }

    #[test]
    fn a_fraction_is_read_as_the_nearest_number_and_written_as_it_was() {
        for text in ["42944.224979649676", "-2e-91", "0.1", "1.5e+18", "5e-324"] {
            assert_eq!(strict(text.as_bytes()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_has_two_readings_is_refused() {
        let rows: &[(&[u8], BadJson)] = &[
            (b"", BadJson::Syntax),
            (b"{", BadJson::Syntax),
            (b"{} x", BadJson::Syntax),
            (b"{}{}", BadJson::Syntax),
            (b"{\"a\":1,}", BadJson::Syntax),
            (b"{a:1}", BadJson::Syntax),
            (b"'a'", BadJson::Syntax),
            (b"NaN", BadJson::Syntax),
            (b"01", BadJson::Syntax),
            (b"+1", BadJson::Syntax),
            (b"\"a\nb\"", BadJson::Syntax),
            (b"// x\n1", BadJson::Syntax),
            (b"\xef\xbb\xbf{}", BadJson::ByteOrderMark),
            (b"\"\xff\"", BadJson::Encoding),
            (b"\"\xc0\xaf\"", BadJson::Encoding),
            (b"\xfe\xff\0{\0}", BadJson::Encoding),
            (br#""\ud800""#, BadJson::Syntax),
            (br#""\udc00""#, BadJson::Syntax),
            (br#""\ud800\u0041""#, BadJson::Syntax),
            (br#"{"\ud800":1}"#, BadJson::Syntax),
            (br#"{"a":1,"a":1}"#, BadJson::Duplicate),
            (br#"{"a":1,"\u0061":2}"#, BadJson::Duplicate),
            (br#"[{"b":{"a":1,"a":2}}]"#, BadJson::Duplicate),
            (b"1e999", BadJson::Number),
            (b"99999999999999999999", BadJson::Number),
            (b"-9223372036854775809", BadJson::Number),
        ];
        for (text, expected) in rows {
            assert_eq!(strict(text), Err(*expected), "{:?}", String::from_utf8_lossy(text));
        }
        assert_eq!(strict_into::<Vec<u8>>(b"{}"), Err(BadJson::Shape));
    }

    #[test]
    fn depth_is_capped_and_never_overflows_the_stack() {
        assert_eq!(strict(&nested(JSON_DEPTH + 1)), Err(BadJson::Depth));
        assert_eq!(strict_to_depth(b"[{}]", 1), Err(BadJson::Depth));
        assert_eq!(strict(&nested(100_000)), Err(BadJson::Depth));
        assert_eq!(strict(br#"{"a":"#.repeat(100_000).as_slice()), Err(BadJson::Depth));
        assert!(strict_to_depth(b"[1]", 1).is_ok());
        assert_eq!(strict_to_depth(b"[[1]]", 1), Err(BadJson::Depth));
        assert_eq!(strict_to_depth(&nested(JSON_DEPTH + 1), 1000), Err(BadJson::Depth));
    }
}

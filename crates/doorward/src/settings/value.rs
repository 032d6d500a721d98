//! Values of settings, and where they come from.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use doorward_crypto::secret::SecretString;

use super::nearest;
use super::table::{Kind, Setting};

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nobody said anything, and there is no default.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// Several texts.
    List(Vec<String>),
    /// A number.
    Number(i64),
    /// A text that is not shown.
    Secret(SecretString),
    /// A text.
    Text(String),
}

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// From the table.
    Default,
    /// From the file, at a line.
    File(PathBuf, usize),
    /// From a variable.
    Variable(String),
    /// From a flag.
    Flag(String),
}

/// Reads a value as it is written in a variable or a flag.
pub fn read(setting: &Setting, text: &str) -> Result<Value, String> {
    let text = text.trim();
    match setting.kind {
        Kind::Address if text == "none" => Ok(Value::Text(text.to_owned())),
        Kind::Address => address(text).map(Value::Text),
        Kind::Addresses => {
            let all: Result<Vec<String>, String> = parts(text).map(address).collect();
            let all = all?;
            if all.is_empty() { Err("is empty".to_owned()) } else { Ok(Value::List(all)) }
        }
        Kind::Choice(words) => choice(words, text).map(Value::Text),
        Kind::Flag => match text {
            "true" | "1" | "yes" | "on" => Ok(Value::Flag(true)),
            "false" | "0" | "no" | "off" => Ok(Value::Flag(false)),
            _ => Err("must be true or false".to_owned()),
        },
        Kind::List => Ok(Value::List(parts(text).map(str::to_owned).collect())),
        Kind::Number(least, most) => {
            let number = text.parse().map_err(|_| "must be a whole number".to_owned())?;
            in_range(number, least, most).map(Value::Number)
        }
        Kind::Secret if text.is_empty() => Err("is empty".to_owned()),
        Kind::Secret => Ok(Value::Secret(SecretString::new(text.to_owned()))),
        Kind::Path | Kind::Text if text.is_empty() => Err("is empty".to_owned()),
        Kind::Path | Kind::Text => Ok(Value::Text(text.to_owned())),
    }
}

/// Whether a number is in the range of its setting.
pub fn in_range(number: i64, least: i64, most: i64) -> Result<i64, String> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("must be between {least} and {most}"))
    }
}

fn choice(words: &[&str], text: &str) -> Result<String, String> {
    if words.contains(&text) {
        return Ok(text.to_owned());
    }
    let near = nearest::of(text, words.iter().copied()).map(|word| format!("; did you mean {word}?"));
    Err(format!("must be one of {}{}", words.join(", "), near.unwrap_or_default()))
}

fn address(text: &str) -> Result<String, String> {
    if let Some(port) = text.strip_prefix(':') {
        return Err(format!(
            "needs an address: 127.0.0.1:{port} for this machine only, 0.0.0.0:{port} or [::]:{port} for all"
        ));
    }
    let text =
        text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    match text.parse::<SocketAddr>() {
        Ok(address) => Ok(address.to_string()),
        Err(_) => Err("must be an address and a port, such as 127.0.0.1:8080".to_owned()),
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("(not set)"),
            Self::Flag(flag) => flag.fmt(f),
            Self::List(list) if list.is_empty() => f.write_str("(none)"),
            Self::List(list) => f.write_str(&list.join(",")),
            Self::Number(number) => number.fmt(f),
            Self::Secret(_) => f.write_str("[secret]"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

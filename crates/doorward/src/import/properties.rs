//! Files of Java properties, as `java.util.Properties.load` reads them: lines that go on behind a backslash, keys that end at `=`, `:` or white
//! space, escapes, comments. In UTF-8, or in Latin-1 where they are not.

use std::fmt;

/// A property.
pub struct Property {
    /// Its key.
    pub key: String,
    /// Its value, which may be a secret.
    pub value: String,
    /// The line that it begins on, from 1.
    pub line: usize,
}

/// What no Java would read: an escape that is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadEscape {
    /// The line that its property begins on, from 1.
    pub line: usize,
}

/// The properties of a file, in their order. A key may come again: the last counts.
pub fn read(bytes: &[u8]) -> Result<Vec<Property>, BadEscape> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    logical(&text)
        .map(|(line, text)| {
            property(&text).map(|(key, value)| Property { key, value, line }).ok_or(BadEscape { line })
        })
        .collect()
}

/// Lines that say something, each with those that it goes on with, and the number of its first.
fn logical(text: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    let mut natural = lines(text).enumerate();
    std::iter::from_fn(move || {
        let (at, first) = natural.find(|(_, line)| {
            let line = line.trim_start_matches(is_space);
            !line.is_empty() && !line.starts_with(['#', '!'])
        })?;
        let mut whole = first.trim_start_matches(is_space).to_owned();
        while goes_on(&whole) {
            whole.pop();
            let Some((_, next)) = natural.next() else { break };
            let next = next.trim_start_matches(is_space);
            whole.push_str(next);
            if next.is_empty() {
                break;
            }
        }
        Some((at + 1, whole))
    })
}

/// Lines end at `\n`, `\r` or both.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// Whether a line ends in a backslash that no other escapes.
fn goes_on(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn property(line: &str) -> Option<(String, String)> {
    let (key, rest) = line.split_at(key_end(line));
    let rest = rest.trim_start_matches(is_space);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start_matches(is_space);
    Some((unescaped(key)?, unescaped(value)?))
}

/// Where the key ends: at the first separator that is not escaped.
fn key_end(line: &str) -> usize {
    let mut is_escaped = false;
    let end = line.char_indices().find(|(_, char)| {
        let ends = !is_escaped && (is_space(*char) || matches!(char, '=' | ':'));
        is_escaped = !is_escaped && *char == '\\';
        ends
    });
    end.map_or(line.len(), |(at, _)| at)
}

/// The text that escapes stand for. `\u` names a unit of UTF-16; a letter that means nothing means itself.
fn unescaped(text: &str) -> Option<String> {
    let (mut units, mut chars) = (Vec::new(), text.chars());
    while let Some(char) = chars.next() {
        let meant = match char {
            '\\' => match chars.next() {
                Some('u') => {
                    let digits = chars
                        .as_str()
                        .get(..4)
                        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
                    units.push(u16::from_str_radix(digits, 16).ok()?);
                    chars = chars.as_str()[4..].chars();
                    continue;
                }
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some(other) => other,
                None => continue,
            },
            char => char,
        };
        units.extend_from_slice(meant.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16(&units).ok()
}

fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\u{c}')
}

impl fmt::Display for BadEscape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: \\u stands before four hexadecimal digits that name a character", self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(bytes: &[u8]) -> Vec<(String, String, usize)> {
        let found = read(bytes).unwrap_or_else(|bad| panic!("{bad}"));
        found.into_iter().map(|property| (property.key, property.value, property.line)).collect()
    }

    #[test]
    fn a_line_is_read_as_java_reads_it() {
        for (line, key, value) in [
            ("a=b", "a", "b"),
            ("a:b", "a", "b"),
            ("a b", "a", "b"),
            ("a\tb", "a", "b"),
            ("  a  =  b ", "a", "b "),
            ("a = = b", "a", "= b"),
            ("a : = b", "a", "= b"),
            ("a b=c", "a", "b=c"),
            ("a", "a", ""),
            ("a=", "a", ""),
            ("=b", "", "b"),
            (r"a\=b\:c\ d=e", "a=b:c d", "e"),
            (r"a\\=b", r"a\", "b"),
            (r"a=C:\\x\tb\n\r\f\q\#", "a", "C:\\x\tb\n\r\u{c}q#"),
            (r"a=\u00e9\uD83D\uDE00 x", "a", "é😀 x"),
            ("a=b # c", "a", "b # c"),
            ("a=b\\", "a", "b"),
            ("a=é", "a", "é"),
        ] {
            assert_eq!(pairs(line.as_bytes()), [(key.to_owned(), value.to_owned(), 1)], "{line}");
        }
    }

    #[test]
    fn comments_and_empty_lines_say_nothing_and_lines_go_on_behind_a_backslash() {
        let text =
            "# a=b \\\n\n  ! c=d\r\n \t\na=1,\\\n   2,\\\r\n\t3\rb=x\\\\\nc=y\\\n# no comment\nd=z\\\n\ne=f";
        let expected =
            [("a", "1,2,3", 5), ("b", "x\\", 8), ("c", "y# no comment", 9), ("d", "z", 11), ("e", "f", 13)];
        assert_eq!(
            pairs(text.as_bytes()),
            expected.map(|(key, value, line)| (key.to_owned(), value.to_owned(), line))
        );
    }

    #[test]
    fn what_is_not_utf_8_is_latin_1() {
        assert_eq!(pairs(b"a=\xe9\xfc"), [("a".to_owned(), "éü".to_owned(), 1)]);
        assert_eq!(pairs("\u{feff}a=ü".as_bytes()), [("a".to_owned(), "ü".to_owned(), 1)]);
    }

    #[test]
    fn an_escape_that_is_none_is_told_with_its_line() {
        for text in [r"a=\u12", r"a=\u12g4", r"a=\uD83D", r"a=\u+123", r"\u00éé=b"] {
            assert_eq!(
                read(format!("x=y\n{text}\n").as_bytes()).err(),
                Some(BadEscape { line: 2 }),
                "{text}"
            );
        }
    }
}

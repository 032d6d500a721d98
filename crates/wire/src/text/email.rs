//! E-mail addresses (RFC 5321, 4.1.2), as far as people have them.

use std::fmt;

use super::BadText;
use crate::limits::{EMAIL_BYTES, EMAIL_LOCAL_BYTES};
use crate::names::serde_as_string;

/// An address as it was written, and the key it is found by. Policy: ASCII, no quoted local part, no address
/// literal, a domain of at least two labels (an internationalised domain in its `xn--` form).
#[derive(Clone, Debug)]
pub struct Email {
    text: String,
    key: String,
}

impl Email {
    /// Checks an address. The same rule holds at registration, sign-in and reset (UN-008).
    pub fn parse(text: &str) -> Result<Email, BadText> {
        if text.is_empty() {
            return Err(BadText::Empty);
        }
        if text.len() > EMAIL_BYTES {
            return Err(BadText::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(BadText::Malformed)?;
        if local.len() > EMAIL_LOCAL_BYTES {
            return Err(BadText::TooLong);
        }
        if !is_dot_atom(local) || !is_domain(domain) {
            return Err(BadText::Malformed);
        }
        Ok(Email { text: text.to_owned(), key: text.to_ascii_lowercase() })
    }

    /// The address to write to.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address in lower case: unique within a tenant.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What stands after the `@`, in lower case.
    pub fn domain(&self) -> &str {
        self.key.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Addresses are equal when their keys are.
impl PartialEq for Email {
    fn eq(&self, other: &Email) -> bool {
        self.key == other.key
    }
}

impl Eq for Email {}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

serde_as_string!(Email);

fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    })
}

fn is_domain(domain: &str) -> bool {
    let mut labels = 0;
    let fine = domain.split('.').all(|label| {
        labels += 1;
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    let last = domain.rsplit('.').next().unwrap_or("");
    fine && labels >= 2 && !last.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_whatever_their_case() {
        for (text, key) in [
            ("Alice@Example.com", "alice@example.com"),
            ("a.b+c_d-e@x.y-z.example", "a.b+c_d-e@x.y-z.example"),
            ("o'neil@xn--bcher-kva.example", "o'neil@xn--bcher-kva.example"),
        ] {
            let email = Email::parse(text).unwrap();
            assert_eq!((email.as_str(), email.key()), (text, key));
        }
        assert_eq!(Email::parse("A@X.example").unwrap(), Email::parse("a@x.EXAMPLE").unwrap());
        assert_eq!(Email::parse("A@X.Example").unwrap().domain(), "x.example");
    }

    #[test]
    fn strange_addresses_are_refused() {
        let domain = |bytes: usize| {
            let label = "d".repeat(50);
            let mut text = format!("a@{label}.{label}.{label}.{label}.");
            text.push_str(&"e".repeat(bytes - text.len()));
            text
        };
        assert!(Email::parse(&domain(EMAIL_BYTES)).is_ok());
        assert!(Email::parse(&format!("{}@x.example", "a".repeat(EMAIL_LOCAL_BYTES))).is_ok());
        let rows = [
            // UN-008
            (domain(EMAIL_BYTES + 1), BadText::TooLong),
            (format!("{}@x.example", "a".repeat(EMAIL_LOCAL_BYTES + 1)), BadText::TooLong),
            (format!("a@{}.example", "d".repeat(64)), BadText::Malformed),
            (String::new(), BadText::Empty),
            ("a..b@x.example".into(), BadText::Malformed),
            (".a@x.example".into(), BadText::Malformed),
            ("a.@x.example".into(), BadText::Malformed),
            ("\"a b\"@x.example".into(), BadText::Malformed),
            ("a@b@x.example".into(), BadText::Malformed),
            ("@x.example".into(), BadText::Malformed),
            ("a@".into(), BadText::Malformed),
            ("a".into(), BadText::Malformed),
            ("a@localhost".into(), BadText::Malformed),
            ("a@x..example".into(), BadText::Malformed),
            ("a@.x.example".into(), BadText::Malformed),
            ("a@x.example.".into(), BadText::Malformed),
            ("a@-x.example".into(), BadText::Malformed),
            ("a@x-.example".into(), BadText::Malformed),
            ("a@x_y.example".into(), BadText::Malformed),
            ("a@[127.0.0.1]".into(), BadText::Malformed),
            ("a@127.0.0.1".into(), BadText::Malformed),
            ("a@x.example\n".into(), BadText::Malformed),
            ("a b@x.example".into(), BadText::Malformed),
            (" a@x.example".into(), BadText::Malformed),
            ("a<b@x.example".into(), BadText::Malformed),
            ("a,b@x.example".into(), BadText::Malformed),
            ("\u{e4}@x.example".into(), BadText::Malformed),
            ("a@\u{e4}.example".into(), BadText::Malformed),
            ("a@x.example\0".into(), BadText::Malformed),
        ];
        for (text, expected) in rows {
            assert_eq!(Email::parse(&text).unwrap_err(), expected, "{text:?}");
        }
    }
}

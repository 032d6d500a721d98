//! `Content-Type` (RFC 9110, 8.3), read strictly: an endpoint takes one kind of body or none.

use crate::names::errors;

/// Checks the content type of a form: `application/x-www-form-urlencoded`, with `charset=utf-8` or nothing.
pub fn form(header: &str) -> Result<(), BadMediaType> {
    expect(header, "application/x-www-form-urlencoded")
}

/// Checks the content type of a JSON body: `application/json`, with `charset=utf-8` or nothing.
pub fn json(header: &str) -> Result<(), BadMediaType> {
    expect(header, "application/json")
}

errors! {
    /// Why a body is not read (`invalid_request`).
    pub enum BadMediaType {
        Charset = "the character set of the body must be UTF-8",
        Other = "the Content-Type of the body is not the one of this endpoint",
        Parameter = "the Content-Type has a parameter that is not expected",
    }
}

fn expect(header: &str, essence: &str) -> Result<(), BadMediaType> {
    let mut parts = header.split(';');
    if !trim(parts.next().unwrap_or("")).eq_ignore_ascii_case(essence) {
        return Err(BadMediaType::Other);
    }
    let mut seen = false;
    for part in parts {
        let (name, value) = trim(part).split_once('=').ok_or(BadMediaType::Parameter)?;
        if seen || !name.eq_ignore_ascii_case("charset") {
            return Err(BadMediaType::Parameter);
        }
        let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        if !bare.eq_ignore_ascii_case("utf-8") {
            return Err(BadMediaType::Charset);
        }
        seen = true;
    }
    Ok(())
}

/// Optional white space (RFC 9110, 5.6.3).
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_a_form() {
        let rows = [
            ("application/x-www-form-urlencoded", Ok(())),
            ("Application/X-WWW-Form-Urlencoded", Ok(())),
            ("application/x-www-form-urlencoded;charset=UTF-8", Ok(())),
            ("application/x-www-form-urlencoded ; Charset=\"utf-8\"", Ok(())),
            // TE-003, TE-004, TE-005
            ("", Err(BadMediaType::Other)),
            ("text/plain", Err(BadMediaType::Other)),
            ("application/json", Err(BadMediaType::Other)),
            ("multipart/form-data; boundary=x", Err(BadMediaType::Other)),
            ("application/x-www-form-urlencoded-x", Err(BadMediaType::Other)),
            ("application/x-www-form-urlencoded, text/plain", Err(BadMediaType::Other)),
            ("application/x-www-form-urlencoded; charset=utf-16", Err(BadMediaType::Charset)),
            ("application/x-www-form-urlencoded; charset=", Err(BadMediaType::Charset)),
            ("application/x-www-form-urlencoded; charset=\"utf-8", Err(BadMediaType::Charset)),
            ("application/x-www-form-urlencoded; charset=utf-8; charset=utf-8", Err(BadMediaType::Parameter)),
            ("application/x-www-form-urlencoded; boundary=x", Err(BadMediaType::Parameter)),
            ("application/x-www-form-urlencoded;", Err(BadMediaType::Parameter)),
        ];
        for (header, expected) in rows {
            assert_eq!(form(header), expected, "{header}");
        }
    }

    #[test]
    fn json_is_json() {
        assert_eq!(json("application/json; charset=utf-8"), Ok(()));
        for wrong in ["text/json", "application/jsonp", "application/x-www-form-urlencoded"] {
            assert_eq!(json(wrong), Err(BadMediaType::Other), "{wrong}");
        }
    }
}

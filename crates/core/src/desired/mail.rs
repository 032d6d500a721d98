//! What a tenant says of its mail, checked when it is applied: a text that cannot be worded would be found out when somebody waits.

use super::problem::{At, Problems};
use crate::model::tenant::MailText;
use crate::model::{MailKind, TenantSettings};
use doorward_wire::text::{Email, Locale};

/// Checks mail and sign-up.
pub(super) fn check(settings: &TenantSettings, at: &At, problems: &mut Problems) {
    let (mail, place) = (&settings.mail, at.field("mail"));
    for (member, mailbox) in [("from", &mail.from), ("reply_to", &mail.reply_to)] {
        problems.expect(
            mailbox.as_deref().is_none_or(is_mailbox),
            &place.field(member),
            "must be a mailbox such as 'Demo <no-reply@demo.example>'",
        );
    }
    if let Some(signature) = &mail.signature {
        problems.expect(is_text(signature), &place.field("signature"), TEXT);
    }
    for (kind, languages) in &mail.texts {
        let Some(known) = MailKind::parse(kind).filter(|kind| !kind.is_request()) else {
            problems.add(&place.item("texts", kind), "is no kind of mail");
            continue;
        };
        for (language, text) in languages {
            let place = place.item("texts", kind).field(language);
            problems.take(&place, Locale::parse(language));
            check_text(known, text, &place, problems);
        }
    }
    let sign_up = at.field("sign_up");
    for domain in &settings.sign_up.domains {
        let fine = Email::parse(&format!("a@{domain}")).is_ok();
        problems.expect(
            fine && !domain.contains('@'),
            &sign_up.item("domains", domain),
            "must be a domain such as 'example.com'",
        );
    }
}

fn check_text(kind: MailKind, own: &MailText, at: &At, problems: &mut Problems) {
    if let Some(subject) = own.subject.as_deref() {
        let is_line = (1..=200).contains(&subject.len()) && !subject.chars().any(char::is_control);
        problems.expect(is_line, &at.field("subject"), "must be one line of 1 to 200 bytes");
    }
    if let Some(text) = own.text.as_deref() {
        problems.expect(is_text(text), &at.field("text"), TEXT);
    }
    for (member, text) in [("subject", &own.subject), ("text", &own.text)] {
        let Some(text) = text else { continue };
        let found = match placeholders(text) {
            Ok(found) => found,
            Err(what) => {
                problems.add(&at.field(member), what);
                continue;
            }
        };
        for name in found {
            let known = match name {
                "name" | "brand" => true,
                "link" => kind.has_link(),
                _ => kind.values().contains(&name),
            };
            problems.expect(known, &at.field(member), &format!("{{{name}}} is no placeholder of this mail"));
            problems.expect(
                name != "link" || member == "text",
                &at.field(member),
                "a subject is read by many: no {link} in it",
            );
        }
    }
}

/// The placeholders of a text; `Err` where a brace has no partner.
fn placeholders(text: &str) -> Result<Vec<&str>, &'static str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let after = &rest[at + 1..];
        if rest.as_bytes()[at] == b'}' {
            return Err("has a '}' without a '{' before it");
        }
        let end = after.find(['{', '}']).filter(|end| after.as_bytes()[*end] == b'}');
        let Some(end) = end else { return Err("has a '{' without a '}' behind it") };
        found.push(&after[..end]);
        rest = &after[end + 1..];
    }
    Ok(found)
}

/// `no-reply@demo.example`, or with a name that needs no quotes in front of it.
fn is_mailbox(text: &str) -> bool {
    let Some((name, rest)) = text.split_once('<') else { return Email::parse(text).is_ok() };
    let quoted = |c: char| c.is_control() || "\"\\@,:;()[].".contains(c);
    rest.strip_suffix('>').is_some_and(|address| Email::parse(address).is_ok())
        && !name.trim().is_empty()
        && name.len() <= 200
        && !name.contains(quoted)
}

fn is_text(text: &str) -> bool {
    (1..=4000).contains(&text.len()) && !text.chars().any(|c| c.is_control() && c != '\n')
}

const TEXT: &str = "must be 1 to 4000 bytes without control characters but line ends";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_and_stray_braces_refused() {
        assert_eq!(placeholders("Hello {name}, {link}"), Ok(vec!["name", "link"]));
        assert_eq!(placeholders("none"), Ok(vec![]));
        for bad in ["{", "}", "{a{b}", "a}b{"] {
            assert!(placeholders(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mailbox_is_an_address_with_or_without_a_name() {
        for good in ["a@x.example", "Demo <a@x.example>", "Müller und Söhne <a@x.example>"] {
            assert!(is_mailbox(good), "{good}");
        }
        for bad in [
            "",
            "Demo",
            "<a@x.example>",
            "a@x.example\r\nBcc: b@x.example",
            "A\nB <a@x.example>",
            "A <a@x.example> b",
        ] {
            assert!(!is_mailbox(bad), "{bad:?}");
        }
    }
}

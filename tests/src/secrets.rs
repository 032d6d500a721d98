//! What of a request, an answer or a mail is secret, and whether it stands where none may.

use std::collections::BTreeMap;

use doorward_crypto::{base32, base64url};
use doorward_web::mail::Letter;
use doorward_wire::params::Params;
use serde_json::Value;

use crate::base64;
use crate::factor::decoded;
use crate::journal::Exchange;

impl Exchange {
    /// The secrets that were sent: what must be neither in the answer nor in a log.
    pub fn sent(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        let mut fields = Vec::new();
        self.fields(&mut fields);
        secrets.extend(fields.into_iter().filter(|(name, _)| is_in(name, &SENT)).map(|(_, value)| value));
        for (name, value) in &self.headers {
            if name.eq_ignore_ascii_case("authorization") {
                let value = value.split_once(' ').map_or(value.as_str(), |(_, value)| value);
                secrets.push(value.to_owned());
                let plain = base64url::decode(value.trim_end_matches('=')).unwrap_or_default();
                let plain = String::from_utf8(plain).unwrap_or_default();
                secrets.extend(plain.split_once(':').map(|(_, secret)| secret.to_owned()));
            }
            if name.eq_ignore_ascii_case("cookie") {
                let values = value.split("; ").filter_map(|pair| pair.split_once('='));
                secrets.extend(values.map(|(_, value)| value.to_owned()));
            }
        }
        long_enough(secrets)
    }

    /// What a page or a link carries from answer to request, and back where it is asked again: what must not be in a log.
    pub fn carried(&self) -> Vec<String> {
        let mut fields = Vec::new();
        self.fields(&mut fields);
        let carried = fields.iter().filter(|(name, _)| is_in(name, &CARRIED));
        let mut secrets: Vec<String> = carried.map(|(_, value)| value.clone()).collect();
        secrets.extend(fields.iter().flat_map(|(_, value)| tickets(value)));
        secrets.extend(tickets(&self.target));
        long_enough(secrets)
    }

    /// The secrets that were handed out: what must not be in a log.
    pub fn received(&self) -> Vec<String> {
        let mut secrets = tickets(&self.reply.body);
        if let Ok(json) = serde_json::from_str(&self.reply.body) {
            let mut members = Vec::new();
            of_json(&json, &mut members);
            secrets.extend(
                members.into_iter().filter(|(name, _)| is_in(name, &ANSWERED)).map(|(_, value)| value),
            );
        }
        for name in ["location", "content-location", "link"] {
            let values = self.reply.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            for value in values {
                secrets.extend(tickets(value));
                let query = value.split_once(['?', '#']).map(|(_, query)| query).unwrap_or_default();
                let codes = query.split('&').filter_map(|pair| pair.strip_prefix("code="));
                secrets.extend(codes.map(str::to_owned));
            }
        }
        for cookie in self.reply.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap_or_default();
            let value = text.split(';').next().and_then(|pair| pair.split_once('='));
            secrets.extend(value.map(|(_, value)| value.to_owned()));
        }
        secrets.extend(of_page(&self.reply.body));
        // The request's own id may begin as a secret of ours does.
        secrets.retain(|secret| self.reply.header("x-request-id") != Some(secret));
        long_enough(secrets)
    }

    /// What was sent by name: in the query, in a form, in JSON however deep.
    fn fields(&self, fields: &mut Vec<(String, String)>) {
        let query = self.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
        for text in [query, &self.body] {
            for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
                let pair = Params::parse_form(format!("v={value}").as_bytes());
                let plain = pair.ok().and_then(|pair| pair.get("v").map(str::to_owned));
                fields.extend(plain.map(|plain| (name.to_owned(), plain)));
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
        match serde_json::from_str(&self.body) {
            Ok(json) => of_json(&json, fields),
            // One record a line.
            Err(_) => self
                .body
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .for_each(|json| of_json(&json, fields)),
        }
    }
}

/// The secrets of a mail: the links in it.
pub fn of_letter(letter: &Letter) -> Vec<String> {
    let texts = [letter.link.as_deref().unwrap_or_default(), &letter.text, &letter.html];
    long_enough(texts.into_iter().flat_map(tickets).collect())
}

/// What a reader of these exchanges and mails finds where no secret may be: in an answer that repeats what was sent, and in any of
/// `places`, which are named. One line a secret.
pub fn leaks(exchanges: &[Exchange], letters: &[Letter], places: &[(&str, String)]) -> Vec<String> {
    let mut found = Vec::new();
    // Each is looked for once, however many requests carried it.
    let mut secrets = BTreeMap::new();
    for exchange in exchanges {
        let of = &exchange.target;
        let sent = exchange.sent();
        // A token that is asked for again is answered again.
        if !exchange.reply.body.contains("\"access_token\"") {
            let answer = exchange.answer();
            let repeated = sent.iter().filter(|secret| answer.contains(*secret));
            found.extend(
                repeated.map(|secret| format!("{secret}, sent to {of}, is in the answer:\n{answer}")),
            );
        }
        for secret in sent.into_iter().chain(exchange.carried()).chain(exchange.received()) {
            secrets.entry(secret).or_insert_with(|| of.clone());
        }
    }
    for letter in letters {
        for secret in of_letter(letter) {
            secrets.entry(secret).or_insert_with(|| format!("a mail, {}", letter.kind));
        }
    }
    for (secret, of) in &secrets {
        for (place, text) in places.iter().filter(|(_, text)| text.contains(secret)) {
            let line = text.lines().find(|line| line.contains(secret)).unwrap_or_default();
            found.push(format!("{secret} of {of} is in {place}: {line}"));
        }
    }
    found
}

/// Bytes that are secret, in each form in which somebody may have written them.
pub fn forms_of(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("bytes", bytes.to_vec()),
        ("hex", hex.clone().into_bytes()),
        ("HEX", hex.to_uppercase().into_bytes()),
        ("base32", base32::encode(bytes).into_bytes()),
        ("numbers", format!("{bytes:?}").trim_matches(['[', ']']).as_bytes().to_vec()),
    ];
    // What stands inside of a longer text may begin at any of three places in a group of letters; whole groups are looked for.
    for skip in 0..3 {
        let after = bytes.get(skip..).unwrap_or_default();
        let whole = after.chunks_exact(3).flatten().copied().collect::<Vec<u8>>();
        forms.push(("base64", base64(&whole).into_bytes()));
        forms.push(("base64url", base64url::encode(&whole).into_bytes()));
    }
    forms
}

/// Members of JSON that are text, however deep, by name.
fn of_json(json: &Value, members: &mut Vec<(String, String)>) {
    match json {
        Value::Object(object) => {
            for (name, value) in object {
                if let Some(text) = value.as_str() {
                    members.push((name.clone(), text.to_owned()));
                }
                of_json(value, members);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| of_json(value, members)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a page shows or carries: sealed requests, the seed of a factor as it is scanned and as it is typed, recovery codes.
fn of_page(body: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    for input in body.split("<input type=\"hidden\" name=\"").skip(1) {
        let Some((name, rest)) = input.split_once("\" value=\"") else { continue };
        if is_in(name, &CARRIED) {
            secrets.extend(rest.split('"').next().map(str::to_owned));
        }
    }
    if let Some((_, rest)) = body.split_once("otpauth://") {
        let seed = rest.split_once("secret=").map(|(_, rest)| rest).unwrap_or_default();
        let seed = seed.split(['&', '"', '<']).next().unwrap_or_default();
        let forms = forms_of(&decoded(seed)).into_iter();
        secrets.extend(forms.filter_map(|(_, form)| String::from_utf8(form).ok()));
        let groups: Vec<&str> =
            seed.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
        secrets.push(groups.join(" "));
    }
    if let Some((_, rest)) = body.split_once("<ol class=\"codes\">") {
        let list = rest.split("</ol>").next().unwrap_or_default();
        for code in list.split("<code>").skip(1).filter_map(|item| item.split('<').next()) {
            let typed = code.replace('-', "");
            secrets.extend([code.to_owned(), typed.to_uppercase(), typed]);
        }
    }
    secrets
}

/// Every secret of ours in a text, told by how it begins (`dwl_`, `dwr_`, `dwrx`, …), and every JWT.
fn tickets(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "_-.".contains(letter)));
    let of_word = |word: &str| {
        // `link%3Ddwl_…`, of which `3Ddwl_…` is a word.
        let word = word.strip_prefix("3D").or_else(|| word.strip_prefix("3d")).unwrap_or(word);
        let bytes = word.as_bytes();
        let is_ours = word.starts_with("dw") && bytes.get(2).is_some_and(u8::is_ascii_lowercase);
        let is_ours = is_ours && matches!(bytes.get(3), Some(b'_' | b'x')) && word.len() >= SHORTEST_TICKET;
        let is_jwt = word.starts_with("eyJ") && word.matches('.').count() == 2;
        let word = if is_ours { word.trim_end_matches('.') } else { word };
        (is_ours || is_jwt).then(|| word.to_owned())
    };
    words.filter_map(of_word).collect()
}

fn is_in(name: &str, names: &[&str]) -> bool {
    names.contains(&name)
}

fn long_enough(mut secrets: Vec<String>) -> Vec<String> {
    secrets.retain(|secret| secret.len() >= SHORTEST);
    secrets.sort();
    secrets.dedup();
    secrets
}

/// Fields and members whose values are secrets that no answer repeats.
const SENT: [&str; 16] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "current_password",
    "new_password",
    "new_password_again",
    "password",
    "password_again",
    "password_hash",
    "recovery",
    "refresh_token",
    "retrieval_key",
    "subject_token",
    "token",
];
/// Fields that pages and links carry: a page that asks again has them again.
const CARRIED: [&str; 4] = ["form", "id_token_hint", "link", "request"];
/// Members of answers that are secrets. (`url` is one for the ticket in it, which `tickets` finds.)
const ANSWERED: [&str; 7] =
    ["access_token", "client_secret", "id_token", "password", "password_hash", "refresh_token", "secret"];
/// What is shorter is found everywhere by chance.
const SHORTEST: usize = 8;
/// Secrets of ours are longer; what is shorter is a mistyped one.
const SHORTEST_TICKET: usize = 20;

#[cfg(test)]
mod tests {
    use crate::journal::Logs;
    use crate::reply::Reply;

    use super::*;

    const LINK: &str = "dwl_s1gn-1n-L1nk_0123456789abcdefghijklmnopqrst";
    const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    fn exchange(target: &str, body: &str, answer: &str) -> Exchange {
        let reply = Reply { status: 200, headers: http::HeaderMap::new(), body: answer.to_owned() };
        Exchange { target: target.to_owned(), headers: Vec::new(), body: body.to_owned(), reply }
    }

    /// What travels, and the secret in it.
    fn rows() -> Vec<(&'static str, Exchange, &'static str)> {
        let url = r#"{"url":"https://id.example/sign-in/link?link=dwl_s1gn-1n-L1nk_0123456789abcdefghijklmnopqrst"}"#;
        let scan = r#"<a href="otpauth://totp/A:b?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&amp;issuer=A">"#;
        let codes =
            r#"<ol class="codes"><li><code>abcde-fghij</code></li><li><code>klmno-pqrst</code></li></ol>"#;
        let made = r#"{"id":"app","client_secret":"dwk_0123456789"}"#;
        vec![
            ("a link that is opened", exchange(&format!("/sign-in/link?link={LINK}"), "", ""), LINK),
            ("a link as a name", exchange(&format!("/console/find?find=x%3D{LINK}"), "", ""), LINK),
            ("a link's button", exchange("/join", "link=a-made-up-link&form=x", ""), "a-made-up-link"),
            ("a link of the admin API", exchange("/", "", url), LINK),
            ("a password again", exchange("/join", "password_again=hills+behind+it", ""), "hills behind it"),
            ("the same as it was sent", exchange("/join", "password_again=hills+behind", ""), "hills+behind"),
            ("a new one again", exchange("/new-password", "new_password_again=harbour1", ""), "harbour1"),
            ("a recovery code, typed", exchange("/second-factor", "recovery=ABCDE-FGHIJ", ""), "ABCDE-FGHIJ"),
            ("a request, sent", exchange("/sign-in", "request=sealed-request", ""), "sealed-request"),
            (
                "a request, on a page",
                exchange("/", "", r#"<input type="hidden" name="request" value="sealed-request">"#),
                "sealed-request",
            ),
            ("a password in JSON", exchange("/", r#"{"password":"in the body"}"#, ""), "in the body"),
            ("deep in it", exchange("/", r#"{"a":[{"b":{"password_hash":"$2b$10$x"}}]}"#, ""), "$2b$10$x"),
            ("a line of many", exchange("/", "{\"password\":\"line one\"}\n{}", ""), "line one"),
            ("a client's secret", exchange("/", "", made), "dwk_0123456789"),
            ("a further one", exchange("/", "", r#"{"secret":"dwk_0123456789"}"#), "dwk_0123456789"),
            ("a list of them", exchange("/", "", r#"{"items":[{"secret":"0123456789"}]}"#), "0123456789"),
            ("a seed, scanned", exchange("/", "", scan), SEED),
            ("a seed, typed", exchange("/", "", scan), "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"),
            ("a seed, as bytes", exchange("/", "", scan), "48656c6c6f21deadbeef48656c6c6f21deadbeef"),
            ("a recovery code", exchange("/", "", codes), "klmno-pqrst"),
            ("one as it is compared", exchange("/", "", codes), "abcdefghij"),
            ("a token", exchange("/", "", r#"{"access_token":"eyJh.eyJi.c2ln"}"#), "eyJh.eyJi.c2ln"),
            ("a token on a page", exchange("/", "", "<code>eyJh.eyJi.c2ln</code>"), "eyJh.eyJi.c2ln"),
        ]
    }

    #[test]
    fn each_secret_is_found_where_it_stands_and_only_there() {
        for (what, exchange, secret) in rows() {
            let logged = |text: &str| [("a log", format!("one line\n{text}\nanother"))];
            let exchanges = [exchange];
            let found = leaks(&exchanges, &[], &logged(&format!("{{\"m\":\"{secret}\"}}")));
            assert!(
                found.iter().any(|line| line.contains(secret) && line.contains("a log")),
                "{what}: {found:?}"
            );
            assert_eq!(leaks(&exchanges, &[], &logged("nothing of it")), Vec::<String>::new(), "{what}");
        }
    }

    #[test]
    fn what_was_sent_is_in_no_answer_but_what_a_page_asks_with_may() {
        let repeated = exchange("/join", "password_again=hills+behind", "it was hills behind");
        assert_eq!(leaks(&[repeated], &[], &[]).len(), 1);
        let body = format!("<input type=\"hidden\" name=\"link\" value=\"{LINK}\">");
        let again = exchange("/join", &format!("link={LINK}"), &body);
        assert_eq!(leaks(&[again], &[], &[]), Vec::<String>::new());
    }

    #[test]
    fn a_mailed_link_is_found() {
        let url = format!("https://id.example/join?link={LINK}");
        let letter = |link: Option<String>, text: &str, html: &str| Letter {
            id: String::new(),
            kind: "invitation",
            from: String::new(),
            reply_to: None,
            to: String::new(),
            subject: String::new(),
            text: text.to_owned(),
            html: html.to_owned(),
            link,
        };
        let places = [("a log", format!("sent {LINK}"))];
        for letter in [
            letter(Some(url.clone()), "", ""),
            letter(None, &format!("Go to {url}."), ""),
            letter(None, "", &format!("<a href=\"{url}\">Go</a>")),
        ] {
            assert_eq!(leaks(&[], &[letter], &places).len(), 1);
        }
        assert!(leaks(&[], &[letter(None, "Hello", "<p>Hello</p>")], &places).is_empty());
    }

    /// Through the log that the tests really read, by way of the macros that the server logs with.
    #[test]
    fn what_is_logged_by_hand_is_found() {
        let mark = Logs::mark();
        let opened = exchange(&format!("/sign-in/link?link={LINK}"), "", "");
        tracing::debug!(target: "doorward_web::canary", link = LINK, "opened");
        let found = leaks(&[opened], &[], &[("a log line", Logs::since(mark))]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn bytes_are_found_in_whichever_form_they_were_written() {
        let secret = b"twenty secret bytes!";
        let holds = |text: &[u8]| {
            let forms = forms_of(secret);
            let found = forms.iter().find(|(_, form)| text.windows(form.len()).any(|part| part == form));
            found.map(|(name, _)| *name)
        };
        for before in ["", "a", "ab", "abc"] {
            let text = base64(&[before.as_bytes(), secret, b"after"].concat());
            assert!(holds(text.as_bytes()).is_some(), "{text}");
        }
        assert_eq!(holds(format!("{secret:?}").as_bytes()), Some("numbers"));
        assert_eq!(holds(format!("{secret:x?}").as_bytes()), None);
        assert_eq!(holds(b"something else"), None);
    }
}

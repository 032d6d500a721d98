//! What must hold of a manifest, whatever else there is. Addresses are https, or http to this machine; the host of a template is fixed, so
//! that no value decides where a person, or a secret, is sent.

use std::collections::BTreeSet;

use super::problem::{At, Problems};
use crate::id::ContextId;
use crate::installation::template;
use crate::model::Manifest;
use doorward_wire::limits::URI_BYTES;
use doorward_wire::origin::Origin;
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;
use doorward_wire::text::{DisplayName, Locale};

/// Whether a text can be a further audience: a URI (RFC 3986, section 3), which no client's and no extension's id is.
fn is_audience(text: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    text.len() <= URI_BYTES
        && text.bytes().all(|b| b.is_ascii_graphic())
        && text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty())
}

/// What the server's own APIs, grants and token types are called.
const OUR_NAMES: &str = "urn:doorward:";

/// Everything that can be told of the manifest alone.
pub(super) fn check(manifest: &Manifest, at: &At, problems: &mut Problems) {
    problems.take(&at.field("name"), DisplayName::parse(&manifest.name));
    texts(manifest, at, problems);
    scopes(manifest, at, problems);
    addresses(manifest, at, problems);
    let lists = [
        ("audiences", manifest.audiences.len()),
        ("frame_origins", manifest.frame_origins.len()),
        ("context_kinds", manifest.context_kinds.len()),
        ("variants", manifest.variants.len()),
    ];
    for (field, many) in lists {
        problems.expect(many <= MOST, &at.field(field), "has at most 50 entries");
    }
    let mut listed = BTreeSet::new();
    for audience in &manifest.audiences {
        let at = at.item("audiences", audience);
        problems.expect(is_audience(audience), &at, "must be a URI of 1 to 2048 printable characters");
        problems.expect(!audience.starts_with(OUR_NAMES), &at, "is a name of the server's own");
        problems.expect(listed.insert(audience), &at, "is listed twice");
    }
    for kind in &manifest.context_kinds {
        let fine = ContextId::is_well_formed(&format!("{kind}/x"));
        problems.expect(fine, &at.item("context_kinds", kind), "must be a kind of contexts such as project");
    }
    let mut keys = BTreeSet::new();
    for variant in &manifest.variants {
        let at = at.item("variants", &variant.key);
        problems.expect(is_key(&variant.key), &at.field("key"), KEY);
        problems.expect(keys.insert(&variant.key), &at.field("key"), "this variant is listed twice");
        one_line(&variant.name, &at.field("name"), problems);
        long(&variant.description, LONG, &at.field("description"), problems);
    }
}

fn texts(manifest: &Manifest, at: &At, problems: &mut Problems) {
    one_line(&manifest.summary, &at.field("summary"), problems);
    long(&manifest.description, LONG, &at.field("description"), problems);
    problems.expect(manifest.texts.len() <= MOST, &at.field("texts"), "has at most 50 languages");
    for (language, text) in &manifest.texts {
        let at = at.item("texts", language);
        problems.take(&at, Locale::parse(language));
        if let Some(name) = &text.name {
            problems.take(&at.field("name"), DisplayName::parse(name));
        }
        one_line(text.summary.as_deref().unwrap_or_default(), &at.field("summary"), problems);
        long(text.description.as_deref().unwrap_or_default(), LONG, &at.field("description"), problems);
    }
}

fn scopes(manifest: &Manifest, at: &At, problems: &mut Problems) {
    problems.expect(manifest.scopes.len() <= MOST_SCOPES, &at.field("scopes"), "has at most 100 entries");
    let mut seen = BTreeSet::new();
    for scope in &manifest.scopes {
        let at = at.item("scopes", &scope.name);
        problems.take(&at.field("name"), Scopes::from_words([scope.name.as_str()]));
        problems.expect(seen.insert(&scope.name), &at.field("name"), "this scope is listed twice");
        one_line(&scope.reason, &at.field("reason"), problems);
        for (language, reason) in &scope.reasons {
            problems.take(&at.item("reasons", language), Locale::parse(language));
            one_line(reason, &at.item("reasons", language), problems);
        }
    }
}

fn addresses(manifest: &Manifest, at: &At, problems: &mut Problems) {
    if let Some(icon) = &manifest.icon {
        problems.expect(is_https(icon), &at.field("icon"), HTTPS);
    }
    if let Some(callback) = &manifest.callback_url {
        let at = at.field("callback_url");
        if problems.take(&at, RedirectUri::parse(callback)).is_some() {
            problems.expect(is_https(callback), &at, HTTPS);
        }
    }
    for (field, address) in [("launch_url", &manifest.launch_url), ("webhook_url", &manifest.webhook_url)] {
        if let Some(address) = address {
            problems.expect(template::origin(address).is_some(), &at.field(field), TEMPLATE);
        }
    }
    let used = manifest.webhook_url.as_deref().map(template::names).unwrap_or_default();
    for name in [template::USER_ID, template::RETRIEVAL_KEY] {
        problems.expect(
            !used.contains(&name),
            &at.field("webhook_url"),
            "is told of no person: :userId and :accessTokenRetrievalKey are for launch_url",
        );
    }
    for framing in &manifest.frame_origins {
        let fine = Origin::parse(framing).is_ok_and(|origin| origin.is_trustworthy());
        problems.expect(
            fine,
            &at.item("frame_origins", framing),
            "must be an origin such as https://panel.example: https (http on this machine only), without path or default port",
        );
    }
}

/// Without a user in it: whoever reads the address would be told another place than the one it leads to.
fn is_https(url: &str) -> bool {
    let authority =
        url.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
    !authority.contains('@')
        && url.bytes().all(|byte| byte.is_ascii_graphic())
        && Origin::of_url(url).is_ok_and(|origin| origin.is_trustworthy())
}

/// Whether a text can be the key of a variant, or a name of a setting.
pub(super) fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn one_line(text: &str, at: &At, problems: &mut Problems) {
    if !text.is_empty() {
        long(text, LINE, at, problems);
        problems.expect(!text.chars().any(char::is_control), at, "must be one line");
    }
}

/// Paragraphs: line breaks are the only control characters.
fn long(text: &str, most: usize, at: &At, problems: &mut Problems) {
    problems.expect(text.len() <= most, at, &format!("has at most {most} bytes"));
    let fine = |c: char| !c.is_control() || c == '\n';
    problems.expect(text.chars().all(fine), at, "must not hold control characters");
}

pub(super) const KEY: &str = "must be 1 to 64 letters, digits, '-', '_' and '.'";
const HTTPS: &str = "must be an https URL (http for 127.0.0.1, [::1] and localhost only)";
const TEMPLATE: &str = "must be an https URL (http for 127.0.0.1, [::1] and localhost only) with a host in lower case, and no :name in it before the path";
const MOST: usize = 50;
const MOST_SCOPES: usize = 100;
/// Bytes of a sentence.
const LINE: usize = 500;
/// Bytes of a text at length.
const LONG: usize = 8000;

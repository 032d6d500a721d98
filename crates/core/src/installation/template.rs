//! Templates of addresses: `:name` stands for a value. A name is all letters and digits behind the colon (so `:contextId` is never
//! `:context` and `Id`); what is no known name stays as it is, a port among it.

use doorward_wire::limits::URI_BYTES;
use doorward_wire::origin::Origin;

use doorward_wire::percent;

use crate::model::{Extension, Installation};

/// The template with its names replaced by their values, percent-encoded. What a value holds is never read as a name.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + 64);
    for part in parts(template) {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Name(name) => match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => percent::encode_into(value, &mut filled),
                None => {
                    filled.push(':');
                    filled.push_str(name);
                }
            },
        }
    }
    filled
}

/// The known names that a template uses, in the order of [`NAMES`].
pub fn names(template: &str) -> Vec<&'static str> {
    let used: Vec<&str> = parts(template)
        .into_iter()
        .filter_map(|part| match part {
            Part::Name(name) => Some(name),
            Part::Text(_) => None,
        })
        .collect();
    NAMES.into_iter().filter(|name| used.contains(name)).collect()
}

/// What a template says of an installation, whose id is written so: all names but the person's and the key's.
pub fn values<'a>(
    written: &'a str,
    installation: &'a Installation,
    extension: &'a Extension,
) -> Vec<(&'static str, &'a str)> {
    let (kind, id) = installation.context_id.0.split_once('/').unwrap_or(("", &installation.context_id.0));
    let contributor = extension
        .contributor
        .as_ref()
        .map_or("", |contributor| contributor.0.split_once('/').map_or(contributor.as_str(), |(_, id)| id));
    vec![
        ("apiVersion", API_VERSION),
        ("tenantId", installation.tenant.as_str()),
        ("contributorId", contributor),
        ("extensionId", extension.id.as_str()),
        ("extensionInstanceId", written),
        ("installationId", written),
        ("context", kind),
        ("contextId", id),
    ]
}

/// The origin of an address template: https, or http to this machine, with no name in it, in its normal form.
pub fn origin(template: &str) -> Option<Origin> {
    let (scheme, rest) = template.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let is_fine = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'}')
    };
    if template.len() > URI_BYTES || !rest.bytes().all(is_fine) {
        return None;
    }
    Origin::parse(&format!("{scheme}://{}", &rest[..end])).ok().filter(Origin::is_trustworthy)
}

enum Part<'t> {
    Text(&'t str),
    /// Without its colon.
    Name(&'t str),
}

fn parts(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(colon) = rest.find(':') {
        let (before, behind) = (&rest[..colon], &rest[colon + 1..]);
        let end = behind.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(behind.len());
        parts.push(Part::Text(before));
        parts.push(Part::Name(&behind[..end]));
        rest = &behind[end..];
    }
    parts.push(Part::Text(rest));
    parts
}

/// Every name that a template of a manifest may use.
pub const NAMES: [&str; 10] = [
    "apiVersion",
    "tenantId",
    "contributorId",
    "extensionId",
    "extensionInstanceId",
    "installationId",
    "context",
    "contextId",
    USER_ID,
    RETRIEVAL_KEY,
];
/// The version of what extensions are told.
pub const API_VERSION: &str = "v1";
/// The person who opens an extension.
pub const USER_ID: &str = "userId";
/// The one-time key of a launch.
pub const RETRIEVAL_KEY: &str = "accessTokenRetrievalKey";

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [(&str, &str); 6] = [
        ("context", "project"),
        ("contextId", "p-1"),
        ("extensionId", "ex"),
        ("extensionInstanceId", "ins_1"),
        ("userId", "a/b ?&#:context\u{e4}"),
        ("accessTokenRetrievalKey", "k"),
    ];

    #[test]
    fn each_name_is_filled_and_nothing_else() {
        let rows = [
            ("https://a.example/x", "https://a.example/x"),
            ("https://a.example:8443/:context/:contextId", "https://a.example:8443/project/p-1"),
            ("https://a.example:8443", "https://a.example:8443"),
            ("https://[::1]:8443/:extensionId", "https://[::1]:8443/ex"),
            ("https://a.example/:extensionInstanceId:extensionId", "https://a.example/ins_1ex"),
            ("https://a.example/:contextual/:context.json", "https://a.example/:contextual/project.json"),
            ("https://a.example/:unknown/:/::contextId", "https://a.example/:unknown/:/:p-1"),
            ("https://a.example/:CONTEXTID", "https://a.example/:CONTEXTID"),
            (
                "https://a.example/?u=:userId&k=:accessTokenRetrievalKey_",
                "https://a.example/?u=a%2Fb%20%3F%26%23%3Acontext%C3%A4&k=k_",
            ),
            (":context", "project"),
            (":", ":"),
            ("", ""),
        ];
        for (template, filled) in rows {
            assert_eq!(fill(template, &VALUES), filled, "{template}");
        }
    }

    #[test]
    fn a_name_without_a_value_stays() {
        assert_eq!(fill("https://a.example/:userId", &[]), "https://a.example/:userId");
    }

    #[test]
    fn the_names_that_are_used_are_told() {
        assert_eq!(
            names("https://a.example:8443/:contextId?:userId&:nothing&:userId"),
            ["contextId", USER_ID]
        );
        assert_eq!(names("https://a.example/:contextIds"), [""; 0]);
        let all: String = NAMES.iter().map(|name| format!(":{name}")).collect();
        assert_eq!(names(&all), NAMES);
    }
}

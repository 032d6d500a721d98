//! An issuer as it is desired.

use serde::{Deserialize, Serialize};

use super::problem::{At, Problems};
use super::secret::SecretSpec;
use super::{since, switch};
use crate::Timestamp;
use crate::id::{IssuerId, TenantId};
use crate::model::Issuer;
use crate::model::issuer::DIALECTS;
use doorward_crypto::digest;
use doorward_wire::resource::Resource;

/// An issuer of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSpec {
    /// Its id, unique in the server; the tenant's id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<IssuerId>,
    /// The issuer identifier (RFC 8414, section 2): https, or http on a loopback address; no trailing slash.
    pub url: String,
    /// The wire contract that it speaks.
    #[serde(default = "standard", skip_serializing_if = "is_standard")]
    pub dialect: String,
    /// A named set of stricter rules.
    #[serde(default = "standard", skip_serializing_if = "is_standard")]
    pub profile: String,
    /// The secret that its clients share, where its dialect has such a one. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_secret: Option<SecretSpec>,
    /// It answers nothing. Absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

impl IssuerSpec {
    /// The issuer as it is.
    pub(super) fn of(issuer: &Issuer) -> Self {
        Self {
            id: Some(issuer.id.clone()),
            url: issuer.url.clone(),
            dialect: issuer.dialect.clone(),
            profile: issuer.profile.clone(),
            shared_secret: issuer.shared_secret.as_ref().map(|hash| SecretSpec::hashed(hash, None)),
            disabled: switch(None, issuer.disabled_at.is_some()),
        }
    }

    /// Its id, given or not.
    pub(crate) fn id(&self, tenant: &TenantId) -> IssuerId {
        self.id.clone().unwrap_or_else(|| IssuerId(tenant.0.clone()))
    }

    /// With what is left to defaults, or to what is there, filled in.
    pub(super) fn filled(&self, tenant: &TenantId, before: Option<&Issuer>) -> Self {
        let disabled = switch(self.disabled, before.is_some_and(|issuer| issuer.disabled_at.is_some()));
        let shared_secret = self.digest(before).map(|hash| SecretSpec::hashed(&hash, None));
        Self { id: Some(self.id(tenant)), disabled, shared_secret, ..self.clone() }
    }

    /// Its row.
    pub(super) fn onto(&self, tenant: &TenantId, before: Option<&Issuer>, now: Timestamp) -> Issuer {
        Issuer {
            id: self.id(tenant),
            tenant: tenant.clone(),
            url: self.url.clone(),
            dialect: self.dialect.clone(),
            profile: self.profile.clone(),
            shared_secret: self.digest(before),
            disabled_at: since(before.and_then(|issuer| issuer.disabled_at), self.disabled, now),
            version: before.map_or(0, |issuer| issuer.version),
            created_at: before.map_or(now, |issuer| issuer.created_at),
        }
    }

    /// The hash of the shared secret: the one that is wished for, else the one that is there.
    fn digest(&self, before: Option<&Issuer>) -> Option<[u8; 32]> {
        match &self.shared_secret {
            Some(secret) => secret.digest(),
            None => before.and_then(|issuer| issuer.shared_secret),
        }
    }

    pub(super) fn check(&self, at: &At, problems: &mut Problems) {
        if let Some(id) = &self.id {
            let fine = (1..=64).contains(&id.0.len())
                && id
                    .0
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
            problems.expect(fine, &at.field("id"), "must be 1 to 64 letters, digits, '-', '_' and '.'");
        }
        if let Err(what) = check_url(&self.url) {
            problems.add(&at.field("url"), what);
        }
        problems.expect(
            DIALECTS.contains(&self.dialect.as_str()),
            &at.field("dialect"),
            &format!("there is no such dialect; there are {}", DIALECTS.join(", ")),
        );
        problems.expect(
            is_standard(&self.profile),
            &at.field("profile"),
            "there is no such profile; 'standard' is the only one in this version",
        );
        if let Some(secret) = &self.shared_secret {
            check_shared(secret, &at.field("shared_secret"), problems);
        }
    }
}

/// A shared secret is one that somebody has chosen, and is replaced, not timed.
fn check_shared(secret: &SecretSpec, at: &At, problems: &mut Problems) {
    if secret.digest() == Some(digest::sha256(UNCHOSEN.as_bytes())) {
        problems.add(at, format!("'{UNCHOSEN}' is what everybody has: choose a secret"));
        return;
    }
    secret.check(at, problems);
    problems.expect(
        secret.expires_at.is_none(),
        &at.field("expires_at"),
        "the secret of an issuer works until it is replaced",
    );
}

/// Whether a URL can be an issuer's: https, or http on loopback, in its normal form, without query and trailing slash, and
/// with a path of plain segments, so that it means the same to every URL library.
pub fn check_url(url: &str) -> Result<(), String> {
    if url.contains('?') {
        return Err("an issuer must not have a query (RFC 8414, section 2)".to_owned());
    }
    if let Err(error) = Resource::parse(url) {
        let error = error.to_string();
        return Err(error
            .replace("a resource indicator", "an issuer")
            .replace("the resource indicator", "the issuer"));
    }
    let (scheme, rest) = url.split_once("://").ok_or("an issuer must be an http or https URL")?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    match scheme {
        "https" => {}
        "http" if is_loopback(authority) => {}
        _ => {
            return Err(
                "an issuer must be an https URL; http is for 127.0.0.1, [::1] and localhost only".to_owned()
            );
        }
    }
    if url.ends_with('/') {
        return Err("an issuer must not end with a slash".to_owned());
    }
    let plain = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
    };
    if !path.split('/').skip(1).all(plain) {
        return Err("the path of an issuer is made of letters, digits, '-', '_', '.' and '~'".to_owned());
    }
    if path == "/.well-known" || path.starts_with("/.well-known/") {
        return Err("the path of an issuer must not begin with /.well-known".to_owned());
    }
    Ok(())
}

/// Whether host and port name this machine by a loopback literal or `localhost`.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.find(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or(authority),
    };
    matches!(host, "127.0.0.1" | "[::1]" | "localhost") || host.ends_with(".localhost")
}

fn standard() -> String {
    STANDARD.to_owned()
}

fn is_standard(name: &str) -> bool {
    name == STANDARD
}

const STANDARD: &str = "standard";
/// What stands in the settings of who has chosen none.
const UNCHOSEN: &str = "CHANGE_ME";

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn an_issuer_is_https_or_loopback() {
        for fine in [
            "https://id.example.com",
            "https://id.example.com:8443/t/acme",
            "http://localhost:8080",
            "http://127.0.0.1:8080/t/acme",
            "http://[::1]:8080",
            "http://acme.localhost:8080",
        ] {
            assert_eq!(check_url(fine), Ok(()), "{fine}");
        }
        for bad in [
            "",
            "id.example.com",
            "http://id.example.com",
            "http://127.0.0.2",
            "http://localhost.example.com",
            "https://id.example.com/",
            "https://id.example.com/a/",
            "https://id.example.com//a",
            "https://id.example.com/a?b=c",
            "https://id.example.com/a#b",
            "https://u:p@id.example.com",
            "https://ID.example.com",
            "https://id.example.com:443",
            "https://id.example.com/%41",
            "https://id.example.com/.well-known/x",
            "urn:example:issuer",
            "ftp://id.example.com",
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}

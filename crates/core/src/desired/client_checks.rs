//! What must hold of a client, whatever else there is (metadata of RFC 7591, section 2).

use std::collections::HashSet;

use super::ClientSpec;
use super::api::check_signing;
use super::issuer::{IssuerSpec, check_url};
use super::problem::{At, Problems, range};
use super::tenant::RATE_MOST;
use crate::admin::RESERVED_CLIENT;
use crate::client_auth::{METHODS, client_token, shared_secret};
use crate::grant::GRANTS;
use crate::id::InstallationId;
use crate::login::acr::Class;
use crate::model::{ApplicationType, Legacy, RefreshPolicy};
use doorward_crypto::jose::key_set::JwkSet;
use doorward_wire::grant_type::GrantType;
use doorward_wire::limits::{CLIENT_ID_BYTES, REDIRECT_URIS};
use doorward_wire::text::DisplayName;

impl ClientSpec {
    /// Whether it may use a method that needs a stored secret.
    pub(super) fn uses_secrets(&self) -> bool {
        self.methods()
            .any(|method| method.starts_with("client_secret_") || method == shared_secret::METHOD.name)
    }

    /// Whether it lacks a secret: its own, or one that the clients of an issuer of its share.
    pub(super) fn lacks_secret(&self, issuers: &[IssuerSpec]) -> bool {
        let shares = self.methods().any(|method| method == shared_secret::METHOD.name)
            && issuers.iter().any(|issuer| {
                issuer.shared_secret.is_some()
                    && issuer.id.as_ref().is_some_and(|id| self.issuers.contains(id))
            });
        self.uses_secrets() && self.secrets.is_none() && !shares
    }

    fn methods(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.auth_method.as_str()).chain(self.also_auth_methods.iter().map(String::as_str))
    }

    fn is_public(&self) -> bool {
        self.auth_method == "none"
    }

    pub(super) fn check(&self, at: &At, problems: &mut Problems) {
        if let Err(what) = check_id(self.id.as_str()) {
            problems.add(&at.field("id"), what);
        }
        if let Some(name) = &self.name {
            problems.take(&at.field("name"), DisplayName::parse(name));
        }
        self.check_authentication(at, problems);
        self.check_redirects(at, problems);
        self.check_grants(at, problems);
        check_signing(&self.id_token_algorithm, &at.field("id_token_algorithm"), problems);
        problems.expect(
            self.required_acr
                .as_deref()
                .is_none_or(|acr| Class::parse(acr).is_some_and(|class| class > Class::Link)),
            &at.field("required_acr"),
            "must be urn:doorward:acr:password or urn:doorward:acr:mfa",
        );
        let lifetimes = &self.lifetimes;
        let place = at.field("lifetimes");
        range(problems, &place, "code_s", lifetimes.code_s, 5..=600);
        range(problems, &place, "access_token_s", lifetimes.access_token_s, 30..=86_400);
        range(problems, &place, "id_token_s", lifetimes.id_token_s, 30..=TEN_YEARS_S);
        range(problems, &place, "refresh_idle_s", lifetimes.refresh_idle_s, 60..=TEN_YEARS_S);
        range(problems, &place, "refresh_absolute_s", lifetimes.refresh_absolute_s, 60..=TEN_YEARS_S);
        range(problems, at, "refresh_grace_s", self.refresh_grace_s, 0..=600);
        range(problems, at, "rate_limit", self.rate_limit, 0..=RATE_MOST);
    }

    fn check_authentication(&self, at: &At, problems: &mut Problems) {
        let known = |name: &str| METHODS.iter().any(|method| method.name == name);
        let names = || METHODS.iter().map(|method| method.name).collect::<Vec<_>>().join(", ");
        if !known(&self.auth_method) {
            problems.add(&at.field("auth_method"), format!("must be one of {}", names()));
        }
        problems.expect(
            self.auth_method != client_token::METHOD.name,
            &at.field("auth_method"),
            "a token of its own is got by another method first: client_token goes to also_auth_methods",
        );
        for method in &self.also_auth_methods {
            if !known(method) || method == "none" || *method == self.auth_method {
                problems.add(
                    &at.item("also_auth_methods", method),
                    "must be a method other than auth_method, and not none",
                );
            }
        }
        if self.is_public() {
            let mut refuse =
                |bad: bool, field: &str, what: &str| problems.expect(!bad, &at.field(field), what);
            refuse(
                !self.also_auth_methods.is_empty(),
                "also_auth_methods",
                "a public client does not authenticate",
            );
            refuse(!self.require_pkce, "require_pkce", "a public client always uses PKCE");
            let introspects = self.introspects_all || !self.introspects.is_empty();
            refuse(introspects, "introspects", "a public client may not introspect (RFC 7662, section 2.1)");
            let reuse = self.refresh_policy == RefreshPolicy::Reuse;
            refuse(
                reuse,
                "refresh_policy",
                "the refresh tokens of a public client rotate (RFC 9700, section 2.2.2)",
            );
        }
        let secrets = self.secrets.as_deref().unwrap_or_default();
        if !self.uses_secrets() && (!secrets.is_empty() || self.secret.is_some()) {
            let what = format!("a client that authenticates by {} has no secret", self.auth_method);
            problems.add(&at.field("secrets"), what);
        }
        problems.expect(
            self.secret.is_none() || secrets.is_empty(),
            &at.field("secret"),
            "give either 'secret: generate' or 'secrets'",
        );
        problems.expect(
            secrets.len() <= MOST_SECRETS,
            &at.field("secrets"),
            "a client has at most 5 secrets",
        );
        let mut seen = HashSet::new();
        for (index, secret) in secrets.iter().enumerate() {
            let at = at.item("secrets", index);
            secret.check(&at, problems);
            problems.expect(
                secret.digest().is_none_or(|hash| seen.insert(hash)),
                &at,
                "this secret is listed twice",
            );
        }
        self.check_keys(at, problems);
    }

    fn check_keys(&self, at: &At, problems: &mut Problems) {
        let needs_keys = self.methods().any(|method| method == "private_key_jwt");
        match (&self.jwks, &self.jwks_uri) {
            (None, None) => {
                problems.expect(!needs_keys, &at.field("jwks"), "private_key_jwt needs jwks or jwks_uri");
            }
            (Some(_), Some(_)) => {
                problems.add(&at.field("jwks_uri"), "give either jwks or jwks_uri (RFC 7591, section 2)");
            }
            (jwks, _) => {
                let at = at.field(if jwks.is_some() { "jwks" } else { "jwks_uri" });
                problems.expect(needs_keys, &at, "jwks and jwks_uri are for private_key_jwt");
            }
        }
        if let Some(jwks) = &self.jwks {
            match JwkSet::parse(jwks.to_string()) {
                Err(error) => problems.add(&at.field("jwks"), error.to_string()),
                Ok(set) => {
                    problems.expect(
                        !set.keys().is_empty(),
                        &at.field("jwks"),
                        "there is no key in it that can be used",
                    );
                }
            }
        }
        for (field, uri) in
            [("jwks_uri", &self.jwks_uri), ("backchannel_logout_uri", &self.backchannel_logout_uri)]
        {
            let Some(uri) = uri else { continue };
            let fine = check_url(uri.split('?').next().unwrap_or_default()).is_ok() && !uri.contains('#');
            problems.expect(
                fine,
                &at.field(field),
                "must be an https URL (http for 127.0.0.1, [::1] and localhost only)",
            );
        }
    }

    fn check_redirects(&self, at: &At, problems: &mut Problems) {
        for (field, uris) in [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ] {
            problems.expect(
                uris.len() <= REDIRECT_URIS,
                &at.field(field),
                "a client has at most 100 of them",
            );
            let mut seen = HashSet::new();
            for (index, uri) in uris.iter().enumerate() {
                let at = at.item(field, index);
                problems.expect(seen.insert(uri), &at, "this URI is listed twice");
                let is_prefix = field == "redirect_uris" && self.legacy.contains(&Legacy::PrefixRedirects);
                problems.expect(
                    !is_prefix || uri.may_have_below(),
                    &at,
                    "stands for what is below it by legacy: prefix_redirects, and nothing is below an address with a query or a scheme of its own",
                );
                if self.application_type == ApplicationType::Web && uri.is_custom_scheme() {
                    problems
                        .add(&at, "a scheme of its own is for native applications: application_type: native");
                }
            }
        }
    }

    fn check_grants(&self, at: &At, problems: &mut Problems) {
        for grant in &self.grant_types {
            let names: Vec<&str> = GRANTS.iter().map(|known| known.name).chain([IMPLICIT]).collect();
            if !names.contains(&grant.as_str()) {
                problems.add(&at.item("grant_types", grant), format!("must be one of {}", names.join(", ")));
            }
        }
        let at = &at.field("grant_types");
        let has = |name: &str| self.grant_types.contains(name);
        problems.expect(
            !has("refresh_token")
                || has("authorization_code")
                || has("password")
                || has(GrantType::RetrievalKey.as_str()),
            at,
            "refresh_token needs authorization_code",
        );
        for grant in ["authorization_code", IMPLICIT] {
            problems.expect(
                !has(grant) || !self.redirect_uris.is_empty(),
                at,
                &format!("{grant} needs at least one of redirect_uris"),
            );
        }
        problems.expect(
            !has("password") || has("client_credentials"),
            at,
            "password needs client_credentials: the client shows who it is before a person's password is looked at",
        );
        problems.expect(
            !has("client_credentials") || !self.is_public(),
            at,
            "client_credentials is for clients that authenticate (RFC 6749, section 4.4)",
        );
    }
}

/// Whether a text can be a `client_id`: what stands in a form, a header and a path without being encoded, and never what
/// could be taken for a person's subject.
pub(super) fn check_id(id: &str) -> Result<(), &'static str> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    if !(1..=CLIENT_ID_BYTES).contains(&id.len())
        || !id.bytes().all(fine)
        || id.bytes().all(|byte| byte == b'.')
    {
        return Err("must be 1 to 256 letters, digits, '-', '_', '.' and '~'");
    }
    if id.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("usr_")) {
        return Err("must not begin with usr_: subjects of people do");
    }
    if id.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(InstallationId::PREFIX)) {
        return Err("must not begin with ins_: subjects of installations do");
    }
    if id.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED_CLIENT)) {
        return Err("must not begin with doorward-: clients of the server itself do");
    }
    Ok(())
}

/// Registered as a grant type, though it never comes to the token endpoint (RFC 7591, section 2.1).
const IMPLICIT: &str = "implicit";
const TEN_YEARS_S: i64 = 3660 * 86_400;
const MOST_SECRETS: usize = 5;

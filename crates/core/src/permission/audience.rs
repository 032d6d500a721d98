//! For whom a token is: by `resource` (RFC 8707) and by the registration of APIs.

use doorward_wire::resource::Resource;
use doorward_wire::scope::Scopes;

use super::is_openid_scope;
use crate::facts::GrantFacts;
use crate::model::{Api, Client, TokenFormat};
use crate::token::issue::Validity;
use crate::{Facts, Reason, Timestamp};

/// What a token is for, and what it therefore is.
#[derive(Clone, PartialEq, Debug)]
pub struct Audience {
    /// `aud`: ids of APIs, and the issuer itself where userinfo may be asked.
    pub names: Vec<String>,
    /// What of the scopes belongs to these.
    pub scopes: Scopes,
    /// A JWT, or opaque when one of the APIs asks for it.
    pub format: TokenFormat,
    /// What signs it.
    pub algorithm: String,
    /// Seconds it lives: the shortest that one of the APIs asks for, else the client's setting.
    pub lifetime_s: i64,
}

impl Audience {
    /// The same, for a token that does not outlive `end`: who verifies a JWT asks nobody whether its grant still lives.
    pub fn until(self, end: Timestamp, now: Timestamp) -> Self {
        let left_s = end.since_ms(now).max(0) / 1000;
        Self { lifetime_s: self.lifetime_s.min(left_s), ..self }
    }

    /// How long a token for it lives that is issued now.
    pub fn validity(&self, now: Timestamp) -> Validity {
        Validity::until(now.plus_s(self.lifetime_s), now)
    }

    /// The same as the wire contract has it: for the audiences too of the extension that acts, which no other extension has.
    pub fn as_spoken(mut self, of: &GrantFacts, facts: &Facts) -> Self {
        let acts = of.installation.as_deref().map(|found| found.installation.extension);
        let extension = facts.extension.as_deref().filter(|found| Some(found.key) == acts);
        if let Some(extension) = extension.filter(|_| facts.policies.access_tokens.names_extension) {
            self.names.splice(0..0, extension.audiences().into_iter().map(str::to_owned));
        }
        self
    }
}

/// The resources that a request names, each an API that the client may use. Refused before sign-in (RFC 8707, section 2).
pub fn named<'a>(
    values: impl Iterator<Item = &'a str>,
    client: &Client,
    apis: &[Api],
) -> Result<Vec<String>, Reason> {
    let mut resources = Vec::new();
    for value in values {
        let resource = Resource::parse(value).map_err(|_| Reason::ResourceMalformed)?;
        let api =
            apis.iter().find(|api| Resource::parse(api.id.as_str()).is_ok_and(|known| known == resource));
        let api = api
            .filter(|api| api.disabled_at.is_none() && client.apis.contains(&api.id))
            .ok_or(Reason::ResourceNotAllowed)?;
        if !resources.contains(&api.id.0) {
            resources.push(api.id.0.clone());
        }
    }
    Ok(resources)
}

/// The audience of a token with `scopes` of what was `granted`, at the resources named (none: at whatever the scopes belong to).
pub fn audience(
    scopes: &Scopes,
    granted: &Scopes,
    resources: &[String],
    client: &Client,
    facts: &Facts,
) -> Audience {
    let usable =
        || facts.apis.iter().filter(|api| api.disabled_at.is_none() && client.apis.contains(&api.id));
    let mut apis: Vec<&Api> = if resources.is_empty() {
        usable().filter(|api| scopes.iter().any(|scope| api.has_scope(scope))).collect()
    } else {
        usable().filter(|api| resources.contains(&api.id.0)).collect()
    };
    let asks_userinfo = scopes.contains("openid");
    if resources.is_empty() && !granted.iter().any(|scope| scope == "openid" || !is_openid_scope(scope)) {
        // A client with one API that names nothing: that API is meant. One that was named and is gone is replaced by no other.
        let mut only = usable();
        if let (Some(api), None) = (only.next(), only.next()) {
            apis.push(api);
        }
    }
    let scopes = scopes.filter(|scope| is_openid_scope(scope) || apis.iter().any(|api| api.has_scope(scope)));
    let mut names: Vec<String> = apis.iter().map(|api| api.id.0.clone()).collect();
    if asks_userinfo || names.is_empty() {
        names.push(facts.issuer.url.clone());
    }
    let opaque = apis.iter().any(|api| api.token_format == TokenFormat::Opaque);
    Audience {
        names,
        scopes,
        format: if opaque { TokenFormat::Opaque } else { TokenFormat::Jwt },
        algorithm: facts
            .policies
            .access_tokens
            .algorithm
            .map(|algorithm| algorithm.as_str().to_owned())
            .or_else(|| apis.first().map(|api| api.signing_algorithm.clone()))
            .unwrap_or_else(|| "ES256".to_owned()),
        lifetime_s: apis
            .iter()
            .filter_map(|api| api.access_token_s)
            .min()
            .unwrap_or(client.lifetimes.access_token_s),
    }
}

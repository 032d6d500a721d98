//! Client authentication (RFC 6749, section 2.3): a table of methods, one file each.

pub mod client_secret_basic;
pub mod client_secret_post;
pub mod client_token;
mod installation;
pub mod none;
pub mod private_key_jwt;
pub mod shared_secret;
pub mod unnamed;

use doorward_crypto::digest;
use doorward_wire::basic;

use crate::facts::{ClientFacts, InstallationFacts};
use crate::id::{ClientId, InstallationId, TenantId};
use crate::model::{Actor, Client, Event, EventKind, SecretState};
use crate::policies::Policies;
use crate::token::read::Presented;
use crate::{Ctx, Effect, Facts, Needs, Reason, Refusal};

/// One method of the table.
pub struct Method {
    /// Its registered name (`token_endpoint_auth_method`).
    pub name: &'static str,
    /// The one grant type that it does for, where it does not for whatever a client asks.
    pub only_for: Option<&'static str>,
    /// Whether the request uses it.
    pub is_used: fn(&Credentials) -> bool,
    /// The client that the request says to be, by this method.
    pub client_id: fn(&Credentials) -> Result<ClientId, Reason>,
    /// What it needs to know besides the client.
    pub needs: fn(&Credentials, &TenantId, &mut Needs),
    /// Whether the client is who it says; the effects are those of using the proof up.
    pub verify: Verify,
}

/// Looks at a proof. Its effects use the proof up.
type Verify = fn(&Credentials, &ClientFacts, &Facts, &mut Ctx<'_>) -> Result<Vec<Effect>, Reason>;

/// The methods, in the order in which a request is held against them.
pub const METHODS: [&Method; 6] = [
    &private_key_jwt::METHOD,
    &client_secret_basic::METHOD,
    &client_secret_post::METHOD,
    &client_token::METHOD,
    &shared_secret::METHOD,
    &none::METHOD,
];

/// Those that are spoken where a wire contract chooses so.
pub fn spoken(policies: &Policies) -> impl Iterator<Item = &'static Method> {
    METHODS.into_iter().filter(|method| method.is_spoken(policies))
}

impl Method {
    fn is_spoken(&self, policies: &Policies) -> bool {
        policies.auth_methods.contains(&self.name)
    }
}

/// What a request brings to authenticate its client.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The `Authorization: Basic` header, parsed.
    pub basic: Option<Result<(String, String), basic::BadBasic>>,
    /// Whether there is an `Authorization` header of another scheme.
    pub other_scheme: bool,
    /// `client_id` in the body.
    pub client_id: Option<String>,
    /// `client_secret` in the body.
    pub client_secret: Option<String>,
    /// An access token in the `Authorization` header, as far as it can be read, where it may show whose it is.
    pub client_token: Option<Presented>,
    /// The secret that the clients of an issuer share, in a header of its own.
    pub shared_secret: Option<String>,
    /// `client_assertion_type` (RFC 7521, section 4.2).
    pub assertion_type: Option<String>,
    /// `client_assertion`.
    pub assertion: Option<String>,
}

impl Credentials {
    /// Whether nothing names a client.
    pub fn is_empty(&self) -> bool {
        self.basic.is_none()
            && !self.other_scheme
            && self.client_id.is_none()
            && self.client_secret.is_none()
            && self.client_token.is_none()
            && self.shared_secret.is_none()
            && self.assertion_type.is_none()
            && self.assertion.is_none()
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({:?})", self.client_id)
    }
}

/// A client that showed who it is.
#[derive(Clone, Debug)]
pub struct Authenticated<'a> {
    /// The client.
    pub client: &'a Client,
    /// How.
    pub method: &'static str,
    /// The installation that it is, where one acts for itself: then only what is that installation's is its own.
    pub installation: Option<&'a InstallationFacts>,
}

impl Authenticated<'_> {
    /// Whether it proved anything: a public client only says who it is.
    pub fn is_proven(&self) -> bool {
        !self.is_unnamed() && self.method != none::METHOD.name
    }

    /// Whether it was not named at all: it has the secret that is redeemed, which says whose it is.
    pub fn is_unnamed(&self) -> bool {
        self.method == unnamed::METHOD
    }
}

/// The one method that the request uses, and the client that it says to be. More than one method is refused
/// (RFC 6749, section 2.3), and so are two different names.
pub fn identify(credentials: &Credentials) -> Result<(&'static Method, ClientId), Reason> {
    if credentials.other_scheme {
        return Err(Reason::BasicMalformed);
    }
    if credentials.assertion.is_some() != credentials.assertion_type.is_some() {
        return Err(Reason::AssertionType);
    }
    let mut used = METHODS.into_iter().filter(|method| (method.is_used)(credentials));
    let method = used.next().ok_or(Reason::ClientAnonymous)?;
    if used.next().is_some() {
        return Err(Reason::ClientTwoMethods);
    }
    let id = (method.client_id)(credentials)?;
    if credentials.client_id.as_ref().is_some_and(|named| *named != id.0) {
        return Err(Reason::ClientMismatch);
    }
    Ok((method, id))
}

/// What must be loaded to authenticate the client of this request.
pub fn needs(credentials: &Credentials, tenant: &TenantId) -> Result<Needs, Refusal> {
    let (method, id) = identify(credentials)?;
    if let Some(id) = InstallationId::of_client(&id) {
        return Ok(installation::needs(method, id, credentials)?);
    }
    let mut needs = Needs { client: Some(id), ..Needs::default() };
    (method.needs)(credentials, tenant, &mut needs);
    Ok(needs)
}

/// Authenticate the client, or an installation that acts for itself, that asks for tokens by a grant type.
pub fn authenticate_any<'a>(
    credentials: &Credentials,
    grant_type: &str,
    facts: &'a Facts,
    ctx: &mut Ctx<'_>,
) -> Result<(Authenticated<'a>, Vec<Effect>), (Refusal, Vec<Effect>)> {
    let (method, id) = identify(credentials).map_err(|reason| (reason.into(), Vec::new()))?;
    match InstallationId::of_client(&id) {
        Some(id) => installation::authenticate(method, &id, credentials, facts, ctx),
        None => authenticate_for(credentials, Some(grant_type), facts, ctx),
    }
}

/// Authenticate the client; installations are none. A refusal that follows from a wrong proof is recorded; the same answer, and the same work, for a
/// client that does not exist.
pub fn authenticate<'a>(
    credentials: &Credentials,
    facts: &'a Facts,
    ctx: &mut Ctx<'_>,
) -> Result<(Authenticated<'a>, Vec<Effect>), (Refusal, Vec<Effect>)> {
    authenticate_for(credentials, None, facts, ctx)
}

/// The same, for tokens of a grant type or for nothing of that kind.
fn authenticate_for<'a>(
    credentials: &Credentials,
    grant_type: Option<&str>,
    facts: &'a Facts,
    ctx: &mut Ctx<'_>,
) -> Result<(Authenticated<'a>, Vec<Effect>), (Refusal, Vec<Effect>)> {
    let (method, id) = identify(credentials).map_err(|reason| (reason.into(), Vec::new()))?;
    let outcome = match facts.client.as_deref() {
        None => {
            equal_work(credentials);
            Err(Reason::ClientUnknown)
        }
        Some(_) if InstallationId::of_client(&id).is_some() => Err(Reason::ClientUnknown),
        Some(_) if method.only_for.is_some_and(|only| grant_type != Some(only)) => Err(Reason::ClientMethod),
        Some(found) => standing(found, method, facts, false).and_then(|()| {
            let effects = (method.verify)(credentials, found, facts, ctx)?;
            Ok((Authenticated { client: &found.client, method: method.name, installation: None }, effects))
        }),
    };
    outcome.map_err(|reason| {
        let is_unlisted = matches!(reason, Reason::ClientUnknown | Reason::ClientIssuer);
        let reason = match is_unlisted && shared_secret::is_shared(credentials, facts) {
            true => Reason::ClientUnlisted,
            false => reason,
        };
        let known = facts.client.is_some() && reason.code() == Reason::ClientUnknown.code();
        let effects = if known {
            let event = Event::new(EventKind::ClientRefused, &facts.tenant.id, Actor::Unknown, ctx)
                .client(&id)
                .reason(reason);
            vec![Effect::Record(event)]
        } else {
            Vec::new()
        };
        (reason.into(), effects)
    })
}

/// Whether the client may show itself so here; `is_installed` says that an installation of it does, by a secret of its own.
fn standing(found: &ClientFacts, method: &Method, facts: &Facts, is_installed: bool) -> Result<(), Reason> {
    stands(found, facts)?;
    let is_spoken = method.is_spoken(facts.policies);
    if !is_spoken || (!is_installed && !found.client.may_authenticate_by(method.name)) {
        return Err(Reason::ClientMethod);
    }
    Ok(())
}

/// Whether the client may do anything here.
fn stands(found: &ClientFacts, facts: &Facts) -> Result<(), Reason> {
    let client = &found.client;
    if client.disabled_at.is_some() || facts.tenant.disabled_at.is_some() {
        return Err(Reason::ClientDisabled);
    }
    if !facts.may_use_issuer(client) {
        return Err(Reason::ClientIssuer);
    }
    Ok(())
}

/// Whether `secret` is one of the client's that is in force. Compared by hash, in constant time, against every row.
fn secret_fits(secret: &str, found: &ClientFacts, ctx: &Ctx<'_>) -> Result<(), Reason> {
    let hash = digest::sha256(secret.as_bytes());
    let mut outcome = Err(Reason::ClientSecretWrong);
    for row in &found.secrets {
        if !digest::constant_time_eq(&row.hash, &hash) || row.state == SecretState::Pending {
            continue;
        }
        let expired = row.expires_at.is_some_and(|end| ctx.now >= end);
        outcome = if expired { outcome.or(Err(Reason::ClientSecretExpired)) } else { Ok(()) };
    }
    outcome
}

fn equal_work(credentials: &Credentials) {
    let secret = match &credentials.basic {
        Some(Ok((_, secret))) => secret.as_str(),
        _ => {
            credentials.client_secret.as_deref().or(credentials.shared_secret.as_deref()).unwrap_or_default()
        }
    };
    let hash = digest::sha256(secret.as_bytes());
    std::hint::black_box(digest::constant_time_eq(&hash, &[0; 32]));
}

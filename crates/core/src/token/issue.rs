//! Issuing: what the token endpoint answers. The core makes claims; signing happens outside, before the commit.

use serde::{Deserialize, Serialize};

use doorward_crypto::base64url;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::secret::SecretString;
use doorward_wire::claims::{self, ClaimsRequest, scope_of};
use doorward_wire::scope::Scopes;

use super::access_pair::AccessPair;
use super::account::Account;
use super::claims::{AccessClaims, ActClaim, IdClaims, InstalledClaims, MayClaims, of_id_token};
use super::logout_token::LogoutClaims;
use super::refresh_pair::RefreshPair;
use super::user_claim::UserClaim;
use crate::facts::{GrantFacts, InstallationFacts};
use crate::grant::lifetime;
use crate::id::{GrantId, SessionId};
use crate::installation::session_token::SessionClaims;
use crate::model::{Api, Client, Grant, Ticket, TicketKey, TicketKind, TokenFormat};
use crate::permission::audience::Audience;
use crate::{Ctx, Effect, Facts, Timestamp};

/// What is issued at the token endpoint.
#[derive(Debug)]
pub struct Issued {
    /// The access token, where the wire contract has one.
    pub access_token: Option<AccessToken>,
    /// How long it lives.
    pub validity: Validity,
    /// What it allows.
    pub scopes: Scopes,
    /// The ID token.
    pub id_token: Option<UnsignedJwt>,
    /// The refresh token.
    pub refresh_token: Option<SecretString>,
    /// What kind of token it is, where that is told (RFC 8693, section 2.2.1).
    pub issued_token_type: Option<&'static str>,
    /// Whose it is, where the wire contract tells that beside it.
    pub account: Option<Account>,
}

/// How long an access token lives, as it was decided: the clock goes on before it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Validity {
    /// When it ends.
    pub expires_at: Timestamp,
    /// Seconds that this was from then.
    pub expires_in_s: i64,
}

impl Validity {
    /// Until then, from `now` on. A moment of a second counts as one, and what is over as nothing.
    pub fn until(expires_at: Timestamp, now: Timestamp) -> Self {
        Self { expires_at, expires_in_s: (expires_at.since_ms(now) + 999).max(0) / 1000 }
    }
}

/// An access token: ready, or waiting for its signature.
#[derive(Debug)]
pub enum AccessToken {
    /// Claims to sign.
    Jwt(UnsignedJwt),
    /// Ready.
    Opaque(SecretString),
}

/// Claims that wait for a signature.
#[derive(Debug)]
pub struct UnsignedJwt {
    /// What signs them.
    pub algorithm: Algorithm,
    /// The header's `typ` (RFC 9068, section 2.1).
    pub typ: &'static str,
    /// What they are.
    pub claims: UnsignedClaims,
}

/// The claims of the kinds of JWT that are issued.
#[derive(Debug)]
pub enum UnsignedClaims {
    /// An access token.
    Access(Box<AccessClaims>),
    /// An ID token; `at_hash` is filled in when the access token is there.
    Id(Box<IdClaims>),
    /// A logout token.
    Logout(Box<LogoutClaims>),
    /// A session token of an embedded page, and what writes its claims for the `kid` of the key that signs it.
    Session(Box<SessionClaims>, fn(&SessionClaims, &str) -> serde_json::Value),
}

/// What an opaque access token stands for: kept in its ticket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OpaqueData {
    /// What a JWT would say.
    pub claims: AccessClaims,
}

/// Whom an access token speaks of.
#[derive(Clone, Debug)]
pub enum Subject<'a> {
    /// The client itself.
    Client,
    /// An installation itself, and whom or what it says it acts for.
    Installation(&'a InstallationFacts, Option<String>),
    /// A person, by their grant.
    Person(&'a GrantFacts),
}

impl Subject<'_> {
    /// `sub`.
    fn name(&self, client: &Client) -> String {
        match self {
            Self::Client => client.id.0.clone(),
            Self::Installation(found, _) => found.installation.id.0.clone(),
            Self::Person(of) => of.grant.user.0.clone(),
        }
    }

    /// The grant.
    fn grant(&self) -> Option<&Grant> {
        if let Self::Person(of) = self { Some(&of.grant) } else { None }
    }

    /// What the token says of an installation.
    fn installed(&self) -> InstalledClaims {
        match self {
            Self::Client => InstalledClaims::default(),
            Self::Installation(found, label) => InstalledClaims {
                installation_epoch: Some(found.installed().epoch),
                actor_label: label.clone(),
                ..InstalledClaims::of(found)
            },
            Self::Person(of) => {
                let installed = of.installation.as_deref().map(InstalledClaims::of).unwrap_or_default();
                let act = of.grant.actor.clone().map(|sub| ActClaim { sub });
                InstalledClaims { act, ..installed }
            }
        }
    }
}

/// An access token for `audience`. An opaque one is stored by the effect.
pub fn access_token(
    facts: &Facts,
    client: &Client,
    subject: Subject<'_>,
    audience: &Audience,
    ctx: &mut Ctx<'_>,
) -> (AccessToken, Option<Effect>) {
    let Validity { expires_at, .. } = audience.validity(ctx.now);
    let claims = claims(facts, client, &subject, audience, expires_at, ctx);
    match audience.format {
        TokenFormat::Jwt => {
            let algorithm = Algorithm::parse(&audience.algorithm).unwrap_or(Algorithm::Es256);
            (
                AccessToken::Jwt(UnsignedJwt {
                    algorithm,
                    typ: "at+jwt",
                    claims: UnsignedClaims::Access(Box::new(claims)),
                }),
                None,
            )
        }
        TokenFormat::Opaque => {
            let (key, secret) = TicketKey::mint(TicketKind::AccessToken, expires_at, ctx);
            let stored = kept(facts, client, &subject, claims, (key, expires_at));
            (AccessToken::Opaque(secret), Some(stored))
        }
    }
}

/// Whether there is anything to answer a request for these scopes with: where access tokens are not issued, that is an ID token.
pub(crate) fn is_answered(scopes: &Scopes, facts: &Facts) -> bool {
    facts.policies.access_tokens.are_issued || scopes.contains("openid")
}

/// The access token that the token endpoint answers with, where the wire contract has one there. What nobody gets is not made.
pub(crate) fn issued_token(
    facts: &Facts,
    client: &Client,
    subject: Subject<'_>,
    audience: &Audience,
    ctx: &mut Ctx<'_>,
) -> (Option<AccessToken>, Option<Effect>) {
    if !facts.policies.access_tokens.are_issued {
        return (None, None);
    }
    let (token, stored) = access_token(facts, client, subject, audience, ctx);
    (Some(token), stored)
}

/// A generation of a grant whose tokens are issued.
pub struct Generation<'a> {
    /// The grant.
    pub of: &'a GrantFacts,
    /// Which generation.
    pub number: i64,
    /// Serial of the MAC key of its tokens.
    pub serial: u8,
    /// When it began; not now where an answer was lost, and is given again.
    pub since: Timestamp,
    /// Whether its tokens were issued before.
    pub is_known: bool,
}

/// The access token of a generation of a grant, as the wire contract has it: one that ends with the generation, or any. How long it lives, too.
pub(crate) fn access_token_of(
    generation: &Generation<'_>,
    facts: &Facts,
    client: &Client,
    audience: &Audience,
    ctx: &mut Ctx<'_>,
) -> Option<(Option<AccessToken>, Option<Effect>, Validity)> {
    let Generation { of, number, serial, since, is_known } = *generation;
    let subject = Subject::Person(of);
    if !facts.policies.rotates_pairs {
        let (token, stored) = issued_token(facts, client, subject, audience, ctx);
        return Some((token, stored, audience.validity(ctx.now)));
    }
    let expires_at = since.plus_s(audience.lifetime_s);
    let pair = RefreshPair { grant: of.grant.id, generation: number };
    let (token, pair) = AccessPair::encode(pair, expires_at, &facts.issuer.id, serial, &facts.keys)?;
    let stored = (!is_known).then(|| {
        let claims = claims(facts, client, &subject, audience, pair.expires_at, ctx);
        kept(facts, client, &subject, claims, (pair.key, pair.expires_at))
    });
    Some((Some(AccessToken::Opaque(token)), stored, Validity::until(pair.expires_at, ctx.now)))
}

/// What an access token says.
fn claims(
    facts: &Facts,
    client: &Client,
    subject: &Subject<'_>,
    audience: &Audience,
    expires_at: Timestamp,
    ctx: &mut Ctx<'_>,
) -> AccessClaims {
    let jti: [u8; 16] = ctx.bytes();
    let grant = subject.grant();
    AccessClaims {
        iss: facts.issuer.url.clone(),
        sub: subject.name(client),
        aud: match facts.policies.access_tokens.lists_audience {
            true => claims::Audience::list(audience.names.clone()),
            false => audience.names.clone().into(),
        },
        client_id: client.id.0.clone(),
        scope: audience.scopes.to_string(),
        exp: expires_at.seconds(),
        iat: ctx.now.seconds(),
        jti: base64url::encode(&jti),
        grant_id: grant.map(|grant| grant_name(grant.id)),
        auth_time: grant.map(|grant| grant.auth_time.seconds()),
        acr: grant.map(|grant| grant.acr.clone()),
        amr: grant.map(|grant| grant.amr.clone()),
        installed: subject.installed(),
        may: may_claims(facts, subject, audience),
        user: told_user(facts, subject, audience),
    }
}

/// The ticket of an opaque one.
fn kept(
    facts: &Facts,
    client: &Client,
    subject: &Subject<'_>,
    claims: AccessClaims,
    (key, expires_at): (TicketKey, Timestamp),
) -> Effect {
    Effect::InsertTicket(Ticket {
        grant: subject.grant().map(|grant| grant.id),
        client: Some(client.id.clone()),
        data: serde_json::to_string(&OpaqueData { claims }).unwrap_or_default(),
        ..Ticket::unbound(key, TicketKind::AccessToken, &facts.tenant.id, expires_at)
    })
}

/// Who the person is, where the wire contract has tokens say so.
fn told_user(facts: &Facts, subject: &Subject<'_>, audience: &Audience) -> Option<UserClaim> {
    let Subject::Person(of) = subject else { return None };
    let user = of.user.as_ref().filter(|_| facts.policies.access_tokens.tells_user)?;
    Some(UserClaim::of(user, of, &audience.scopes, facts))
}

/// What the person may do, for the APIs of the audience whose tokens say so.
fn may_claims(facts: &Facts, subject: &Subject<'_>, audience: &Audience) -> MayClaims {
    let asking: Vec<&Api> =
        facts.apis.iter().filter(|api| api.permissions.token && audience.names.contains(&api.id.0)).collect();
    let user = if let Subject::Person(of) = subject { of.user.as_ref() } else { None };
    match user.filter(|_| !asking.is_empty()) {
        Some(user) => MayClaims::of(facts.permissions(user).told_to(&asking)).for_token(),
        None => MayClaims::default(),
    }
}

/// The ID token of a grant, for a token whose scopes include `openid` (OpenID Connect Core, sections 2, 3.1.3.3 and 12.2).
pub fn id_token(
    facts: &Facts,
    client: &Client,
    of: &GrantFacts,
    nonce: Option<String>,
    ctx: &Ctx<'_>,
) -> UnsignedJwt {
    let grant = &of.grant;
    let request = claims_request(grant, Some(client));
    let wire = &facts.policies.id_tokens;
    let claims = IdClaims {
        iss: facts.issuer.url.clone(),
        sub: match of.user.as_ref().filter(|_| wire.names_user) {
            Some(user) => user.user_name.clone(),
            None => grant.user.0.clone(),
        },
        aud: vec![client.id.0.clone()].into(),
        exp: ctx.now.plus_s(lifetime::of_id_token(client, facts.policies)).seconds(),
        iat: ctx.now.seconds(),
        auth_time: grant.auth_time.seconds(),
        nonce,
        acr: grant.acr.clone(),
        amr: grant.amr.clone(),
        sid: (grant.session != SessionId::NONE).then(|| grant.session.to_string()),
        grant_id: wire.are_borne.then(|| grant_name(grant.id)),
        at_hash: None,
        more: of.user.as_ref().map(|user| of_id_token(user, request.as_ref())).unwrap_or_default(),
    };
    let chosen = Algorithm::parse(&client.id_token_algorithm).unwrap_or(Algorithm::Rs256);
    let algorithm = wire.algorithm.unwrap_or(chosen);
    UnsignedJwt { algorithm, typ: "JWT", claims: UnsignedClaims::Id(Box::new(claims)) }
}

/// The `claims` parameter of a grant, without what the client may no longer have: it was parsed, and held against the client's scopes,
/// when the grant was made, and they may have been taken back since.
pub fn claims_request(grant: &Grant, client: Option<&Client>) -> Option<ClaimsRequest> {
    let mut request = ClaimsRequest::parse(grant.claims.as_deref()?).ok()?;
    if let Some(client) = client {
        permitted(&mut request, client);
    }
    Some(request)
}

/// A claim is told to who may have the scope that stands for it.
pub fn permitted(request: &mut ClaimsRequest, client: &Client) {
    for claims in [&mut request.userinfo, &mut request.id_token] {
        claims.retain(|claim, _| scope_of(claim).is_none_or(|scope| client.scopes.contains(scope)));
    }
}

/// A grant's id as tokens name it.
pub fn grant_name(grant: GrantId) -> String {
    base64url::encode(&grant.0.to_be_bytes())
}

/// The grant that a token names.
pub fn grant_of_name(name: &str) -> Option<GrantId> {
    let bytes: [u8; 8] = base64url::decode(name)?.try_into().ok()?;
    Some(GrantId(i64::from_be_bytes(bytes)))
}

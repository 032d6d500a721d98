//! Reading a token that is presented: to userinfo, introspection, revocation. What it hangs on is asked afterwards.

use std::sync::Arc;

use doorward_crypto::jose::verify::Unverified;

use super::access_pair::AccessPair;
use super::claims::{AccessClaims, IdClaims, InstalledClaims, MayClaims};
use super::issue::{OpaqueData, grant_of_name};
use super::refresh_pair::RefreshPair;
use crate::facts::{GrantFacts, Standing};
use crate::grant::lifetime;
use crate::id::{GrantId, IssuerId};
use crate::keys::TenantKeys;
use crate::may_issue::{installation_stands, may_issue};
use crate::model::{TicketKey, TicketKind};
use crate::needs::InstallationHandle;
use crate::permission::effective;
use crate::policies::Mount;
use crate::{Facts, Needs, Reason, Timestamp};

/// A presented token, as far as it can be told without the database.
#[derive(Clone, PartialEq, Debug)]
pub enum Presented {
    /// An opaque access token.
    Opaque(TicketKey),
    /// An access token that this tenant signed; its times are not judged yet.
    Jwt(Arc<AccessClaims>),
    /// An ID token of this issuer, where APIs take these: what an access token would say in its place, without what the grant knows.
    Id(Arc<AccessClaims>),
    /// An access token that is a generation of its grant.
    Pair(AccessPair),
    /// A refresh token of this issuer.
    Refresh(RefreshPair),
    /// Nothing that was ever issued here.
    Unknown,
}

/// What a live token stands for.
#[derive(Clone, Debug)]
pub struct Live<'a> {
    /// What it says.
    pub claims: Arc<AccessClaims>,
    /// The grant it hangs on; none for a client's own token.
    pub grant: Option<&'a GrantFacts>,
}

impl Presented {
    /// Read a token. Garbage is told before anything is loaded; a JWT's signature is verified here.
    pub fn read(token: &str, issuer: &IssuerId, issuer_url: &str, keys: &TenantKeys) -> Self {
        if let Some(pair) = RefreshPair::decode(token, issuer, keys) {
            return Self::Refresh(pair);
        }
        if let Some(pair) = AccessPair::decode(token, issuer, keys) {
            return Self::Pair(pair);
        }
        if let Some(key) = TicketKey::of_secret(TicketKind::AccessToken, token) {
            return Self::Opaque(key);
        }
        match signed_here(token, issuer_url, keys) {
            Some(claims) => Self::Jwt(Arc::new(claims)),
            None => Self::Unknown,
        }
    }

    /// Read a token as the wire contract of its issuer has it presented to APIs.
    pub fn read_at(token: &str, mount: &Mount<'_>) -> Self {
        let Mount { issuer, keys, policies } = mount;
        match policies.id_tokens.are_borne {
            true => Self::read_id_token(token, &issuer.url, keys),
            false => Self::read(token, &issuer.id, &issuer.url, keys),
        }
    }

    /// Read an ID token that is presented where others present access tokens: nothing else will do there, and it names the grant that it
    /// hangs on. Only for a wire contract that has it so ([`IdTokens::are_borne`](crate::policies::IdTokens)).
    pub fn read_id_token(token: &str, issuer_url: &str, keys: &TenantKeys) -> Self {
        borne_id_token(token, issuer_url, keys).map_or(Self::Unknown, |claims| Self::Id(Arc::new(claims)))
    }

    /// What has to be loaded to tell whether it lives.
    pub fn needs(&self) -> Needs {
        match self {
            Self::Opaque(key) => Needs { ticket: Some(*key), ..Needs::default() },
            // What is kept of it is forgotten soon after it expired; its grant is not.
            Self::Pair(AccessPair { key, of, .. }) => {
                Needs { ticket: Some(*key), grant: Some(of.grant), ..Needs::default() }
            }
            Self::Jwt(claims) => match grant_of(claims) {
                Some(grant) => Needs { grant: Some(grant), ..Needs::default() },
                None => Needs {
                    mark: Some(revoked_mark(claims)),
                    client: Some(claims.client_id.as_str().into()),
                    installation: claims.installed.installation.clone().map(|id| InstallationHandle {
                        id,
                        secret_hash: None,
                        user: None,
                    }),
                    ..Needs::default()
                },
            },
            Self::Id(claims) => {
                Needs { grant: grant_of(claims), client_of_row: true, fresh: true, ..Needs::default() }
            }
            Self::Refresh(pair) => Needs { grant: Some(pair.grant), ..Needs::default() },
            Self::Unknown => Needs::default(),
        }
    }

    /// What must be loaded beside the caller, where the caller's client or mark would stand in the way: a client's own JWT.
    pub fn separate_needs(&self) -> Option<Needs> {
        let needs = self.needs();
        needs.mark.is_some().then_some(needs)
    }

    /// What it stands for, to its bearer: why it is dead is ours to know, and they learn that it is not valid.
    pub fn borne<'a>(&self, facts: &'a Facts, now: Timestamp) -> Result<Live<'a>, Reason> {
        self.access(facts, now).map_err(|reason| match reason {
            Reason::TokenExpired => reason,
            _ => Reason::TokenRevoked,
        })
    }

    /// Whether it is a live access token, and what it stands for. A refresh token is none (RF-018 and its mirror).
    pub fn access<'a>(&self, facts: &'a Facts, now: Timestamp) -> Result<Live<'a>, Reason> {
        match self {
            Self::Opaque(_) => kept(facts, now),
            Self::Pair(pair) => {
                // It says so by itself, also when all else is forgotten. Who is told so refreshes: whatever else ended it is told before.
                let is_over = now >= pair.expires_at;
                let Some(of) = &facts.grant else {
                    return Err(if is_over { Reason::TokenExpired } else { Reason::GrantEnded });
                };
                match may_issue(of, now) {
                    Err(Reason::GrantExpired | Reason::SessionExpired) if is_over => {
                        return Err(Reason::TokenExpired);
                    }
                    stands => stands?,
                }
                if of.grant.generation != pair.of.generation {
                    return Err(Reason::TokenRevoked);
                }
                if is_over { Err(Reason::TokenExpired) } else { kept(facts, now) }
            }
            Self::Jwt(claims) => {
                if now.seconds() >= claims.exp {
                    return Err(Reason::TokenExpired);
                }
                if claims.grant_id.is_some() {
                    let grant = facts.grant.as_ref().ok_or(Reason::GrantEnded)?;
                    may_issue(grant, now)?;
                    return Ok(Live { claims: Arc::clone(claims), grant: Some(grant) });
                }
                if facts.marked {
                    return Err(Reason::TokenRevoked);
                }
                if facts.tenant.disabled_at.is_some() {
                    return Err(Reason::TenantDisabled);
                }
                let client = facts.client.as_ref().ok_or(Reason::ClientUnknown)?;
                if client.client.disabled_at.is_some() {
                    return Err(Reason::ClientDisabled);
                }
                outlives_its_client(claims, Some(client.client.created_at))?;
                outlives_its_installation(claims, facts)?;
                Ok(Live { claims: Arc::clone(claims), grant: None })
            }
            Self::Id(claims) => id_token(claims, facts, now),
            Self::Refresh(_) | Self::Unknown => Err(Reason::TokenUnknown),
        }
    }
}

/// What an ID token stands for that APIs take: what its client may have of the grant now. It lives no longer than those that the client gets
/// now, so that a lifetime that is shortened counts at once.
fn id_token<'a>(claims: &AccessClaims, facts: &'a Facts, now: Timestamp) -> Result<Live<'a>, Reason> {
    if now.seconds() >= claims.exp {
        return Err(Reason::TokenExpired);
    }
    let of = facts.grant.as_ref().ok_or(Reason::GrantEnded)?;
    may_issue(of, now)?;
    let client = &facts.client.as_deref().ok_or(Reason::ClientUnknown)?.client;
    if client.id.as_str() != claims.client_id
        || of.grant.client != client.id
        || of.grant.issuer != facts.issuer.id
    {
        return Err(Reason::TokenUnknown);
    }
    if !facts.may_use_issuer(client) {
        return Err(Reason::ClientIssuer);
    }
    let end = claims.iat.saturating_add(lifetime::of_id_token(client, facts.policies));
    if now.seconds() >= end {
        return Err(Reason::TokenExpired);
    }
    let permissions = facts.permissions_of(of);
    let scopes = effective(&of.grant.scopes, &facts.limits(client, of, &permissions)).scopes;
    let apis: Vec<String> = client.apis.iter().map(|api| api.0.clone()).collect();
    let claims = AccessClaims {
        aud: apis.into(),
        scope: scopes.to_string(),
        installed: of.installation.as_deref().map(InstalledClaims::of).unwrap_or_default(),
        ..claims.clone()
    };
    Ok(Live { claims: Arc::new(claims), grant: Some(of) })
}

/// What an access token stands for that is kept in a ticket.
fn kept(facts: &Facts, now: Timestamp) -> Result<Live<'_>, Reason> {
    let found = facts.ticket.as_ref().filter(|found| found.ticket.kind == TicketKind::AccessToken);
    let found = found.ok_or(Reason::TokenUnknown)?;
    let data: OpaqueData = serde_json::from_str(&found.ticket.data).map_err(|_| Reason::TokenUnknown)?;
    if data.claims.iss != facts.issuer.url {
        return Err(Reason::TokenUnknown);
    }
    if found.ticket.consumed_at.is_some() {
        return Err(Reason::TokenRevoked);
    }
    if now >= found.ticket.expires_at {
        return Err(Reason::TokenExpired);
    }
    match (found.ticket.grant, &found.grant) {
        (Some(_), Some(grant)) => may_issue(grant, now)?,
        (Some(_), None) => return Err(Reason::GrantEnded),
        (None, _) if found.tenant_disabled_at.is_some() => return Err(Reason::TenantDisabled),
        (None, _) if found.client != Some(Standing::Live) => return Err(Reason::ClientDisabled),
        (None, _) => {
            outlives_its_client(&data.claims, found.client_since)?;
            outlives_its_installation(&data.claims, facts)?;
        }
    }
    Ok(Live { claims: Arc::new(data.claims), grant: found.grant.as_ref() })
}

/// A client that was removed and made anew does not wake the tokens of its predecessor. A token names the second it was made in.
fn outlives_its_client(claims: &AccessClaims, since: Option<Timestamp>) -> Result<(), Reason> {
    match since {
        Some(since) if claims.iat >= since.seconds() => Ok(()),
        _ => Err(Reason::ClientUnknown),
    }
}

/// What an installation got for itself ends with it, and when it is switched off.
fn outlives_its_installation(claims: &AccessClaims, facts: &Facts) -> Result<(), Reason> {
    let Some(id) = &claims.installed.installation else { return Ok(()) };
    let found = facts.installation.as_deref().filter(|found| found.installation.id == *id);
    let found = found.ok_or(Reason::InstallationRemoved)?;
    installation_stands(found)?;
    let is_same = claims.installed.installation_epoch == Some(found.installed().epoch);
    if is_same { Ok(()) } else { Err(Reason::InstallationPast) }
}

/// The mark that says a client's own JWT was revoked; it stays until the token expires.
pub fn revoked_mark(claims: &AccessClaims) -> TicketKey {
    TicketKey::of_mark(TicketKind::RevokedJti, Timestamp(claims.exp.saturating_mul(1000)), &[&claims.jti])
}

fn grant_of(claims: &AccessClaims) -> Option<GrantId> {
    claims.grant_id.as_deref().and_then(grant_of_name)
}

fn borne_id_token(token: &str, issuer_url: &str, keys: &TenantKeys) -> Option<AccessClaims> {
    let claims: IdClaims = serde_json::from_slice(&verified(token, "JWT", keys)?).ok()?;
    let client_id = claims.aud.iter().next()?.to_owned();
    grant_of_name(claims.grant_id.as_deref()?)?;
    (claims.iss == issuer_url).then(|| AccessClaims {
        iss: claims.iss,
        sub: claims.sub,
        aud: claims.aud,
        client_id,
        scope: String::new(),
        exp: claims.exp,
        iat: claims.iat,
        jti: String::new(),
        grant_id: claims.grant_id,
        auth_time: Some(claims.auth_time),
        acr: Some(claims.acr),
        amr: Some(claims.amr),
        installed: InstalledClaims::default(),
        may: MayClaims::default(),
        user: None,
    })
}

fn signed_here(token: &str, issuer_url: &str, keys: &TenantKeys) -> Option<AccessClaims> {
    let claims: AccessClaims = serde_json::from_slice(&verified(token, "at+jwt", keys)?).ok()?;
    (claims.iss == issuer_url).then_some(claims)
}

/// The claims of a JWT of that type, where a key of this tenant signed them.
fn verified(token: &str, typ: &str, keys: &TenantKeys) -> Option<Vec<u8>> {
    let unverified = Unverified::parse(token).ok()?;
    if unverified.header().typ() != Some(typ) {
        return None;
    }
    let key = keys.verifying.get(unverified.header().kid()?)?;
    unverified.verify(key).ok()
}

//! Reading a token that is presented: to userinfo, introspection, revocation. What it hangs on is asked afterwards.

use std::sync::Arc;

use doorward_crypto::jose::verify::Unverified;

use super::claims::AccessClaims;
use super::issue::{OpaqueData, grant_of_name};
use super::refresh_pair::{self, RefreshPair};
use crate::facts::{GrantFacts, InstallationHandle, Standing};
use crate::id::{GrantId, IssuerId};
use crate::keys::TenantKeys;
use crate::may_issue::{installation_stands, may_issue};
use crate::model::{TicketKey, TicketKind};
use crate::{Facts, Needs, Reason, Timestamp};

/// A presented token, as far as it can be told without the database.
#[derive(Clone, PartialEq, Debug)]
pub enum Presented {
    /// An opaque access token.
    Opaque(TicketKey),
    /// An access token that this tenant signed; its times are not judged yet.
    Jwt(Arc<AccessClaims>),
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
        if token.starts_with(refresh_pair::PREFIX) {
            return RefreshPair::decode(token, issuer, keys).map_or(Self::Unknown, Self::Refresh);
        }
        if let Some(key) = TicketKey::of_secret(TicketKind::AccessToken, token) {
            return Self::Opaque(key);
        }
        match signed_here(token, issuer_url, keys) {
            Some(claims) => Self::Jwt(Arc::new(claims)),
            None => Self::Unknown,
        }
    }

    /// What has to be loaded to tell whether it lives.
    pub fn needs(&self) -> Needs {
        match self {
            Self::Opaque(key) => Needs { ticket: Some(*key), ..Needs::default() },
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
            Self::Opaque(_) => {
                let found = facts
                    .ticket
                    .as_ref()
                    .filter(|found| found.ticket.kind == TicketKind::AccessToken)
                    .ok_or(Reason::TokenUnknown)?;
                let data: OpaqueData =
                    serde_json::from_str(&found.ticket.data).map_err(|_| Reason::TokenUnknown)?;
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
            Self::Refresh(_) | Self::Unknown => Err(Reason::TokenUnknown),
        }
    }
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

fn signed_here(token: &str, issuer_url: &str, keys: &TenantKeys) -> Option<AccessClaims> {
    let unverified = Unverified::parse(token).ok()?;
    if unverified.header().typ() != Some("at+jwt") {
        return None;
    }
    let key = keys.verifying.get(unverified.header().kid()?)?;
    let payload = unverified.verify(key).ok()?;
    let claims: AccessClaims = serde_json::from_slice(&payload).ok()?;
    (claims.iss == issuer_url).then_some(claims)
}

//! Whom something is asked about, as it is found: what a token stands for, or who would make a request, through which installation.

use std::sync::Arc;

use doorward_core::admin::Access;
use doorward_core::authorize::installed::{self, Where};
use doorward_core::facts::{ClientFacts, Place};
use doorward_core::grant::token_exchange::standing;
use doorward_core::id::{ClientId, InstallationId, IssuerId, TenantId, UserId};
use doorward_core::installation::session_token::SessionClaims;
use doorward_core::model::ConsentPolicy;
use doorward_core::needs::InstallationHandle;
use doorward_core::permission::explain::{grant_stands, stands};
use doorward_core::policies::Mount;
use doorward_core::token::read::Presented;
use doorward_core::{Facts, Needs, Reason};
use doorward_crypto::random::SystemRandom;
use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::super::{Manage, Trouble};
use super::Explain;
use crate::dialect::Dialect;

/// Whom something is asked about.
pub(super) struct Subject {
    pub facts: Box<Facts>,
    pub client: Arc<ClientFacts>,
    pub scopes: Scopes,
    pub consented: Option<Scopes>,
    pub user: Option<UserId>,
    /// What keeps everything from being issued.
    pub dead: Option<Reason>,
    /// Where it is installed, of what the person belongs to, where that is in several places and none is named.
    pub places: Vec<Place>,
}

impl Manage {
    pub(super) async fn of_token(&self, tenant: &TenantId, token: &str) -> Result<Subject, Trouble> {
        let directory = self.store().directory();
        let entry = directory.tenant(tenant).ok_or_else(no_token)?;
        for issuer in &entry.issuers {
            let Some(dialect) = Dialect::of(issuer) else { continue };
            let mount = Mount { issuer, keys: &entry.keys.ring, policies: dialect.policies };
            if let Some(claims) = SessionClaims::read(token, &mount) {
                return self.of_session_token(tenant, &issuer.id, &claims).await;
            }
            let presented = Presented::read_at(token, &mount);
            if presented != Presented::Unknown {
                return self.of_presented(tenant, &issuer.id, &presented).await;
            }
        }
        Err(no_token())
    }

    async fn of_presented(
        &self,
        tenant: &TenantId,
        issuer: &IssuerId,
        presented: &Presented,
    ) -> Result<Subject, Trouble> {
        let needs = Needs { client_of_row: true, ..presented.needs() };
        let mut facts = self.store().load(self.facts_at(tenant, Some(issuer))?, &needs).await?;
        let now = self.store().now();
        let of_ticket = || facts.ticket.as_ref().and_then(|found| found.grant.as_ref());
        let of = facts.grant.as_ref().or_else(of_ticket).cloned();
        let (dead, scopes) = match presented {
            Presented::Refresh(_) => {
                let of = of.as_ref().ok_or_else(no_token)?;
                (grant_stands(of, now).err(), of.grant.scopes.clone())
            }
            presented => match presented.access(&facts, now) {
                Ok(live) => (None, Scopes::parse(&live.claims.scope).unwrap_or_default()),
                Err(reason) => {
                    let said = of.as_ref().map(|of| of.grant.scopes.clone()).unwrap_or_default();
                    (Some(reason), said)
                }
            },
        };
        let client = facts.client.clone().ok_or_else(no_token)?;
        let user = of.as_ref().map(|of| of.grant.user.clone());
        let found = of.as_ref().and_then(|of| of.installation.clone());
        facts.installation = found.or(facts.installation.take());
        if let Some(user) = &user {
            facts.user = self.store().user(tenant, user).await?;
        }
        Ok(Subject { facts, client, scopes, consented: None, user, dead, places: Vec::new() })
    }

    /// A session token lives as long as it could be exchanged, by the rule of the exchange.
    async fn of_session_token(
        &self,
        tenant: &TenantId,
        issuer: &IssuerId,
        claims: &SessionClaims,
    ) -> Result<Subject, Trouble> {
        let user = claims.user();
        let needs = Needs {
            client: Some(claims.extension.client()),
            user: Some(user.clone()),
            session_of: claims.session(),
            held: true,
            installation: Some(InstallationHandle {
                id: claims.installation.clone(),
                secret_hash: None,
                user: Some(user.clone()),
            }),
            extension: true,
            fresh: true,
            ..Needs::default()
        };
        let facts = self.store().load(self.facts_at(tenant, Some(issuer))?, &needs).await?;
        let client = facts.client.clone().ok_or_else(no_token)?;
        let mut rng = SystemRandom;
        let dead = standing(claims, &client.client, &facts, &mut self.ctx(&mut rng)).err();
        let scopes = Scopes::parse(&claims.scope).unwrap_or_default();
        Ok(Subject { facts, client, scopes, consented: None, user: Some(user), dead, places: Vec::new() })
    }

    pub(super) async fn of_request(&self, tenant: &TenantId, asked: &Explain) -> Result<Subject, Trouble> {
        let asked_scopes = asked.scope.as_deref().map(Scopes::parse).transpose();
        let asked_scopes = asked_scopes.map_err(|_| Trouble::Malformed(BAD_SCOPE.to_owned()))?;
        let user = match &asked.user {
            Some(name) => Some(self.person(tenant, name).await?.0.user.id),
            None => None,
        };
        let installation = match &asked.installation {
            Some(id) => {
                Some(self.installation(tenant, &InstallationId(id.clone()), Access::Read).await?.installation)
            }
            None => None,
        };
        let named = asked.client.clone().map(ClientId);
        let client = named.or_else(|| Some(installation.as_ref()?.extension_id.client()));
        let client = client.ok_or(Trouble::Refused("name a client or an installation"))?;
        if installation.as_ref().is_some_and(|of| of.extension_id.client() != client) {
            return Err(Trouble::Refused("the installation is of another extension"));
        }
        let needs = Needs {
            client: Some(client.clone()),
            user: user.clone(),
            held: user.is_some(),
            installation: installation.as_ref().map(|of| InstallationHandle {
                id: of.id.clone(),
                secret_hash: None,
                user: user.clone(),
            }),
            extension: installation.is_some(),
            installed_for: (installation.is_none() && user.is_some()).then(|| client.clone()),
            fresh: true,
            ..Needs::default()
        };
        let facts = self.store().load(self.facts(tenant)?, &needs).await?;
        let unknown = || Trouble::Unknown { noun: "client", name: client.0.clone() };
        let found = facts.client.clone().ok_or_else(unknown)?;
        let mut scopes = asked_scopes.unwrap_or_else(|| found.client.scopes.clone());
        let mut dead = stands(&found.client, facts.of_installation(), &facts, self.store().now()).err();
        let mut places = Vec::new();
        // Of which installation the person's request would be, by the rule of the authorization endpoint.
        if needs.installed_for.is_some() {
            match installed::find(&Params::from_pairs(Vec::new()), &facts) {
                Where::Nowhere | Where::Here(..) => {}
                Where::Several => (places, scopes) = (facts.places.clone(), Scopes::default()),
                Where::Refused(reason) => dead = dead.or(Some(reason)),
            }
        }
        let consented = match &user {
            Some(user) if !found.client.first_party => self.consented(user, &client, &facts).await?,
            _ => None,
        };
        Ok(Subject { facts, client: found, scopes, consented, user, dead, places })
    }

    /// What the person allowed; none: installing it was consent enough.
    async fn consented(
        &self,
        user: &UserId,
        client: &ClientId,
        facts: &Facts,
    ) -> Result<Option<Scopes>, Trouble> {
        let consent = match &facts.extension {
            None => self.store().consent_of(&facts.tenant.id, user, client).await?,
            Some(extension) if extension.manifest.consent == ConsentPolicy::Implicit => return Ok(None),
            Some(_) => facts.consent.clone().filter(|consent| consent.ended_at.is_none()),
        };
        Ok(Some(consent.map(|consent| consent.scopes).unwrap_or_default()))
    }
}

fn no_token() -> Trouble {
    Trouble::Unknown { noun: "token", name: "of this tenant like this one".to_owned() }
}

/// `limits::SCOPE_WORDS` and `limits::SCOPE_WORD_BYTES`.
const BAD_SCOPE: &str = "scope must be names of scopes, parted by spaces: at most 100, of at most 256 characters each (RFC 6749, section 3.3)";

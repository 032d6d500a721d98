//! Help for people: links to sign in or to choose a new password, signing out everywhere, a new password at the next sign-in.
//! For commands, admin API and console.

use std::sync::Arc;

use doorward_core::admin::{Access, Area, authority};
use doorward_core::desired::{CurrentUser, Kind, date};
use doorward_core::id::{IssuerId, TenantId, UserId};
use doorward_core::login::forgot::RESET_S;
use doorward_core::login::help::{Act, Help};
use doorward_core::model::Issuer;
use doorward_core::{Decision, Effect, Facts, Reason, Refusal};
use doorward_crypto::random::SystemRandom;
use doorward_store::directory::Entry;
use doorward_store::{CommitError, Fault};
use doorward_wire::text::{Email, UserName};

use super::{Link, Manage, Reach, Trouble};
use crate::dialect::{Dialect, standard};

/// What is committed with an act, given the link that it made.
pub type Also<'a> = dyn Fn(Option<&Link>) -> Vec<Effect> + Sync + 'a;

impl Manage {
    /// Does something for the person of that id, user name or address: the link, where one is made. It works once, for an hour, and is
    /// shown once.
    pub async fn help(&self, tenant: Option<String>, name: &str, act: Act) -> Result<Option<Link>, Trouble> {
        self.help_and(tenant, name, act, &|_| Vec::new()).await
    }

    /// The same; `also` is committed with it.
    pub async fn help_and(
        &self,
        tenant: Option<String>,
        name: &str,
        act: Act,
        also: &Also<'_>,
    ) -> Result<Option<Link>, Trouble> {
        let id = self.tenant(tenant).await?;
        if act.areas().iter().all(|area| self.allow(&id, *area, Access::Write).is_err()) {
            self.allow(&id, Area::Users, Access::Write)?;
        }
        let facts = self.facts(&id)?;
        for _ in 0..ATTEMPTS {
            let (found, roles) = self.person(&id, name).await?;
            // Whoever can sign in as somebody can do all that they can.
            authority::over_user(&found, &roles, &self.by().rights).map_err(Trouble::Denied)?;
            let request = Help { user: found.user.id.clone(), act };
            let loaded = self.store().load(facts.clone(), &request.needs()).await?;
            let decision = {
                let mut rng = SystemRandom;
                request.decide(self.by().actor.clone(), &loaded, &mut self.ctx(&mut rng))
            };
            if let Some(link) = self.committed(decision, RESET_S, also).await? {
                return Ok(link);
            }
        }
        Err(Trouble::Conflict)
    }

    /// Whether the actor holds all that a person does: what is that person's they may end only then.
    pub async fn may_touch(&self, tenant: &TenantId, user: &UserId) -> Result<(), Trouble> {
        let (found, roles) = self.person(tenant, user.as_str()).await?;
        authority::over_user(&found, &roles, &self.by().rights).map_err(Trouble::Denied)
    }

    /// Facts of a tenant, at its first issuer that works.
    pub(super) fn facts(&self, id: &TenantId) -> Result<Box<Facts>, Trouble> {
        self.facts_at(id, None)
    }

    /// The same, at that issuer.
    pub(super) fn facts_at(&self, id: &TenantId, named: Option<&IssuerId>) -> Result<Box<Facts>, Trouble> {
        let directory = self.store().directory();
        let entry =
            directory.tenant(id).ok_or_else(|| Trouble::Unknown { noun: "tenant", name: id.0.clone() })?;
        let (issuer, dialect) = issuer_of(entry, named).ok_or_else(|| match named {
            Some(named) => Trouble::Unknown { noun: "issuer", name: named.0.clone() },
            None => Trouble::Refused("the tenant has no issuer, so there is no place for a link to lead to"),
        })?;
        let (tenant, apis, keys) =
            (Arc::clone(&entry.tenant), Arc::clone(&entry.apis), Arc::clone(&entry.keys.ring));
        let facts = Facts::of(tenant, Arc::clone(issuer), apis, keys);
        Ok(Box::new(Facts { mail: self.sends_mail, policies: dialect.policies, ..facts }))
    }

    /// The person of that id, user name or address, and the tenant's roles. An id comes first: nobody is meant by having taken it for a
    /// name.
    pub(super) async fn person(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<(CurrentUser, Vec<doorward_core::model::Role>), Trouble> {
        let names = [name.to_owned()];
        let current = self.current(Reach::Named(tenant, Kind::User, &names)).await?;
        let unknown = || Trouble::Unknown { noun: "person", name: name.to_owned() };
        let of = current.tenants.into_iter().find(|of| of.tenant.id == *tenant).ok_or_else(unknown)?;
        let user_name = UserName::parse(name).ok();
        let email = Email::parse(name).ok();
        let is_named = |found: &CurrentUser| {
            let user = &found.user;
            user_name.as_ref().is_some_and(|name| user.user_name_key == name.key())
                || email.as_ref().is_some_and(|email| user.email_key.as_deref() == Some(email.key()))
        };
        let by_id = of.users.iter().position(|found| found.user.id.as_str() == name);
        let found = by_id.or_else(|| of.users.iter().position(is_named)).ok_or_else(unknown)?;
        let mut users = of.users;
        Ok((users.swap_remove(found), of.roles))
    }

    /// Commits it, and what goes with the link that it leads to; none on a conflict.
    async fn committed(
        &self,
        decision: Decision<Option<String>>,
        lasts_s: i64,
        also: &Also<'_>,
    ) -> Result<Option<Option<Link>>, Trouble> {
        let url = match decision.answer {
            Ok(answer) => answer,
            Err(Refusal { reason: Reason::UserDisabled | Reason::UserLocked, .. }) => {
                return Err(Trouble::Refused("the person is disabled or locked: a link would not work"));
            }
            Err(refusal) => return Err(Fault::new("help a person", refusal.description).into()),
        };
        let link = url.map(|url| self.link(url, lasts_s));
        let mut effects = decision.effects;
        effects.extend(also(link.as_ref()));
        match self.store().commit(effects).await {
            Ok(()) => Ok(Some(link)),
            Err(CommitError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn link(&self, url: String, lasts_s: i64) -> Link {
        Link { url, expires_at: date::write(self.store().now().plus_s(lasts_s)) }
    }
}

const ATTEMPTS: usize = 3;

/// The issuer that is named and works. Where none is named: the first that does, one of the specifications before any of another dialect.
fn issuer_of<'a>(entry: &'a Entry, named: Option<&IssuerId>) -> Option<(&'a Arc<Issuer>, &'static Dialect)> {
    let is_meant =
        |issuer: &&Arc<Issuer>| issuer.disabled_at.is_none() && named.is_none_or(|named| issuer.id == *named);
    let works = |issuer: &'a Arc<Issuer>| Some((issuer, Dialect::of(issuer)?));
    let found = entry.issuers.iter().filter(is_meant).filter_map(works);
    found.min_by_key(|(_, dialect)| dialect.name != standard::DIALECT.name)
}

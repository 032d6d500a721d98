//! One call for incidents: everything of an extension, of who makes extensions, of an installation, a person or a key is ended, and a receipt says
//! how much that was. It is few rows: what hangs on them is dead with them, and nothing of it wakes when they are switched on again
//! ([decision 0024](../../../../docs/decisions/0024-incidents.md)).

use std::collections::BTreeMap;

use doorward_core::admin::authority::Becomes;
use doorward_core::admin::last::Loss;
use doorward_core::admin::{Access, Area, authority};
use doorward_core::desired::{CurrentUser, date};
use doorward_core::id::{ContextId, ExtensionId, InstallationId, TenantId};
use doorward_core::installation;
use doorward_core::model::{Event, EventKind, Extension, User};
use doorward_core::{Effect, Timestamp};
use doorward_crypto::random::SystemRandom;
use doorward_store::CommitError;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Manage, Trouble};

/// Whose everything is ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Incident {
    /// Who makes extensions: of each of them.
    Contributor(ContextId),
    /// An extension: it is suspended, and no secret of it or of its installations works.
    Extension(ExtensionId),
    /// An installation: it is suspended, and no secret of it works.
    Installation(InstallationId),
    /// A signing key: it is withdrawn, and replaced where it signs.
    Key(String),
    /// A person, by id, user name or address: signed out everywhere, and locked.
    User(String),
}

/// What was ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The id of the event that says so.
    pub id: String,
    /// When, as RFC 3339 has it.
    pub at: String,
    /// What it is.
    pub kind: String,
    /// Which.
    pub of: String,
    /// Only counted: nothing was ended.
    pub dry_run: bool,
    /// How much had not ended before.
    pub counts: Counts,
}

/// How many there were of each.
pub type Counts = BTreeMap<String, i64>;

/// How it is asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Wish {
    /// Why, for the audit trail.
    pub reason: Option<String>,
    /// Only count.
    pub dry_run: bool,
}

impl Incident {
    fn kind(&self) -> &'static str {
        match self {
            Self::Contributor(_) => "contributor",
            Self::Extension(_) => "extension",
            Self::Installation(_) => "installation",
            Self::Key(_) => "key",
            Self::User(_) => "user",
        }
    }

    fn area(&self) -> Area {
        match self {
            Self::Contributor(_) | Self::Extension(_) => Area::Extensions,
            Self::Installation(_) => Area::Installations,
            Self::Key(_) => Area::Keys,
            Self::User(_) => Area::Users,
        }
    }
}

/// What an incident leads to, before it is committed.
#[derive(Default)]
struct Ending {
    of: String,
    effects: Vec<Effect>,
    counts: Counts,
}

impl Ending {
    fn count(&mut self, name: &str, found: i64) {
        *self.counts.entry(name.to_owned()).or_default() += found;
    }
}

impl Manage {
    /// Ends everything of it: what was, by number. Who may write its area in the whole tenant may; `also` is committed with it.
    pub async fn end_everything(
        &self,
        tenant: &TenantId,
        incident: &Incident,
        wish: &Wish,
        also: &(dyn Fn(&Receipt) -> Vec<Effect> + Sync),
    ) -> Result<Receipt, Trouble> {
        self.allow(tenant, incident.area(), Access::Write)?;
        for attempt in 0..ATTEMPTS {
            let ending = match self.ending(tenant, incident).await {
                // Somebody did it in this moment; who asked the same is told what they were.
                Err(Trouble::Unknown { .. }) if attempt > 0 => return Err(Trouble::Conflict),
                found => found?,
            };
            let now = self.store().now();
            let event = {
                let mut rng = SystemRandom;
                Event::new(EventKind::IncidentEnded, tenant, self.by().actor.clone(), &mut self.ctx(&mut rng))
                    .data(json!({ "kind": incident.kind(), "of": ending.of, "reason": wish.reason, "counts": ending.counts }))
            };
            let receipt = Receipt {
                id: event.id.to_string(),
                at: date::write(now),
                kind: incident.kind().to_owned(),
                of: ending.of,
                dry_run: wish.dry_run,
                counts: ending.counts,
            };
            let mut effects = Vec::new();
            if !wish.dry_run {
                effects = ending.effects;
                if let Incident::Key(kid) = incident {
                    effects.extend(self.withdrawing(tenant, kid).await?);
                }
                effects.push(Effect::Record(event));
            }
            effects.extend(also(&receipt));
            if effects.is_empty() {
                return Ok(receipt);
            }
            match self.store().commit(effects).await {
                Ok(()) => return Ok(receipt),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Trouble::Conflict)
    }

    async fn ending(&self, tenant: &TenantId, incident: &Incident) -> Result<Ending, Trouble> {
        let mut ending = Ending::default();
        match incident {
            Incident::User(name) => self.of_user(tenant, name, &mut ending).await?,
            Incident::Installation(id) => self.of_installation(tenant, id, &mut ending).await?,
            Incident::Extension(id) => {
                let unknown = || Trouble::Unknown { noun: "extension", name: id.0.clone() };
                let found = self.store().extension(tenant, id).await?.ok_or_else(unknown)?;
                ending.of.clone_from(&id.0);
                self.of_extension(tenant, found, &mut ending).await?;
            }
            Incident::Contributor(id) => self.of_contributor(tenant, id, &mut ending).await?,
            Incident::Key(kid) => {
                let keys = self.store().keys(tenant).await?;
                let is_there = keys.iter().any(|key| key.kid.0 == *kid);
                if !is_there {
                    return Err(Trouble::Unknown { noun: "key", name: kid.clone() });
                }
                ending.of.clone_from(kid);
                ending.count("keys", 1);
            }
        }
        Ok(ending)
    }

    /// Locked until an administrator lets them in again: whoever has the password would only sign in once more.
    async fn of_user(&self, tenant: &TenantId, name: &str, ending: &mut Ending) -> Result<(), Trouble> {
        let (found, roles) = self.person(tenant, name).await?;
        authority::over_user(&found, &roles, &self.by().rights).map_err(Trouble::Denied)?;
        let (store, now) = (self.store(), self.store().now());
        let locked = Becomes { is_closed: true, administers: found.user.administrator_since.is_some() };
        if let Some(harm) = authority::harm(&self.by().actor, &found.user, Some(locked)) {
            return Err(Trouble::Refused(harm));
        }
        let user = User {
            locked_at: found.user.locked_at.or(Some(now)),
            valid_from: Some(now.plus_ms(1)).max(found.user.valid_from),
            updated_at: now,
            ..found.user.clone()
        };
        // The last administrator stays, as in any other change.
        let after = CurrentUser { user: user.clone(), ..found.clone() };
        let loss = Loss::of_people(tenant, &roles, [(Some(&found), Some(&after))]);
        ending.effects.extend(self.left_to(&loss).await?);
        ending.of = user.id.0.clone();
        let sessions = store.sessions_of(tenant, &user.id).await?.len();
        ending.count("sessions", i64::try_from(sessions).unwrap_or(i64::MAX));
        ending.count("grants", store.open_grants_of_user(tenant, &user.id).await?);
        let id = user.id.clone();
        ending.effects.push(Effect::PutUser(user));
        ending.effects.push(Effect::EndSessionsOf { tenant: tenant.clone(), user: id, except: None, now });
        Ok(())
    }

    async fn of_installation(
        &self,
        tenant: &TenantId,
        id: &InstallationId,
        ending: &mut Ending,
    ) -> Result<(), Trouble> {
        let (store, now) = (self.store(), self.store().now());
        let found = store.installation(tenant, id).await?.filter(|found| found.life.removed_at().is_none());
        let found = found.ok_or_else(|| Trouble::Unknown { noun: "installation", name: id.0.clone() })?;
        ending.of.clone_from(&id.0);
        ending.count("grants", store.open_grants_of_installation(tenant, id).await?);
        ending.count("secrets", 0);
        let suspended = {
            let mut rng = SystemRandom;
            let step = |life: doorward_core::model::Life| life.suspend(now);
            installation::live(&found, step, &self.by().actor, &mut self.ctx(&mut rng))
        };
        ending.effects.extend(suspended.map_err(|_| Trouble::Conflict)?);
        for secret in store.installation_secrets(tenant, id).await? {
            if works(secret.expires_at, now) {
                ending.count("secrets", 1);
                let (tenant, installation) = (tenant.clone(), id.clone());
                let end =
                    Effect::RetireInstallationSecret { tenant, installation, id: secret.id, expires_at: now };
                ending.effects.push(end);
            }
        }
        Ok(())
    }

    async fn of_extension(
        &self,
        tenant: &TenantId,
        found: Extension,
        ending: &mut Ending,
    ) -> Result<(), Trouble> {
        let (store, now, client) = (self.store(), self.store().now(), found.client());
        ending.count("installations", store.installations_there(tenant, found.key).await?);
        ending.count("grants", store.open_grants_of_client(tenant, &client).await?);
        ending.count("secrets", store.open_installation_secrets(tenant, found.key).await?);
        let secrets = store.client(tenant, &client).await?.map(|found| found.secrets).unwrap_or_default();
        for secret in secrets.into_iter().filter(|secret| works(secret.expires_at, now)) {
            ending.count("secrets", 1);
            let (tenant, client) = (tenant.clone(), client.clone());
            ending.effects.push(Effect::RemoveSecret(tenant, client, secret.id));
        }
        let (tenant, extension) = (tenant.clone(), found.key);
        ending.effects.push(Effect::EndInstallationSecrets { tenant, extension, now });
        ending.effects.push(Effect::PutExtension(Box::new(Extension {
            epoch: found.epoch + i64::from(found.suspended_at.is_none()),
            suspended_at: found.suspended_at.or(Some(now)),
            updated_at: now,
            ..found
        })));
        Ok(())
    }

    async fn of_contributor(
        &self,
        tenant: &TenantId,
        id: &ContextId,
        ending: &mut Ending,
    ) -> Result<(), Trouble> {
        let unknown = || Trouble::Unknown { noun: "context", name: id.0.clone() };
        self.store().context(tenant, id).await?.ok_or_else(unknown)?;
        ending.of.clone_from(&id.0);
        ending.count("extensions", 0);
        let mut after = String::new();
        loop {
            let page = self.store().extensions_from(tenant, &after, PAGE).await?;
            let Some(last) = page.last().map(|last| last.id.0.clone()) else { return Ok(()) };
            after = last;
            for found in page.into_iter().filter(|found| found.contributor.as_ref() == Some(id)) {
                ending.count("extensions", 1);
                self.of_extension(tenant, found, ending).await?;
            }
        }
    }
}

fn works(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_none_or(|end| end > now)
}

const ATTEMPTS: usize = 3;
/// Extensions that are read at once.
const PAGE: i64 = 200;

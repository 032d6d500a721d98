//! Why a token or a request may not do something, and who could change it: by name.

use std::collections::BTreeSet;
use std::sync::Arc;

use doorward_core::admin::{Access, Area, Place};
use doorward_core::facts::{ClientFacts, InstallationHandle};
use doorward_core::id::{ClientId, ContextId, InstallationId, TenantId, UserId};
use doorward_core::permission::explain::{Clause, Explained, Question, explain, grant_stands, stands};
use doorward_core::token::read::Presented;
use doorward_core::{Facts, Needs, Reason};
use doorward_wire::scope::Scopes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Manage, Trouble};

/// What is asked about: a token, or a request that would be made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Explain {
    /// A token; all else follows from it.
    pub token: Option<String>,
    /// Which client would ask; the installation's extension where one is named.
    pub client: Option<String>,
    /// For which person: id or user name; none: for itself.
    pub user: Option<String>,
    /// Through which installation.
    pub installation: Option<String>,
    /// For which scopes; all that the client may have when absent.
    pub scope: Option<String>,
}

/// Whom something is asked about, as it was found.
struct Subject {
    facts: Box<Facts>,
    client: Arc<ClientFacts>,
    scopes: Scopes,
    consented: Option<Scopes>,
    user: Option<UserId>,
    /// What keeps everything from being issued.
    dead: Option<Reason>,
}

impl Manage {
    /// What becomes of each scope, which clauses take it away, and who could change that.
    pub async fn explain(&self, tenant: &TenantId, asked: &Explain) -> Result<Value, Trouble> {
        for area in [Area::Clients, Area::Users, Area::Roles, Area::Installations] {
            self.allow(tenant, area, Access::Read)?;
        }
        let subject = match &asked.token {
            Some(token) => self.of_token(tenant, token).await?,
            None => self.of_request(tenant, asked).await?,
        };
        let Subject { facts, client, scopes, consented, user, dead } = &subject;
        let question = Question {
            scopes,
            client: &client.client,
            consented: consented.as_ref(),
            for_person: user.is_some(),
        };
        let found = facts.of_installation();
        let place = found.filter(|found| found.installation.context.0 != 0).map(|found| Place {
            context: found.installation.context_id.clone(),
            above: found.above.clone(),
        });
        let mut lines = Vec::new();
        for explained in explain(&question, facts) {
            lines.push(self.line(tenant, &subject, explained, place.as_ref()).await?);
        }
        let granted: Vec<&str> = lines
            .iter()
            .filter(|line| line["granted"] == true)
            .filter_map(|line| line["scope"].as_str())
            .collect();
        let granted = if dead.is_some() { String::new() } else { granted.join(" ") };
        let mut body =
            json!({ "client": client.client.id, "alive": dead.is_none(), "scope": granted, "scopes": lines });
        if let Some(reason) = dead {
            body["reason"] = json!({
                "name": reason.as_str(),
                "detail": reason.description(),
                "who": self.who_revives(tenant, *reason, place.as_ref(), user.as_ref()).await?,
            });
        }
        if let Some(user) = user {
            body["user"] = json!(user);
        }
        if let Some(found) = found {
            body["installation"] = json!(found.installation.id);
            body["context"] = json!(found.installation.context_id);
        }
        Ok(body)
    }

    async fn of_token(&self, tenant: &TenantId, token: &str) -> Result<Subject, Trouble> {
        let directory = self.store().directory();
        let unknown = || Trouble::Unknown { noun: "token", name: "this".to_owned() };
        let entry = directory.tenant(tenant).ok_or_else(unknown)?;
        for issuer in &entry.issuers {
            let presented = Presented::read(token, &issuer.id, &issuer.url, &entry.keys.ring);
            if presented == Presented::Unknown {
                continue;
            }
            let base = self.facts_at(tenant, Some(&issuer.id))?;
            let needs = Needs { client_of_row: true, ..presented.needs() };
            let mut facts = self.store().load(base, &needs).await?;
            let now = self.store().now();
            let of_ticket = || facts.ticket.as_ref().and_then(|found| found.grant.as_ref());
            let of = facts.grant.as_ref().or_else(of_ticket).cloned();
            let (dead, said) = match &presented {
                Presented::Refresh(_) => {
                    let of = of.as_ref().ok_or_else(unknown)?;
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
            let client = facts.client.clone().ok_or_else(unknown)?;
            let user = of.as_ref().map(|of| of.grant.user.clone());
            let found = of.as_ref().and_then(|of| of.installation.clone());
            facts.installation = found.or(facts.installation.take());
            if let Some(user) = &user {
                facts.user = self.store().user(tenant, user).await?;
            }
            return Ok(Subject { facts, client, scopes: said, consented: None, user, dead });
        }
        Err(unknown())
    }

    async fn of_request(&self, tenant: &TenantId, asked: &Explain) -> Result<Subject, Trouble> {
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
            fresh: true,
            ..Needs::default()
        };
        let facts = self.store().load(self.facts(tenant)?, &needs).await?;
        let unknown = || Trouble::Unknown { noun: "client", name: client.0.clone() };
        let found = facts.client.clone().ok_or_else(unknown)?;
        let scopes = match &asked.scope {
            Some(text) => Scopes::parse(text).map_err(|_| Trouble::Refused("scope is malformed"))?,
            None => found.client.scopes.clone(),
        };
        let dead = stands(&found.client, facts.of_installation(), &facts, self.store().now()).err();
        let consented = match (&user, &installation, found.client.first_party) {
            (Some(user), None, false) => {
                let consent = self.store().consent_of(tenant, user, &client).await?;
                Some(consent.map(|consent| consent.scopes).unwrap_or_default())
            }
            // Where it is installed, that was consent enough, or is asked for at the first opening.
            _ => None,
        };
        Ok(Subject { facts, client: found, scopes, consented, user, dead })
    }

    async fn line(
        &self,
        tenant: &TenantId,
        subject: &Subject,
        explained: Explained,
        place: Option<&Place>,
    ) -> Result<Value, Trouble> {
        let mut clauses = Vec::new();
        for clause in &explained.removed_by {
            let mut told = serde_json::to_value(clause).unwrap_or_default();
            told["detail"] = json!(detail(clause));
            let (areas, place) = match clause {
                Clause::Client => (vec![Area::Clients], None),
                Clause::Api => (vec![Area::Apis, Area::Clients], None),
                Clause::Installation => (vec![Area::Installations], place),
                Clause::Consent => (Vec::new(), None),
                Clause::Person { permission } => {
                    let roles = self.giving(tenant, permission.as_str()).await?;
                    told["roles_that_give_it"] = json!(roles);
                    (vec![Area::Contexts, Area::Roles], place)
                }
            };
            told["who"] = match (clause, &subject.user) {
                (Clause::Consent, Some(user)) => json!([self.named(tenant, user).await?]),
                _ => self.holders_of(tenant, &areas, place).await?,
            };
            clauses.push(told);
        }
        Ok(json!({ "scope": explained.scope, "granted": explained.granted, "removed_by": clauses }))
    }

    /// Who could bring back what does not stand.
    async fn who_revives(
        &self,
        tenant: &TenantId,
        reason: Reason,
        place: Option<&Place>,
        user: Option<&UserId>,
    ) -> Result<Value, Trouble> {
        let areas = match reason {
            Reason::InstallationDisabled | Reason::InstallationRemoved | Reason::InstallationPast => {
                return self.holders_of(tenant, &[Area::Installations], place).await;
            }
            Reason::InstallationSuspended => vec![Area::Installations],
            Reason::ExtensionGone | Reason::ExtensionSuspended | Reason::ExtensionWithdrawn => {
                vec![Area::Extensions]
            }
            Reason::ContributorGone | Reason::ContextGone | Reason::NotAMember => vec![Area::Contexts],
            Reason::ClientDisabled => vec![Area::Clients],
            Reason::UserDisabled | Reason::UserLocked | Reason::UserRemoved => vec![Area::Users],
            _ => {
                return Ok(match user {
                    Some(user) => json!([self.named(tenant, user).await?]),
                    None => json!([]),
                });
            }
        };
        self.holders_of(tenant, &areas, None).await
    }

    /// The roles that let a person do it.
    async fn giving(&self, tenant: &TenantId, permission: &str) -> Result<Vec<String>, Trouble> {
        let roles = self.store().roles(tenant).await?;
        let gives =
            roles.into_iter().filter(|role| role.permissions.iter().any(|held| held.covers(permission)));
        Ok(gives.map(|role| role.id.0).take(MOST).collect())
    }

    /// People who may change something of these areas, in a place or in the whole tenant, with the role by which they may; who
    /// administers the server comes last.
    async fn holders_of(
        &self,
        tenant: &TenantId,
        areas: &[Area],
        place: Option<&Place>,
    ) -> Result<Value, Trouble> {
        let mut people = Vec::new();
        let mut seen = BTreeSet::new();
        let is_there = |context: &Option<ContextId>| match (context, place) {
            (None, _) => true,
            (Some(context), Some(place)) => place.and_above().any(|there| there == context),
            (Some(_), None) => false,
        };
        for role in self.store().roles(tenant).await? {
            let covers =
                |area: &Area| role.permissions.iter().any(|held| held.covers(area.scope(Access::Write)));
            if !areas.iter().any(covers) {
                continue;
            }
            let given = self.store().given_of_role(tenant, role.key, None, GIVEN).await?;
            for given in given.into_iter().filter(|given| is_there(&given.context)) {
                if people.len() < MOST && seen.insert(given.user.clone()) {
                    let mut person = self.named(tenant, &given.user).await?;
                    person["role"] = json!(role.id);
                    if let Some(context) = &given.context {
                        person["context"] = json!(context);
                    }
                    people.push(person);
                }
            }
        }
        for (guard, administers) in self.store().administrators(Some(tenant), None, GIVEN).await? {
            if administers && people.len() < MOST && seen.insert(guard.user.clone()) {
                let mut person = self.named(tenant, &guard.user).await?;
                person["role"] = json!("administrator of the server");
                people.push(person);
            }
        }
        Ok(Value::Array(people))
    }

    async fn named(&self, tenant: &TenantId, user: &UserId) -> Result<Value, Trouble> {
        let found = self.store().user(tenant, user).await?;
        let name = found.map(|found| found.user.user_name);
        Ok(json!({ "user": user, "user_name": name }))
    }
}

/// What a clause says, in words.
fn detail(clause: &Clause) -> String {
    match clause {
        Clause::Client => "the client is not registered for it".to_owned(),
        Clause::Api => "no API that the client may use has it, or that API is switched off".to_owned(),
        Clause::Installation => "it was not consented to where the extension is installed".to_owned(),
        Clause::Consent => "the person has not allowed it to this client".to_owned(),
        Clause::Person { permission } => format!("the person does not hold {permission} there"),
    }
}

/// People and roles that are named.
const MOST: usize = 10;
/// Holders of a role that are looked at.
const GIVEN: i64 = 100;

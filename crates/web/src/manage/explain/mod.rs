//! Why a token or a request may not do something, and who could change it: by name.

mod subject;
mod who;

use std::collections::BTreeMap;

use doorward_core::Reason;
use doorward_core::admin::{Access, Area, Place};
use doorward_core::facts::InstallationFacts;
use doorward_core::id::TenantId;
use doorward_core::model::{Extension, ExtensionState};
use doorward_core::permission::explain::{Clause, Explained, Question, explain};
use doorward_core::permission::is_openid_scope;
use doorward_store::holders::Reach;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::subject::Subject;
use self::who::{Beside, Way, Who};
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
    /// Through which installation; none: the one that the authorization endpoint would take.
    pub installation: Option<String>,
    /// For which scopes; all that the client may have when absent.
    pub scope: Option<String>,
}

/// What was told of a clause, by what it depends on: many scopes meet the same one.
type Told = BTreeMap<(String, Option<String>), Value>;

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
        let Subject { facts, client, scopes, consented, user, dead, places } = &subject;
        let question = Question {
            scopes,
            client: &client.client,
            consented: consented.as_ref(),
            for_person: user.is_some(),
        };
        let mut told = Told::new();
        let mut lines = Vec::new();
        for explained in explain(&question, facts) {
            lines.push(self.line(&subject, explained, &mut told).await?);
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
            let mut told = json!({ "name": reason.as_str(), "detail": reason.description() });
            self.who_revives(&subject, *reason).await?.tell(&mut told);
            body["reason"] = told;
        }
        if let Some(user) = user {
            body["user"] = json!(user);
        }
        if let Some(found) = facts.of_installation() {
            body["installation"] = json!(found.installation.id);
            body["context"] = json!(found.installation.context_id);
        }
        if !places.is_empty() {
            let of = |place: &doorward_core::facts::Place| json!({ "id": place.id, "context": place.context, "name": place.name });
            body["installations"] = places.iter().map(of).collect();
        }
        Ok(body)
    }

    async fn line(&self, subject: &Subject, explained: Explained, told: &mut Told) -> Result<Value, Trouble> {
        let mut clauses = Vec::new();
        for clause in &explained.removed_by {
            clauses.push(self.clause(subject, clause, &explained.scope, told).await?);
        }
        Ok(json!({ "scope": explained.scope, "granted": explained.granted, "removed_by": clauses }))
    }

    /// A clause, with who could change that it takes the scope away.
    async fn clause(
        &self,
        subject: &Subject,
        clause: &Clause,
        scope: &str,
        told: &mut Told,
    ) -> Result<Value, Trouble> {
        let facts = &subject.facts;
        let at = place(facts.of_installation());
        let beside = match clause {
            Clause::Client | Clause::Api | Clause::RoleMap { .. } => Beside::Scope(scope),
            Clause::Installation => Beside::Consent(scope, at.as_ref()),
            Clause::Person { permission } => Beside::Permission(permission),
            Clause::Consent => Beside::Nothing,
        };
        // Of APIs it matters whether one has that very scope.
        let is_own = beside.is_asked(facts) || *clause == Clause::Api;
        let key = (format!("{clause:?}"), is_own.then(|| scope.to_owned()));
        if let Some(known) = told.get(&key) {
            return Ok(known.clone());
        }
        let mut value = serde_json::to_value(clause).unwrap_or_default();
        value["detail"] = json!(detail(clause));
        let who = match clause {
            Clause::Client | Clause::RoleMap { .. } => {
                let of = self.extension_of(subject).await?;
                self.who_may(facts, &over_client(of.as_ref()), beside).await?
            }
            // What OpenID Connect defines is of people: nobody can let a client have it for itself.
            Clause::Api if is_openid_scope(scope) => Who::default(),
            Clause::Api => {
                let of = self.extension_of(subject).await?;
                let mut ways = vec![(Area::Apis, Reach::Tenant)];
                // Where an API has it, the client only does not use that one.
                if facts.apis.iter().any(|api| api.disabled_at.is_none() && api.has_scope(scope)) {
                    ways.extend(over_client(of.as_ref()));
                }
                self.who_may(facts, &ways, beside).await?
            }
            Clause::Installation => {
                self.who_may(facts, &[(Area::Installations, reach(facts.of_installation()))], beside).await?
            }
            Clause::Consent => self.themselves(subject).await?,
            Clause::Person { permission } => {
                let roles = self.giving(&facts.tenant.id, permission.as_str()).await?;
                // Where no role has it, giving one helps nobody.
                let areas = if roles.is_empty() { &GIVING[..1] } else { &GIVING[..] };
                value["roles_that_give_it"] = json!(roles);
                let ways: Vec<Way<'_>> = areas.iter().map(|area| (*area, Reach::Tenant)).collect();
                self.who_may(facts, &ways, beside).await?
            }
        };
        who.tell(&mut value);
        told.insert(key, value.clone());
        Ok(value)
    }

    /// Who could bring back what does not stand.
    async fn who_revives(&self, subject: &Subject, reason: Reason) -> Result<Who, Trouble> {
        let facts = &subject.facts;
        let there = reach(facts.of_installation());
        let ways = match reason {
            Reason::InstallationDisabled | Reason::InstallationRemoved => vec![(Area::Installations, there)],
            Reason::InstallationSuspended => vec![(Area::Installations, Reach::Tenant)],
            Reason::InstalledNowhere => self.installing(subject).await?,
            Reason::ExtensionGone | Reason::ExtensionSuspended | Reason::ExtensionWithdrawn => {
                vec![(Area::Extensions, Reach::Tenant)]
            }
            Reason::ContributorGone | Reason::ContextGone | Reason::NotAMember => {
                vec![(Area::Contexts, Reach::Tenant)]
            }
            Reason::ClientDisabled | Reason::ClientUnknown => vec![(Area::Clients, Reach::Tenant)],
            Reason::UserDisabled | Reason::UserLocked | Reason::UserRemoved => {
                vec![(Area::Users, Reach::Tenant)]
            }
            Reason::TenantDisabled => vec![(Area::Tenants, Reach::Tenant)],
            // What has ended, the person begins anew.
            _ => return self.themselves(subject).await,
        };
        self.who_may(facts, &ways, Beside::Nothing).await
    }

    /// How an extension comes to be where the person belongs: it is installed there, or they come to where it is.
    async fn installing<'a>(&self, subject: &'a Subject) -> Result<Vec<Way<'a>>, Trouble> {
        let (facts, tenant) = (&subject.facts, &subject.facts.tenant.id);
        let Some(extension) = facts.extension.as_deref() else { return Ok(Vec::new()) };
        // A draft is for its contributor's own place.
        let around = subject.user.as_ref().filter(|_| extension.state != ExtensionState::Draft);
        let mut ways = vec![(Area::Installations, around.map_or(Reach::Tenant, Reach::Around))];
        if !self.store().installations_of(tenant, extension.key, "", 1).await?.is_empty() {
            ways.push((Area::Contexts, Reach::Tenant));
        }
        Ok(ways)
    }

    /// The person that it is about, while they can act.
    async fn themselves(&self, subject: &Subject) -> Result<Who, Trouble> {
        let person = subject.facts.user.as_ref().map(|found| &found.user);
        let person = person.filter(|user| subject.user.as_ref() == Some(&user.id));
        let person = person.filter(|user| user.disabled_at.is_none() && user.locked_at.is_none());
        Ok(match person {
            Some(user) => Who::only(json!({ "user": user.id, "user_name": user.user_name })),
            None => Who::default(),
        })
    }

    /// The extension that the client is.
    async fn extension_of(&self, subject: &Subject) -> Result<Option<Extension>, Trouble> {
        let id = subject.client.client.id.0.as_str().into();
        Ok(self.store().extension(&subject.facts.tenant.id, &id).await?)
    }

    /// The roles that let a person do it.
    async fn giving(&self, tenant: &TenantId, permission: &str) -> Result<Vec<String>, Trouble> {
        let roles = self.store().roles(tenant).await?;
        let gives =
            roles.into_iter().filter(|role| role.permissions.iter().any(|held| held.covers(permission)));
        Ok(gives.map(|role| role.id.0).take(MOST).collect())
    }
}

/// By which rights a client is changed. That of an extension also by who administers the extension, and by who makes it while it is a draft
/// (`in_contexts::over_its_client`).
fn over_client(of: Option<&Extension>) -> Vec<Way<'static>> {
    let mut ways = vec![(Area::Clients, Reach::Tenant)];
    if let Some(of) = of {
        let makers = of.contributor_key.filter(|_| of.state == ExtensionState::Draft);
        ways.push((Area::Extensions, makers.map_or(Reach::Tenant, Reach::Context)));
    }
    ways
}

/// Where rights over an installation must be held.
fn reach(found: Option<&InstallationFacts>) -> Reach<'static> {
    match found {
        Some(found) if !found.installation.is_of_tenant() => Reach::Context(found.installation.context),
        _ => Reach::Tenant,
    }
}

/// The context that an installation is in; none: the tenant itself.
fn place(found: Option<&InstallationFacts>) -> Option<Place> {
    let found = found.filter(|found| !found.installation.is_of_tenant())?;
    Some(Place { context: found.installation.context_id.clone(), above: found.above.clone() })
}

/// What a clause says, in words.
fn detail(clause: &Clause) -> String {
    match clause {
        Clause::Client => "the client is not registered for it".to_owned(),
        Clause::Api => "no API that the client may use has it, or that API is switched off".to_owned(),
        Clause::Installation => "it was not consented to where the extension is installed".to_owned(),
        Clause::Consent => "the person has not allowed it to this client".to_owned(),
        Clause::Person { permission } => format!("the person does not hold {permission} there"),
        Clause::RoleMap { permission } => {
            format!("the person holds {permission} there, but role_permissions of the client leaves it out")
        }
    }
}

/// Who may change what a role gives, and who may give one in a context and in the whole tenant.
const GIVING: [Area; 3] = [Area::Roles, Area::Contexts, Area::Users];
/// People and roles that are named.
const MOST: usize = 10;

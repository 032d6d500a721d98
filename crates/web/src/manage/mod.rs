//! What administrators do: one service carries it out, whether it comes from the operator's commands, the admin API or the console.
//! It is given who acts and what they may do, and every change is a plan of [`doorward_core::desired`]: checks, events and conflicts
//! are the same everywhere.

mod act_for;
pub mod after;
pub mod carry;
mod edit;
mod explain;
mod factor;
mod help;
pub mod import;
mod incident;
mod installed;
mod invitation;
mod keys;
mod last;
mod link;
mod load;
mod loses;
mod places;
mod reach;
pub mod sign_on;
mod told;
mod trouble;

use doorward_core::admin::{Access, Area, Denied, Rights, SERVER};
use doorward_core::desired::user::LEAST_PASSWORD;
use doorward_core::desired::{Change, State};
use doorward_core::id::{SessionId, TenantId};
use doorward_core::model::{Actor, Event, EventKind};
use doorward_core::{Ctx, Effect};
use doorward_crypto::random::SystemRandom;
use doorward_crypto::{base64url, digest};
use doorward_store::Store;
use serde::{Deserialize, Serialize};

pub use act_for::ActFor;
pub use doorward_core::login::help::Act;
pub(crate) use edit::unverify;
pub use explain::Explain;
pub use help::Also;
pub use incident::{Incident, Receipt, Wish};
pub use installed::{Install, SUSPENDED};
pub use invitation::{Invitation, InvitationRow};
pub use keys::KeyRow;
pub use link::Link;
pub use places::Found;
pub use reach::Reach;
pub use trouble::Trouble;

/// The service, for one actor.
#[derive(Clone, Debug)]
pub struct Manage {
    store: Store,
    by: By,
    sends_mail: bool,
    password_min_length: usize,
}

/// Who acts, what they may do, and what their events say of the request.
#[derive(Clone, Debug)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// What they may do.
    pub rights: Rights,
    /// The session that their token ends with; none where they come with no such token.
    pub session: Option<SessionId>,
    /// The id of their request.
    pub request_id: String,
    /// Their address.
    pub address: String,
}

/// What was done, or would be.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// What happened, or would, to each object.
    pub changes: Vec<Change>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// Secrets that were made. They are shown once and kept nowhere.
    pub generated: Vec<Generated>,
}

/// What was made and is shown once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Generated {
    /// A person's password.
    Password {
        /// Whose tenant.
        tenant: String,
        /// Whose password.
        user_name: String,
        /// The password.
        password: String,
    },
    /// A client's secret.
    Secret {
        /// Whose tenant.
        tenant: String,
        /// Whose secret.
        client: String,
        /// The secret.
        secret: String,
        /// Its hash, by which it is removed.
        hash: String,
    },
}

impl By {
    /// Whoever holds the data folder or the local socket.
    pub fn operator() -> Self {
        Self {
            actor: Actor::Operator,
            rights: Rights::everything(),
            session: None,
            request_id: "operator".to_owned(),
            address: String::new(),
        }
    }
}

impl Generated {
    /// A client's secret, with its hash as a document has it.
    pub fn secret(tenant: String, client: String, secret: &str) -> Self {
        let hash = format!("sha256:{}", base64url::encode(&digest::sha256(secret.as_bytes())));
        Self::Secret { tenant, client, secret: secret.to_owned(), hash }
    }
}

impl Manage {
    /// On that store.
    pub fn new(store: Store, by: By) -> Self {
        Self { store, by, sends_mail: false, password_min_length: LEAST_PASSWORD }
    }

    /// The same, on a server that sends mail: people are told of what is done to them.
    pub fn sending_mail(self, sends_mail: bool) -> Self {
        Self { sends_mail, ..self }
    }

    /// The same, where new passwords have at least so many characters.
    pub fn asking_for(self, password_min_length: u32) -> Self {
        Self { password_min_length: password_min_length as usize, ..self }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Who acts.
    pub fn by(&self) -> &By {
        &self.by
    }

    /// Makes the objects what a state says.
    pub async fn apply(&self, state: &State, dry_run: bool, prune: bool) -> Result<Done, Trouble> {
        self.carry_out(Reach::Document(state), |_| Ok(state.clone()), dry_run, prune).await
    }

    /// Everything of a tenant, or of all.
    pub async fn export(&self, tenant: Option<String>) -> Result<State, Trouble> {
        let wanted = self.tenants(tenant).await?;
        for tenant in &wanted {
            for area in Area::ALL {
                self.allow(tenant, *area, Access::Read)?;
            }
        }
        Ok(State::of(&self.current(Reach::All(&wanted)).await?, self.store.now()))
    }

    /// The tenant that is named, or the only one.
    pub async fn tenant(&self, named: Option<String>) -> Result<TenantId, Trouble> {
        let tenants = self.store.tenants().await?;
        match named {
            Some(id) => tenants
                .into_iter()
                .find(|tenant| tenant.id.0 == id)
                .map(|tenant| tenant.id)
                .ok_or(Trouble::Unknown { noun: "tenant", name: id }),
            None if tenants.len() == 1 => Ok(tenants[0].id.clone()),
            None if tenants.is_empty() => Err(Trouble::Empty),
            None => Err(Trouble::Several(tenants.into_iter().map(|tenant| tenant.id.0).collect())),
        }
    }

    /// The tenants that are meant: the one that is named, or all.
    pub async fn tenants(&self, named: Option<String>) -> Result<Vec<TenantId>, Trouble> {
        match named {
            Some(_) => Ok(vec![self.tenant(named).await?]),
            None => Ok(self.store.tenants().await?.into_iter().map(|tenant| tenant.id).collect()),
        }
    }

    /// Whether the actor may do something in an area of a tenant.
    pub fn allow(&self, tenant: &TenantId, area: Area, access: Access) -> Result<(), Trouble> {
        self.by.rights.allow(tenant, area, access).map_err(Trouble::Denied)
    }

    /// The event of something that the actor may not do, with what more there is to say of it.
    pub fn denial(&self, tenant: &TenantId, route: &str, denied: &Denied, more: serde_json::Value) -> Effect {
        let lacks = match denied {
            Denied::Scope(scope) => scope.as_str(),
            Denied::Tenant => SERVER,
        };
        let mut data = serde_json::json!({ "route": route, "lacks": lacks });
        if let (Some(data), serde_json::Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        let mut rng = SystemRandom;
        let event =
            Event::new(EventKind::AdminDenied, tenant, self.by.actor.clone(), &mut self.ctx(&mut rng))
                .data(data);
        Effect::Record(match &self.by.actor {
            Actor::User(user) => event.user(user),
            Actor::Client(client) => event.client(client),
            Actor::Operator | Actor::Server | Actor::Unknown => event,
        })
    }

    /// The surroundings of a decision.
    pub fn ctx<'a>(&'a self, rng: &'a mut SystemRandom) -> Ctx<'a> {
        Ctx { now: self.store.now(), rng, request_id: &self.by.request_id, address: &self.by.address }
    }
}

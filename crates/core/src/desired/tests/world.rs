//! A database in memory: what effects make of a current state.

use crate::desired::*;
use crate::id::{ContextKey, TenantId, UserId};
use crate::model::{Assignment, Credential, Event, Extension, Installation, Membership, WebhookEvent};
use crate::{Ctx, Effect, Timestamp};
use doorward_crypto::random::SeededRandom;

/// A state that is applied to, and the events that were written.
#[derive(Default)]
pub struct World {
    pub current: Current,
    pub events: Vec<Event>,
    /// What extensions are told.
    pub told: Vec<WebhookEvent>,
    now: i64,
}

impl World {
    /// Applies a document; passwords are "hashed" to a known PHC string with the password's length in its salt.
    pub fn apply(&mut self, document: serde_json::Value, prune: bool) -> Result<Plan, Problems> {
        let mut state: State = serde_json::from_value(document).unwrap_or_else(|error| panic!("{error}"));
        self.apply_state(&mut state, prune)
    }

    pub fn apply_state(&mut self, state: &mut State, prune: bool) -> Result<Plan, Problems> {
        self.now += 1000;
        let mut rng = SeededRandom::new(self.now.unsigned_abs());
        let mut ctx = Ctx { now: Timestamp(self.now), rng: &mut rng, request_id: "test", address: "" };
        settle(state, &self.current, 8, &mut |plain, stored| hash(plain, stored), &mut ctx)?;
        let plan = plan(&self.current, state, prune, ctx.now)?;
        let decision = plan.decide(&crate::model::Actor::Operator, &mut ctx);
        for effect in decision.effects {
            self.run(effect);
        }
        Ok(plan)
    }

    pub fn export(&self) -> String {
        serde_json::to_string_pretty(&State::of(&self.current, Timestamp(self.now))).unwrap()
    }

    fn tenant(&mut self, id: &crate::id::TenantId) -> &mut CurrentTenant {
        self.current.tenants.iter_mut().find(|found| found.tenant.id == *id).unwrap()
    }

    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::PutTenant(mut tenant) => {
                tenant.version += 1;
                match self.current.tenants.iter_mut().find(|found| found.tenant.id == tenant.id) {
                    Some(found) => found.tenant = tenant,
                    None => self.current.tenants.push(CurrentTenant::alone(tenant)),
                }
            }
            Effect::PutIssuer(row) => put(&mut self.tenant(&row.tenant).issuers, row, |row| row.id.0.clone()),
            Effect::PutApi(row) => put(&mut self.tenant(&row.tenant).apis, row, |row| row.id.0.clone()),
            Effect::PutClient(client) => {
                let clients = &mut self.tenant(&client.tenant).clients;
                match clients.iter_mut().find(|found| found.client.id == client.id) {
                    Some(found) => found.client = client,
                    None => clients.push(CurrentClient { client, secrets: Vec::new() }),
                }
            }
            Effect::PutUser(user) => {
                let users = &mut self.tenant(&user.tenant).users;
                match users.iter_mut().find(|found| found.user.id == user.id) {
                    Some(found) => found.user = user,
                    None => users.push(CurrentUser {
                        user,
                        password: None,
                        roles: Vec::new(),
                        roles_in_contexts: Vec::new(),
                    }),
                }
            }
            Effect::PutCredential(credential) => self.user(&credential).password = Some(credential.clone()),
            Effect::PutSecret(secret) => {
                let clients = &mut self.tenant(&secret.tenant).clients;
                clients
                    .iter_mut()
                    .find(|found| found.client.id == secret.client)
                    .unwrap()
                    .secrets
                    .push(secret);
            }
            Effect::RemoveSecret(tenant, client, id) => {
                let clients = &mut self.tenant(&tenant).clients;
                let found = clients.iter_mut().find(|found| found.client.id == client).unwrap();
                found.secrets.retain(|secret| secret.id != id);
            }
            Effect::RemoveIssuer(tenant, id, _) => self.tenant(&tenant).issuers.retain(|row| row.id != id),
            Effect::RemoveApi(tenant, id, _) => self.tenant(&tenant).apis.retain(|row| row.id != id),
            Effect::RemoveClient(tenant, id, _) => {
                self.tenant(&tenant).clients.retain(|row| row.client.id != id)
            }
            Effect::RemoveUser(tenant, id, _) => {
                let tenant = self.tenant(&tenant);
                tenant.users.retain(|row| row.user.id != id);
                tenant.memberships.retain(|found| found.membership.user != id);
            }
            Effect::PutRole(row) => put(&mut self.tenant(&row.tenant).roles, row, |row| row.id.0.clone()),
            Effect::PutContext(row) => {
                put(&mut self.tenant(&row.tenant).contexts, row, |row| row.id.0.clone())
            }
            Effect::PutMembership(membership) => {
                let all = &mut self.tenant(&membership.tenant).memberships;
                let is_it =
                    |known: &Membership| known.user == membership.user && known.context == membership.context;
                match all.iter_mut().find(|found| is_it(&found.membership)) {
                    Some(found) => found.membership = membership,
                    None => all.push(CurrentMembership { membership, roles: Vec::new() }),
                }
            }
            Effect::Assign(given) => {
                let held = self.held(&given.tenant, &given.user, given.context);
                assert!(!held.iter().any(|known| known.role == given.role), "given twice");
                held.push(given);
            }
            Effect::Unassign { tenant, user, context, role } => {
                let held = self.held(&tenant, &user, context);
                // One whose role went in the same commit is gone already.
                held.retain(|known| known.role != role);
            }
            Effect::RemoveRole(tenant, key, _) => {
                let tenant = self.tenant(&tenant);
                tenant.roles.retain(|row| row.key != key);
                tenant.users.iter_mut().for_each(|user| user.roles.retain(|held| held.role != key));
                for membership in &mut tenant.memberships {
                    membership.roles.retain(|held| held.role != key);
                }
            }
            Effect::RemoveContext { tenant, key, .. } => {
                let tenant = self.tenant(&tenant);
                tenant.contexts.retain(|row| row.key != key && !row.ancestors.contains(&key));
                let mut standing: Vec<_> = tenant.contexts.iter().map(|context| context.key).collect();
                standing.push(ContextKey(0));
                tenant.installations.retain(|row| standing.contains(&row.context));
                tenant.memberships.retain(|found| standing.contains(&found.membership.context));
            }
            Effect::PutExtension(row) => {
                let row = Extension { version: row.version + 1, ..*row };
                put(&mut self.tenant(&row.tenant).extensions, row, |row| row.id.0.clone());
            }
            Effect::FreeAudiences(..) => {}
            Effect::RemoveExtension(tenant, key, version) => {
                let tenant = self.tenant(&tenant);
                let found = tenant.extensions.iter().find(|row| row.key == key).unwrap();
                assert_eq!(found.version, version);
                let left = tenant.installations.iter().find(|row| row.extension == key);
                assert!(left.is_none(), "it is installed: {left:?}");
                tenant.extensions.retain(|row| row.key != key);
            }
            Effect::PutInstallation(row) => {
                let row = Installation { version: row.version + 1, ..*row };
                let all = &mut self.tenant(&row.tenant).installations;
                let found = all.iter().position(|known| known.id == row.id);
                assert_eq!(found.map_or(1, |at| all[at].version + 1), row.version);
                all.retain(|known| known.id != row.id);
                if row.life.removed_at().is_none() {
                    let is_it = |known: &Installation| {
                        (known.extension, known.context) == (row.extension, row.context)
                    };
                    assert!(!all.iter().any(is_it), "installed twice: {row:?}");
                    all.push(row);
                }
            }
            Effect::AddInstallationSecret(_)
            | Effect::ForgetInstallationSecrets(..)
            | Effect::EndInstallationSecrets { .. }
            | Effect::AbortWebhooks { .. } => {}
            Effect::QueueWebhook(event) => self.told.push(*event),
            Effect::RemoveMembership(tenant, user, context, _) => self
                .tenant(&tenant)
                .memberships
                .retain(|found| found.membership.user != user || found.membership.context != context),
            // Every name can be taken here.
            Effect::FreeNames(..) | Effect::FreeMount(..) => {}
            Effect::Record(event) => self.events.push(event),
            other => panic!("an apply has no such effect: {other:?}"),
        }
    }

    fn held(
        &mut self,
        tenant: &TenantId,
        user: &UserId,
        context: Option<ContextKey>,
    ) -> &mut Vec<Assignment> {
        let tenant = self.tenant(tenant);
        match context {
            None => &mut tenant.users.iter_mut().find(|found| found.user.id == *user).unwrap().roles,
            Some(key) => {
                let mut all =
                    tenant.memberships.iter_mut().map(|found| (&found.membership, &mut found.roles));
                all.find(|(of, _)| of.user == *user && of.context == key).unwrap().1
            }
        }
    }

    fn user(&mut self, credential: &Credential) -> &mut CurrentUser {
        self.tenant(&credential.tenant)
            .users
            .iter_mut()
            .find(|found| found.user.id == credential.user)
            .unwrap()
    }
}

fn put<T>(rows: &mut Vec<T>, row: T, id: impl Fn(&T) -> String) {
    match rows.iter_mut().find(|found| id(found) == id(&row)) {
        Some(found) => *found = row,
        None => rows.push(row),
    }
}

/// Two passwords of one length are one password here.
fn hash(plain: &str, stored: Option<&str>) -> String {
    let salt = doorward_crypto::base64url::encode(&[plain.len() as u8; 18]);
    let phc = format!("$argon2id$v=19$m=19456,t=2,p=1${salt}$NbCuJyiTSTJfuuGPAfkjopqdt6tlWzJwlCy7Mln5Wco");
    stored.filter(|stored| **stored == phc).map_or(phc.clone(), str::to_owned)
}

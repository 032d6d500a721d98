//! `commit`: the only door for writes. Effects become statements that state their precondition; all stand or none.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use doorward_core::id::{ClientId, TenantId};
use doorward_core::model::{Event, ExtensionState};
use doorward_core::{Effect, Timestamp};

use crate::changes::{self, Changed};
use crate::outbox::{self, Sealers};
use crate::statement::Statement;
use crate::write::{Commit, Expect, Write};
use crate::{
    CommitError, Fault, Store, administrators, answers, apis, audiences, clients, consents, contexts,
    credentials, events, extensions, grants, imports, installation_secrets, installations, issuers, keys,
    memberships, roles, sessions, tenants, throttle, tickets, users, webhooks,
};

impl Store {
    /// Commits all effects or none; durable when it returns, and seen by every later read on this node. On a conflict load
    /// fresh facts and decide once more.
    pub async fn commit(&self, effects: Vec<Effect>) -> Result<(), CommitError> {
        if effects.is_empty() {
            return Ok(());
        }
        let sealers = self.sealers(&effects).await?;
        let (commit, changed) = prepare(&effects, &sealers, self.now())?;
        self.driver().commit(commit).await?;
        if !changed.is_empty() {
            self.forget(&changed).await;
        }
        Ok(())
    }

    /// Commits events of nothing else, all or none, several in one statement; durable when it returns.
    pub async fn record(&self, events: &[Event]) -> Result<(), CommitError> {
        let Some(first) = events.first() else { return Ok(()) };
        let commit = Commit { event: Some(first.id), ending: false, writes: events::insert_all(events)? };
        self.driver().commit(commit).await.map(drop)
    }
}

/// What is committed, by whose configuration it changes.
pub(crate) type Touched = BTreeMap<TenantId, BTreeSet<Changed>>;

fn prepare(effects: &[Effect], sealers: &Sealers, now: Timestamp) -> Result<(Commit, Touched), Fault> {
    let mut writes = Vec::with_capacity(effects.len() + 1);
    let mut touched = Touched::new();
    let mut event = None;
    for run in effects.chunk_by(|one, next| discriminant(one) == discriminant(next)) {
        let start = writes.len();
        for effect in run {
            if let Effect::Record(record) = effect {
                event = event.or(Some(record.id));
            }
            add(effect, sealers, &mut writes)?;
            if let Some((tenant, what)) = touches(effect) {
                touched.entry(tenant.clone()).or_default().insert(what);
            }
        }
        if run.len() >= MANY
            && matches!(run[0], Effect::PutUser(_) | Effect::PutCredential(_) | Effect::Record(_))
        {
            put_together(&mut writes, start);
        }
    }
    for (tenant, changed) in &touched {
        writes.extend(changed.iter().map(|what| changes::note(tenant, what, now)));
    }
    let ending = effects.iter().all(is_ending) && effects.iter().any(|effect| !effect.tells());
    Ok((Commit { event, ending, writes }, touched))
}

/// Puts the writes from `start` on, of effects of one kind, together: those of a statement follow each other, and as many as fit go
/// into one. Both engines do most of an insert's work once per statement.
fn put_together(writes: &mut Vec<Write>, start: usize) {
    let mut groups: Vec<Vec<Write>> = Vec::new();
    for write in writes.drain(start..) {
        match groups.iter_mut().find(|group| std::ptr::eq(group[0].statement, write.statement)) {
            Some(group) => group.push(write),
            None => groups.push(vec![write]),
        }
    }
    for mut group in groups {
        let one = group[0].statement;
        if let Some((_, many)) = TOGETHER.iter().find(|(single, _)| std::ptr::eq(*single, one)) {
            let rest = group.split_off(group.len() / MANY * MANY);
            for part in group.chunks_mut(MANY) {
                let params = part.iter_mut().flat_map(|write| std::mem::take(&mut write.params)).collect();
                writes.push(Write::new(many, Expect::Exactly(MANY as u64), params));
            }
            group = rest;
        }
        writes.append(&mut group);
    }
}

/// Statements that write one row, and those that write [`MANY`].
static TOGETHER: [(&Statement, &Statement); 4] = [
    (&events::EVENT_INSERT, &events::EVENTS_INSERT),
    (&credentials::CREDENTIAL_PUT, &credentials::CREDENTIALS_PUT),
    (&users::LOGIN_NAME_TAKE, &users::LOGIN_NAMES_TAKE),
    (&users::USER_INSERT, &users::USERS_INSERT),
];
const MANY: usize = users::MANY;

/// Switching something off is an ending too: it replaces a row by one of the same size.
fn is_ending(effect: &Effect) -> bool {
    effect.is_ending()
        || match effect {
            Effect::PutTenant(tenant) => tenant.version > 0 && tenant.disabled_at.is_some(),
            Effect::PutIssuer(issuer) => issuer.version > 0 && issuer.disabled_at.is_some(),
            Effect::PutUser(user) => {
                user.version > 0 && (user.disabled_at.is_some() || user.locked_at.is_some())
            }
            Effect::PutClient(client) => client.version > 0 && client.disabled_at.is_some(),
            Effect::PutContext(context) => context.version > 0 && context.disabled_at.is_some(),
            Effect::PutApi(api) => api.version > 0 && api.disabled_at.is_some(),
            Effect::PutInstallation(installation) => installation.version > 0 && !installation.life.is_on(),
            Effect::PutExtension(extension) => {
                extension.version > 0
                    && (extension.suspended_at.is_some() || extension.state == ExtensionState::Withdrawn)
            }
            _ => false,
        }
}

fn add(effect: &Effect, sealers: &Sealers, writes: &mut Vec<Write>) -> Result<(), Fault> {
    match effect {
        Effect::Record(event) => writes.push(events::insert(event)?),

        Effect::InsertTicket(ticket) => writes.push(tickets::insert(ticket)),
        Effect::ConsumeTicket(consume) => writes.push(tickets::consume(consume)),
        Effect::CountTicketFailure { tenant, key, now } => {
            writes.push(tickets::count_failure(tenant, *key, *now))
        }
        Effect::EndTicket { tenant, key, now } => writes.push(tickets::end(tenant, *key, *now)),
        Effect::EndTicketsOf { tenant, kind, now, until } => {
            writes.push(tickets::end_of(tenant, *kind, *now, *until));
        }

        Effect::RebindTicket { tenant, key, from, to } => {
            writes.push(tickets::rebind(tenant, *key, *from, *to))
        }

        Effect::InsertGrant(grant) => writes.push(grants::insert(grant)?),
        Effect::StartGrant { tenant, id, now, generation, mac_key, idle_ms, expires_at, unnamed } => {
            let life = (*idle_ms, *expires_at);
            writes.push(grants::start(tenant, *id, *now, (*generation, *mac_key), life, *unnamed));
        }
        Effect::RotateGrant { tenant, id, from, to, mac_key, now } => {
            writes.push(grants::rotate(tenant, *id, (*from, *to), *mac_key, *now));
        }
        Effect::TouchGrant { tenant, id, now } => writes.push(grants::touch(tenant, *id, *now)),
        Effect::EndGrant { tenant, id, now, reason } => writes.push(grants::end(tenant, *id, *now, reason)),

        Effect::InsertConsent(consent) => writes.push(consents::insert(consent)),
        Effect::WidenConsent { tenant, id, version, scopes, implicit } => {
            writes.push(consents::widen(tenant, *id, *version, scopes, *implicit));
        }
        Effect::EndConsent { tenant, id, now } => writes.push(consents::end(tenant, *id, *now)),

        Effect::InsertSession(session) => writes.push(sessions::insert(session)?),
        Effect::RenewSession { session, from } => writes.push(sessions::renew(session, *from)?),
        Effect::TouchSession { tenant, id, now } => writes.push(sessions::touch(tenant, *id, *now)),
        Effect::EndSession { tenant, id, now } => writes.extend(sessions::end(tenant, *id, *now)),
        Effect::EndSessionsOf { tenant, user, except, now } => {
            writes.extend(sessions::end_all(tenant, user, *except, *now));
        }

        Effect::EndBefore { tenant, user, version, valid_from, now } => {
            writes.extend(users::end_before(tenant, user, *version, *valid_from, *now));
        }

        Effect::CountAttempt { bucket, now, window_ms, limit } => {
            writes.push(throttle::count(*bucket, *now, *window_ms, *limit));
        }
        Effect::ForgiveAttempts { bucket } => writes.push(throttle::forgive(*bucket)),
        Effect::GiveAttemptBack { bucket } => writes.push(throttle::give_back(*bucket)),

        Effect::PutTenant(tenant) => writes.extend(tenants::put(tenant)?),
        Effect::PutIssuer(issuer) => writes.extend(issuers::put(issuer)?),
        Effect::PutUser(user) => writes.extend(users::put(user)?),
        Effect::PutClient(client) => writes.extend(clients::put(client)?),
        Effect::PutApi(api) => writes.extend(apis::put(api)?),
        Effect::FreeNames(tenant, id) => writes.extend(users::free_names(tenant, id)),
        Effect::FreeMount(tenant, id) => writes.push(issuers::free_mount(tenant, id)),
        Effect::RemoveIssuer(tenant, id, version) => writes.extend(issuers::remove(tenant, id, *version)),
        Effect::RemoveUser(tenant, id, version) => writes.extend(users::remove(tenant, id, *version)),
        Effect::RemoveClient(tenant, id, version) => writes.extend(clients::remove(tenant, id, *version)),
        Effect::RemoveApi(tenant, id, version) => writes.extend(apis::remove(tenant, id, *version)),
        Effect::ForgetMail(tenant, id) => writes.push(outbox::forget(tenant, *id)),
        Effect::QueueMail(mail) => writes.push(outbox::insert(mail, sealers)?),
        Effect::PutRole(role) => writes.push(roles::put(role)?),
        Effect::RemoveRole(tenant, key, version) => writes.push(roles::remove(tenant, *key, *version)),
        Effect::PutContext(context) => writes.extend(contexts::put(context)?),
        Effect::RemoveContext { tenant, key, version, now } => {
            writes.push(contexts::remove(tenant, *key, *version, *now));
        }
        Effect::PutMembership(membership) => writes.push(memberships::put(membership)),
        Effect::RemoveMembership(tenant, user, context, version) => {
            writes.extend(memberships::remove(tenant, user, *context, *version));
        }
        Effect::Assign(assignment) => writes.push(memberships::assign(assignment)),
        Effect::Unassign { tenant, user, context, role } => {
            writes.push(memberships::unassign(tenant, user, *context, *role));
        }
        Effect::Guard(guard) => writes.extend(administrators::guard(guard)),
        Effect::PutTombstone(tombstone) => writes.push(imports::bury(tombstone)),
        Effect::KeepAnswer { answer, now } => writes.push(answers::keep(answer, *now)),
        Effect::PutCredential(credential) => writes.push(credentials::put(credential)),
        Effect::AddCredential(credential) => writes.push(credentials::add(credential)),
        Effect::RemoveCredential(credential) => writes.push(credentials::remove(credential)),
        Effect::UpgradeCredential { credential, from } => writes.push(credentials::upgrade(credential, from)),

        Effect::PutSecret(secret) => writes.push(clients::put_secret(secret)),
        Effect::RetireSecret { tenant, client, id, expires_at } => {
            writes.push(clients::retire_secret(tenant, client, id, *expires_at));
        }
        Effect::RemoveSecret(tenant, client, id) => writes.push(clients::remove_secret(tenant, client, id)),

        Effect::PutExtension(extension) => writes.extend(extensions::put(extension)?),
        Effect::FreeAudiences(tenant, key) => writes.extend(audiences::free(tenant, *key)),
        Effect::RemoveExtension(tenant, key, version) => {
            writes.extend(extensions::remove(tenant, *key, *version));
        }
        Effect::PutInstallation(installation) => writes.push(installations::put(installation)?),
        Effect::AddInstallationSecret(new) => writes.push(installation_secrets::add_secret(new, sealers)?),
        Effect::DeliverInstallationSecret { tenant, installation, id, now } => {
            writes.push(installation_secrets::deliver_secret(tenant, installation, id, *now));
        }
        Effect::TakeInstallationSecret { tenant, installation, hash, number, now, retire_at } => {
            let of = (tenant, installation, *hash);
            writes.extend(installation_secrets::take_secret(of, *number, *now, *retire_at));
        }
        Effect::RetireInstallationSecret { tenant, installation, id, expires_at } => {
            writes.push(installation_secrets::retire_secret(tenant, installation, id, *expires_at));
        }
        Effect::ForgetInstallationSecrets(tenant, installation) => {
            writes.push(installation_secrets::forget_secrets(tenant, installation));
        }
        Effect::EndInstallationSecrets { tenant, extension, now } => {
            writes.push(installation_secrets::end_secrets(tenant, *extension, *now));
        }
        Effect::QueueWebhook(event) => writes.extend(webhooks::insert(event)),
        Effect::AbortWebhooks { tenant, installation, before, now } => {
            writes.extend(webhooks::abort(tenant, installation, *before, *now));
        }
        Effect::PauseWebhooks { tenant, installation, number, reason, now } => {
            writes.push(webhooks::queue::pause(tenant, installation, *number, reason, *now));
        }
        Effect::ResumeWebhooks { tenant, installation, now } => {
            writes.push(webhooks::queue::resume(tenant, installation, *now));
        }
        Effect::HoldWebhooks { tenant, installation, number, lease, now } => {
            writes.push(webhooks::held::hold((tenant, installation, *number), lease, *now));
        }
        Effect::SettleWebhook { tenant, installation, number, lease, is_delivered, now } => {
            let of = (tenant, installation, *number);
            writes.extend(webhooks::held::end(of, lease, *is_delivered, *now));
        }
        Effect::SkipWebhook { tenant, installation, number, now } => {
            writes.extend(webhooks::skip(tenant, installation, *number, *now));
        }
        Effect::ResendWebhook { tenant, installation, number, now } => {
            writes.extend(webhooks::resend(tenant, installation, *number, *now));
        }
        Effect::PutWebhookKey(key) => writes.push(webhooks::keys::put(key)),
        Effect::PutWebhookSecret(secret, retire_at) => {
            writes.extend(webhooks::keys::put_secret(secret, *retire_at));
        }

        Effect::PutKey(key) => writes.push(keys::put(key)),
        Effect::MoveKey { tenant, kid, from, to, now, published_until } => {
            writes.push(keys::shift((tenant, kid), (*from, *to), *now, *published_until));
        }
        Effect::RemoveKey(tenant, kid) => writes.push(keys::remove(tenant, kid)),
        Effect::PutMacKey(key) => writes.push(keys::put_mac(key)),
    }
    Ok(())
}

/// Whose configuration an effect changes, and what of it is cached.
fn touches(effect: &Effect) -> Option<(&TenantId, Changed)> {
    let client = |tenant, id: &ClientId| Some((tenant, Changed::Client(id.0.clone())));
    match effect {
        Effect::PutClient(put) => client(&put.tenant, &put.id),
        Effect::RemoveClient(tenant, id, _)
        | Effect::RetireSecret { tenant, client: id, .. }
        | Effect::RemoveSecret(tenant, id, _) => client(tenant, id),
        Effect::PutSecret(secret) => client(&secret.tenant, &secret.client),
        // Its client is an extension's from now on. What is one no longer is looked for, and not found.
        Effect::PutExtension(extension) => Some((&extension.tenant, Changed::Client(extension.id.0.clone()))),

        Effect::PutTenant(tenant) => Some((&tenant.id, Changed::Directory)),
        Effect::PutIssuer(issuer) => Some((&issuer.tenant, Changed::Directory)),
        Effect::PutApi(api) => Some((&api.tenant, Changed::Directory)),
        Effect::PutKey(key) => Some((&key.tenant, Changed::Directory)),
        Effect::PutMacKey(key) => Some((&key.tenant, Changed::Directory)),
        Effect::FreeMount(tenant, _)
        | Effect::RemoveIssuer(tenant, ..)
        | Effect::RemoveApi(tenant, ..)
        | Effect::MoveKey { tenant, .. }
        | Effect::RemoveKey(tenant, _) => Some((tenant, Changed::Directory)),

        Effect::Record(_)
        | Effect::FreeAudiences(..)
        | Effect::RemoveExtension(..)
        | Effect::PutInstallation(_)
        | Effect::AddInstallationSecret(_)
        | Effect::DeliverInstallationSecret { .. }
        | Effect::TakeInstallationSecret { .. }
        | Effect::RetireInstallationSecret { .. }
        | Effect::ForgetInstallationSecrets(..)
        | Effect::EndInstallationSecrets { .. }
        | Effect::QueueWebhook(_)
        | Effect::AbortWebhooks { .. }
        | Effect::PauseWebhooks { .. }
        | Effect::ResumeWebhooks { .. }
        | Effect::HoldWebhooks { .. }
        | Effect::SettleWebhook { .. }
        | Effect::SkipWebhook { .. }
        | Effect::ResendWebhook { .. }
        | Effect::PutWebhookKey(_)
        | Effect::PutWebhookSecret(..)
        | Effect::QueueMail(_)
        | Effect::KeepAnswer { .. }
        | Effect::ForgetMail(..)
        | Effect::PutRole(_)
        | Effect::PutTombstone(_)
        | Effect::Guard(_)
        | Effect::RemoveRole(..)
        | Effect::PutContext(_)
        | Effect::RemoveContext { .. }
        | Effect::PutMembership(_)
        | Effect::RemoveMembership(..)
        | Effect::Assign(_)
        | Effect::Unassign { .. }
        | Effect::InsertTicket(_)
        | Effect::ConsumeTicket(_)
        | Effect::CountTicketFailure { .. }
        | Effect::EndTicket { .. }
        | Effect::EndTicketsOf { .. }
        | Effect::RebindTicket { .. }
        | Effect::InsertGrant(_)
        | Effect::StartGrant { .. }
        | Effect::RotateGrant { .. }
        | Effect::TouchGrant { .. }
        | Effect::EndGrant { .. }
        | Effect::InsertConsent(_)
        | Effect::WidenConsent { .. }
        | Effect::EndConsent { .. }
        | Effect::InsertSession(_)
        | Effect::RenewSession { .. }
        | Effect::TouchSession { .. }
        | Effect::EndSession { .. }
        | Effect::EndSessionsOf { .. }
        | Effect::EndBefore { .. }
        | Effect::CountAttempt { .. }
        | Effect::ForgiveAttempts { .. }
        | Effect::GiveAttemptBack { .. }
        | Effect::PutUser(_)
        | Effect::FreeNames(..)
        | Effect::RemoveUser(..)
        | Effect::PutCredential(_)
        | Effect::AddCredential(_)
        | Effect::RemoveCredential(_)
        | Effect::UpgradeCredential { .. } => None,
    }
}

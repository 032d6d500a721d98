//! The outbox: mails that were queued in the commit of what they tell of. A mail is taken by putting its next turn off, so that two
//! nodes do not send one twice; who dies meanwhile leaves it to its next turn.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_core::id::{MailId, TenantId, UserId};
use doorward_core::model::{Event, Mail, MailContent, MailKind};
use doorward_core::{Effect, Timestamp};
use doorward_crypto::random::SystemRandom;
use doorward_crypto::seal::SealingKey;

use crate::seal::aad;
use crate::statement::{Statement, statements};
use crate::value::Row;
use crate::write::{Commit, Expect, Write};
use crate::{CommitError, Fault, Store, events};

statements! {
    /// Queues a mail.
    pub(crate) MAIL_INSERT = tenant
        "INSERT INTO outbox (id, tenant, kind, user_id, sealed, attempts, due_at, created_at)
         VALUES ($1, $2, $3, $4, $5, 0, $6, $6)";
    /// The mails whose turn it is, oldest first: all but requests, whose kinds these are.
    pub(crate) MAILS_DUE = server("one worker sends for every tenant")
        "SELECT", COLUMNS, "FROM outbox WHERE due_at <= $1 AND kind <> $3 AND kind <> $4 ORDER BY id LIMIT $2";
    /// The requests whose turn it is, oldest first.
    pub(crate) REQUESTS_DUE = server("one worker answers for every tenant")
        "SELECT", COLUMNS, "FROM outbox WHERE due_at <= $1 AND kind IN ($3, $4) ORDER BY id LIMIT $2";
    /// Takes a mail: nobody else has taken it since it was read.
    pub(crate) MAIL_TAKE = tenant
        "UPDATE outbox SET attempts = attempts + 1, due_at = $4 WHERE id = $1 AND tenant = $2 AND attempts = $3";
    /// Puts off a mail that cannot be read.
    pub(crate) MAIL_PUT_OFF = tenant "UPDATE outbox SET due_at = $3 WHERE id = $1 AND tenant = $2";
    /// Forgets a mail.
    pub(crate) MAIL_DELETE = tenant "DELETE FROM outbox WHERE id = $1 AND tenant = $2";
    /// How many wait, and since when the oldest.
    pub(crate) MAILS_WAITING = server("a figure of the server")
        "SELECT COUNT(*) AS waiting, MIN(created_at) AS oldest FROM outbox";
}

/// What is read of a mail that waits.
const COLUMNS: &str = "id, tenant, kind, user_id, sealed, attempts, created_at";

/// A mail that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The mail.
    pub mail: Mail,
    /// How often it was tried.
    pub attempts: i64,
}

/// What seals what is sealed of a commit, by tenant.
pub(crate) type Sealers = BTreeMap<TenantId, Arc<SealingKey>>;

pub(crate) fn insert(mail: &Mail, sealers: &Sealers) -> Result<Write, Fault> {
    let fault = |what: &str| Fault::new("queue a mail", what.to_owned());
    let sealer = sealers.get(&mail.tenant).ok_or_else(|| fault("there is no data key"))?;
    let plain = serde_json::to_vec(&mail.content).map_err(|error| fault(&error.to_string()))?;
    let sealed = sealer.seal(&aad_of(&mail.tenant, mail.id), &plain, &mut SystemRandom);
    Ok(Write::new(
        &MAIL_INSERT,
        Expect::One,
        vec![
            mail.id.0.into(),
            mail.tenant.as_str().into(),
            mail.kind.as_str().into(),
            mail.user.as_ref().map(UserId::as_str).into(),
            sealed.into(),
            mail.created_at.into(),
        ],
    ))
}

pub(crate) fn forget(tenant: &TenantId, id: MailId) -> Write {
    Write::new(&MAIL_DELETE, Expect::One, vec![id.0.into(), tenant.as_str().into()])
}

fn aad_of(tenant: &TenantId, id: MailId) -> Vec<u8> {
    aad("outbox", &[tenant.as_str(), &id.to_string()], "sealed")
}

impl Store {
    /// What seals the mails and secrets among `effects`.
    pub(crate) async fn sealers(&self, effects: &[Effect]) -> Result<Sealers, Fault> {
        let mut sealers = Sealers::new();
        for effect in effects {
            let tenant = match effect {
                Effect::QueueMail(mail) => &mail.tenant,
                Effect::AddInstallationSecret(new) => &new.row.tenant,
                _ => continue,
            };
            if !sealers.contains_key(tenant) {
                sealers.insert(tenant.clone(), self.sealer(tenant).await?);
            }
        }
        Ok(sealers)
    }

    /// At most `limit` mails to be sent whose turn it is, oldest first.
    pub async fn mails_due(&self, limit: i64) -> Result<Vec<Waiting>, Fault> {
        self.due(&MAILS_DUE, limit).await
    }

    /// At most `limit` requests whose turn it is, oldest first.
    pub async fn requests_due(&self, limit: i64) -> Result<Vec<Waiting>, Fault> {
        self.due(&REQUESTS_DUE, limit).await
    }

    /// What a statement finds that waits. One that cannot be read keeps no other from being sent: it is put off for
    /// an hour, and told of in the log.
    async fn due(&self, statement: &'static Statement, limit: i64) -> Result<Vec<Waiting>, Fault> {
        let [one, other] = MailKind::REQUESTS.map(|kind| kind.as_str().into());
        let rows = self.driver().read(statement, &[self.now().into(), limit.into(), one, other]).await?;
        let mut waiting = Vec::with_capacity(rows.len());
        for mut row in rows {
            let (id, tenant) = (row.int()?, TenantId::from(row.text()?));
            match self.opened_mail(id, &tenant, &mut row).await {
                Ok(mail) => waiting.push(mail),
                Err(fault) => {
                    tracing::error!(mail.id = id, fault.detail = %fault.detail, "a mail cannot be read, and waits for an hour");
                    let later = self.now().plus_ms(UNREADABLE_MS);
                    let params = vec![id.into(), tenant.as_str().into(), later.into()];
                    self.outbox_commit(vec![Write::new(&MAIL_PUT_OFF, Expect::Any, params)], None).await?;
                }
            }
        }
        Ok(waiting)
    }

    async fn opened_mail(&self, id: i64, tenant: &TenantId, row: &mut Row) -> Result<Waiting, Fault> {
        let (id, tenant) = (MailId(id), tenant.clone());
        let kind = row.word(MailKind::parse)?;
        let user = row.opt_text()?.map(Into::into);
        let sealed = row.blob()?;
        let attempts = row.int()?;
        let created_at = row.time()?;
        let sealer = self.sealer(&tenant).await?;
        let plain = sealer.open(&aad_of(&tenant, id), &sealed);
        let plain = plain.map_err(|error| row.fault(&error.to_string()))?;
        let content: MailContent =
            serde_json::from_slice(&plain).map_err(|_| row.fault("a mail cannot be read"))?;
        Ok(Waiting { mail: Mail { id, tenant, kind, user, content, created_at }, attempts })
    }

    /// Takes a mail until `due_at`: false when another node has it.
    pub async fn take_mail(&self, waiting: &Waiting, due_at: Timestamp) -> Result<bool, Fault> {
        let params = vec![
            waiting.mail.id.0.into(),
            waiting.mail.tenant.as_str().into(),
            waiting.attempts.into(),
            due_at.into(),
        ];
        self.outbox_commit(vec![Write::new(&MAIL_TAKE, Expect::One, params)], None).await
    }

    /// Forgets a mail that was sent, or is given up, with the event that says so.
    pub async fn forget_mail(&self, mail: &Mail, event: Option<&Event>) -> Result<bool, Fault> {
        let params = vec![mail.id.0.into(), mail.tenant.as_str().into()];
        let mut writes = vec![Write::new(&MAIL_DELETE, Expect::One, params)];
        writes.extend(event.map(events::insert).transpose()?);
        self.outbox_commit(writes, event).await
    }

    /// How many mails wait, and since when the oldest.
    pub async fn mails_waiting(&self) -> Result<(i64, Option<Timestamp>), Fault> {
        let rows = self.driver().read(&MAILS_WAITING, &[]).await?;
        let Some(mut row) = rows.into_iter().next() else { return Ok((0, None)) };
        Ok((row.int()?, row.opt_time()?))
    }

    async fn outbox_commit(&self, writes: Vec<Write>, event: Option<&Event>) -> Result<bool, Fault> {
        let commit = Commit { event: event.map(|event| event.id), ending: false, writes };
        match self.driver().commit(commit).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(CommitError::Fault(fault)) => Err(fault),
        }
    }
}

/// Milliseconds for which a mail that cannot be read is put off.
const UNREADABLE_MS: i64 = 3_600_000;

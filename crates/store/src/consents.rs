//! Consents.

use doorward_core::Timestamp;
use doorward_core::facts::Application;
use doorward_core::id::{ClientId, ConsentId, InstallationId, TenantId, UserId};
use doorward_core::model::{Client, Consent, Context};
use doorward_wire::scope::Scopes;

use crate::installations::IN_PLACE;
use crate::statement::{columns_of, statements};
use crate::value::{Row, Value};
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Stores a consent. Conflict: a live one of that person and client exists.
    pub(crate) CONSENT_INSERT = tenant
        "INSERT INTO consents (", COLUMNS, ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Replaces what a live consent allows, at a version.
    pub(crate) CONSENT_WIDEN = tenant
        "UPDATE consents SET scopes = $4, implicit = $5, version = version + 1
         WHERE id = $1 AND tenant = $2 AND version = $3 AND ended_at IS NULL";
    /// Ends a consent.
    pub(crate) CONSENT_END = tenant
        "UPDATE consents SET ended_at = $3 WHERE id = $1 AND tenant = $2 AND ended_at IS NULL";
    /// Removes what people allowed a client that is removed: all its grants are dead with it, whatever is made anew under its name.
    pub(crate) CONSENTS_DELETE_CLIENT = tenant "DELETE FROM consents WHERE tenant = $1 AND client_id = $2";
    /// Removes what a person who is removed had allowed.
    pub(crate) CONSENTS_DELETE_USER = tenant "DELETE FROM consents WHERE tenant = $1 AND user_id = $2";
    /// A consent.
    pub(crate) CONSENT = tenant "SELECT", COLUMNS, "FROM consents WHERE id = $1 AND tenant = $2";
    /// The live consent of a person and a client.
    pub(crate) CONSENT_LIVE = tenant
        "SELECT", COLUMNS, "FROM consents
         WHERE tenant = $1 AND user_id = $2 AND client_id = $3 AND installation IS NULL AND ended_at IS NULL";
    /// The live consent of a person and an installation of the extension that the client is.
    pub(crate) CONSENT_LIVE_THERE = tenant
        "SELECT", COLUMNS, "FROM consents
         WHERE tenant = $1 AND user_id = $2 AND client_id = $3 AND installation = $4 AND ended_at IS NULL";
    /// The live consent of a session's person and a client.
    pub(crate) CONSENT_OF_SESSION = tenant
        "SELECT", JOINED, "FROM sessions
         JOIN consents ON consents.tenant = sessions.tenant AND consents.user_id = sessions.user_id
         WHERE sessions.id = $1 AND sessions.tenant = $2 AND consents.client_id = $3
             AND consents.installation IS NULL AND consents.ended_at IS NULL";
    /// A person's live consents with their clients, their last use, and where the installation is that they were given to: of one that
    /// was removed, there is nothing left to take back.
    pub(crate) CONSENTS_OF = tenant
        "SELECT", JOINED, ", clients.data,
             (SELECT MAX(grants.used_at) FROM grants WHERE grants.consent_id = consents.id) AS used_at,
             there.data AS there
         FROM consents
         JOIN clients ON clients.tenant = consents.tenant AND clients.id = consents.client_id
         LEFT JOIN installations ON installations.tenant = consents.tenant AND installations.id = consents.installation
             AND installations.removed_at IS NULL AND", IN_PLACE, "
         LEFT JOIN contexts AS there ON there.tenant = installations.tenant AND there.key = installations.context_key
         WHERE consents.tenant = $1 AND consents.user_id = $2 AND consents.ended_at IS NULL
             AND (consents.installation IS NULL OR installations.id IS NOT NULL)
         ORDER BY consents.id DESC
         LIMIT 500";
    /// Live consents of a person, newest first, from the one before `$3`.
    pub(crate) CONSENTS_OF_USER = tenant
        "SELECT", COLUMNS, "FROM consents WHERE tenant = $1 AND user_id = $2 AND ended_at IS NULL AND id < $3
         ORDER BY id DESC LIMIT $4";
    /// Live consents that a client was given, newest first, from the one before `$3`.
    pub(crate) CONSENTS_OF_CLIENT = tenant
        "SELECT", COLUMNS, "FROM consents WHERE tenant = $1 AND client_id = $2 AND ended_at IS NULL AND id < $3
         ORDER BY id DESC LIMIT $4";
}

/// The columns of a consent's row.
const COLUMNS: &str =
    "id, tenant, user_id, client_id, installation, scopes, implicit, version, created_at, ended_at";
const JOINED: &str = columns_of!("consents", COLUMNS);

pub(crate) fn insert(consent: &Consent) -> Write {
    Write::new(
        &CONSENT_INSERT,
        Expect::One,
        vec![
            consent.id.0.into(),
            consent.tenant.as_str().into(),
            consent.user.as_str().into(),
            consent.client.as_str().into(),
            consent.installation.as_ref().map(|of| of.as_str()).into(),
            consent.scopes.to_string().into(),
            consent.implicit.into(),
            consent.version.into(),
            consent.created_at.into(),
            consent.ended_at.into(),
        ],
    )
}

pub(crate) fn widen(
    tenant: &TenantId,
    id: ConsentId,
    version: i64,
    scopes: &Scopes,
    implicit: bool,
) -> Write {
    Write::new(
        &CONSENT_WIDEN,
        Expect::One,
        vec![id.0.into(), tenant.as_str().into(), version.into(), scopes.to_string().into(), implicit.into()],
    )
}

pub(crate) fn end(tenant: &TenantId, id: ConsentId, now: Timestamp) -> Write {
    Write::new(&CONSENT_END, Expect::AtMostOne, vec![id.0.into(), tenant.as_str().into(), now.into()])
}

/// The consent of the next columns.
pub(crate) fn consent(row: &mut Row) -> Result<Consent, Fault> {
    Ok(Consent {
        id: ConsentId(row.int()?),
        tenant: row.text()?.into(),
        user: row.text()?.into(),
        client: row.text()?.into(),
        installation: row.opt_text()?.map(Into::into),
        scopes: row.word(|text| Scopes::parse(text).ok())?,
        implicit: row.flag()?,
        version: row.int()?,
        created_at: row.time()?,
        ended_at: row.opt_time()?,
    })
}

impl Store {
    /// What a person has allowed and not taken back, newest first: at most 500.
    pub async fn applications_of(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Application>, Fault> {
        let params = [tenant.as_str().into(), user.as_str().into()];
        let application = |row: &mut Row| {
            Ok(Application {
                consent: consent(row)?,
                client_name: row.json::<Client>()?.name,
                used_at: row.opt_time()?,
                context_name: row.opt_json::<Context>()?.map(|context| context.name),
            })
        };
        self.list(&CONSENTS_OF, &params, application).await
    }

    /// At most `limit` live consents of a person, newest first, from the one before `before`.
    pub async fn consents_of_user(
        &self,
        tenant: &TenantId,
        user: &UserId,
        before: Option<ConsentId>,
        limit: i64,
    ) -> Result<Vec<Consent>, Fault> {
        let before = before.map_or(i64::MAX, |id| id.0);
        let params = [tenant.as_str().into(), user.as_str().into(), before.into(), limit.into()];
        self.list(&CONSENTS_OF_USER, &params, consent).await
    }

    /// At most `limit` live consents that a client was given, newest first, from the one before `before`.
    pub async fn consents_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        before: Option<ConsentId>,
        limit: i64,
    ) -> Result<Vec<Consent>, Fault> {
        let before = before.map_or(i64::MAX, |id| id.0);
        let params = [tenant.as_str().into(), client.as_str().into(), before.into(), limit.into()];
        self.list(&CONSENTS_OF_CLIENT, &params, consent).await
    }

    /// A consent by its id, in whatever state.
    pub async fn consent_by_id(&self, tenant: &TenantId, id: ConsentId) -> Result<Option<Consent>, Fault> {
        self.one(&CONSENT, &[id.0.into(), tenant.as_str().into()], consent).await
    }

    /// The live consent of a person and a client.
    pub async fn consent_of(
        &self,
        tenant: &TenantId,
        user: &UserId,
        client: &ClientId,
    ) -> Result<Option<Consent>, Fault> {
        let params: [Value; 3] = [tenant.as_str().into(), user.as_str().into(), client.as_str().into()];
        self.one(&CONSENT_LIVE, &params, consent).await
    }

    /// The live consent of a person and an installation of the extension that the client is.
    pub async fn consent_there(
        &self,
        tenant: &TenantId,
        user: &UserId,
        client: &ClientId,
        installation: &InstallationId,
    ) -> Result<Option<Consent>, Fault> {
        let params: [Value; 4] = [
            tenant.as_str().into(),
            user.as_str().into(),
            client.as_str().into(),
            installation.as_str().into(),
        ];
        self.one(&CONSENT_LIVE_THERE, &params, consent).await
    }
}

//! What people can show beside their password: credentials of the kinds `totp` and `recovery`.

use doorward_core::facts::SessionHandle;
use doorward_core::id::UserId;
use doorward_core::login::second_factor::Factors;
use doorward_core::model::Credential;
use doorward_core::{Needs, id::TenantId};

use crate::Fault;
use crate::statement::{Statement, statements};
use crate::value::{Row, Value};
use crate::write::{Expect, Write};

statements! {
    /// Stores a credential of a kind that the person has none of.
    pub(crate) CREDENTIAL_ADD = tenant
        "INSERT INTO credentials (tenant, user_id, kind, id, data, created_at) VALUES ($1, $2, $3, '', $4, $5)
         ON CONFLICT (tenant, user_id, kind, id) DO NOTHING";
    /// Removes a credential that is as it was read.
    pub(crate) CREDENTIAL_REMOVE = tenant
        "DELETE FROM credentials WHERE tenant = $1 AND user_id = $2 AND kind = $3 AND id = '' AND data = $4";
    /// A person's, by id.
    pub(crate) FACTORS = tenant
        "SELECT user_id, kind, data, created_at
         FROM credentials
         WHERE tenant = $1 AND user_id = $2 AND id = '' AND kind IN ('totp', 'recovery', 'told_closed')";
    /// A person's, by a name they sign in with.
    pub(crate) FACTORS_BY_NAME = tenant
        "SELECT credentials.user_id, credentials.kind, credentials.data, credentials.created_at
         FROM login_names
         JOIN credentials
             ON credentials.tenant = login_names.tenant AND credentials.user_id = login_names.user_id
             AND credentials.id = '' AND credentials.kind IN ('totp', 'recovery', 'told_closed')
         WHERE login_names.tenant = $1 AND login_names.name_key = $2";
    /// Those of the person of a session.
    pub(crate) FACTORS_OF_SESSION = tenant
        "SELECT credentials.user_id, credentials.kind, credentials.data, credentials.created_at
         FROM sessions
         JOIN credentials
             ON credentials.tenant = sessions.tenant AND credentials.user_id = sessions.user_id
             AND credentials.id = '' AND credentials.kind IN ('totp', 'recovery', 'told_closed')
         WHERE sessions.tenant = $1 AND sessions.id = $2";
}

/// The question that `needs` asks, if it asks for factors.
pub(crate) fn question(tenant: &TenantId, needs: &Needs) -> Option<(&'static Statement, Vec<Value>)> {
    let (statement, of): (&'static Statement, Value) =
        match (needs.factors, &needs.user, &needs.login_name, needs.session) {
            (true, Some(user), ..) => (&FACTORS, UserId::as_str(user).into()),
            (true, None, Some(name), _) => (&FACTORS_BY_NAME, name.as_str().into()),
            (true, None, None, Some(SessionHandle { id, .. })) => (&FACTORS_OF_SESSION, id.0.into()),
            (true, None, None, None) | (false, ..) => return None,
        };
    Some((statement, vec![tenant.as_str().into(), of]))
}

/// What the answer says.
pub(crate) fn factors(tenant: &TenantId, rows: Vec<Row>) -> Result<Factors, Fault> {
    let credential = |mut row: Row| {
        Ok(Credential {
            tenant: tenant.clone(),
            user: row.text()?.into(),
            kind: row.text()?,
            data: row.text()?,
            created_at: row.time()?,
        })
    };
    Ok(Factors::of(rows.into_iter().map(credential).collect::<Result<Vec<_>, Fault>>()?))
}

pub(crate) fn add(credential: &Credential) -> Write {
    Write::new(
        &CREDENTIAL_ADD,
        Expect::One,
        vec![
            credential.tenant.as_str().into(),
            credential.user.as_str().into(),
            credential.kind.as_str().into(),
            credential.data.as_str().into(),
            credential.created_at.into(),
        ],
    )
}

pub(crate) fn remove(credential: &Credential) -> Write {
    Write::new(
        &CREDENTIAL_REMOVE,
        Expect::One,
        vec![
            credential.tenant.as_str().into(),
            credential.user.as_str().into(),
            credential.kind.as_str().into(),
            credential.data.as_str().into(),
        ],
    )
}

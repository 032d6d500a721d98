//! What people can show beside their password: credentials of the kinds `totp` and `recovery`.

use doorward_core::id::UserId;
use doorward_core::login::second_factor::Factors;
use doorward_core::model::Credential;
use doorward_core::needs::SessionHandle;
use doorward_core::{Needs, id::TenantId};

use crate::Fault;
use crate::statement::{Statement, statements};
use crate::value::{Row, Value};

statements! {
    /// A person's, by id.
    pub(crate) FACTORS = tenant
        "SELECT", COLUMNS, "FROM credentials WHERE tenant = $1 AND user_id = $2 AND", OF_FACTORS;
    /// A person's, by a name they sign in with.
    pub(crate) FACTORS_BY_NAME = tenant
        "SELECT", COLUMNS, "FROM login_names
         JOIN credentials ON credentials.tenant = login_names.tenant AND credentials.user_id = login_names.user_id AND", OF_FACTORS,
        "WHERE login_names.tenant = $1 AND login_names.name_key = $2";
    /// Those of the person of a session.
    pub(crate) FACTORS_OF_SESSION = tenant
        "SELECT", COLUMNS, "FROM sessions
         JOIN credentials ON credentials.tenant = sessions.tenant AND credentials.user_id = sessions.user_id AND", OF_FACTORS,
        "WHERE sessions.tenant = $1 AND sessions.id = $2";
}

/// What [`factors`] reads, and of which credentials.
const COLUMNS: &str = "credentials.user_id, credentials.kind, credentials.data, credentials.created_at";
const OF_FACTORS: &str = "credentials.id = '' AND credentials.kind IN ('totp', 'recovery', 'told_closed')";

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

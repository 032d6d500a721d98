//! Credentials of people: their passwords and what else they can show, and what upstream providers know them as.

use doorward_core::id::{TenantId, UserId};
use doorward_core::model::Credential;

use crate::statement::{repeated, statements};
use crate::users::MANY;
use crate::value::{Row, Value};
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// How many second factors a person has.
    pub(crate) SECOND_FACTORS = tenant
        "SELECT COUNT(*) AS rows FROM credentials
         WHERE tenant = $1 AND user_id = $2 AND kind = 'totp'";
    /// How many passwords came from elsewhere, and have not been hashed anew.
    pub(crate) FOREIGN_PASSWORDS = server("a figure of the server")
        "SELECT COUNT(*) AS rows FROM credentials WHERE kind = 'password' AND substr(data, 1, 10) <> '$argon2id$'";
    /// Sets a credential, replacing the one of that kind.
    pub(crate) CREDENTIAL_PUT = tenant
        "INSERT INTO credentials (", COLUMNS, ") VALUES", repeated!(ROW, 1, from 1), IN_ITS_PLACE;
    /// Sets as many credentials, each of another person.
    pub(crate) CREDENTIALS_PUT = tenant "INSERT INTO credentials (", COLUMNS, ") VALUES", repeated!(ROW, MANY, from 1), IN_ITS_PLACE;
    /// Stores a credential of a kind that the person has none of.
    pub(crate) CREDENTIAL_ADD = tenant
        "INSERT INTO credentials (", COLUMNS, ") VALUES", repeated!(ROW, 1, from 1),
        "ON CONFLICT (tenant, user_id, kind, id) DO NOTHING";
    /// Removes a credential that is as it was read.
    pub(crate) CREDENTIAL_REMOVE = tenant
        "DELETE FROM credentials WHERE tenant = $1 AND user_id = $2 AND kind = $3 AND id = '' AND data = $4";
    /// A credential's data.
    pub(crate) CREDENTIAL = tenant
        "SELECT data FROM credentials WHERE tenant = $1 AND user_id = $2 AND kind = $3 AND id = ''";
    /// Replaces a credential's data where it is as it was read.
    pub(crate) CREDENTIAL_UPGRADE = tenant
        "UPDATE credentials SET data = $4, created_at = $6
         WHERE tenant = $1 AND user_id = $2 AND kind = $3 AND id = '' AND data = $5";
    /// Removes a person's credentials.
    pub(crate) CREDENTIALS_DELETE = tenant "DELETE FROM credentials WHERE tenant = $1 AND user_id = $2";
    /// Removes what upstream providers know a person as.
    pub(crate) IDENTITIES_DELETE = tenant "DELETE FROM identities WHERE tenant = $1 AND user_id = $2";
}

/// The columns of a row that is set, of the one that there is of its kind.
const COLUMNS: &str = "tenant, user_id, kind, id, data, created_at";
const ROW: &str = "($, $, $, '', $, $)";
const IN_ITS_PLACE: &str = "
    ON CONFLICT (tenant, user_id, kind, id) DO UPDATE SET
        data = excluded.data,
        created_at = excluded.created_at";

pub(crate) fn put(credential: &Credential) -> Write {
    Write::new(&CREDENTIAL_PUT, Expect::One, with(credential, credential.created_at))
}

pub(crate) fn add(credential: &Credential) -> Write {
    Write::new(&CREDENTIAL_ADD, Expect::One, with(credential, credential.created_at))
}

pub(crate) fn upgrade(credential: &Credential, from: &str) -> Write {
    let mut params = with(credential, from);
    params.push(credential.created_at.into());
    Write::new(&CREDENTIAL_UPGRADE, Expect::One, params)
}

pub(crate) fn remove(credential: &Credential) -> Write {
    Write::new(&CREDENTIAL_REMOVE, Expect::One, params(credential).into())
}

/// Whose credential of which kind, its data, and one more.
fn with(credential: &Credential, last: impl Into<Value>) -> Vec<Value> {
    params(credential).into_iter().chain([last.into()]).collect()
}

fn params(credential: &Credential) -> [Value; 4] {
    [
        credential.tenant.as_str().into(),
        credential.user.as_str().into(),
        credential.kind.as_str().into(),
        credential.data.as_str().into(),
    ]
}

impl Store {
    /// How many second factors a person has.
    pub async fn second_factors(&self, tenant: &TenantId, user: &UserId) -> Result<i64, Fault> {
        let params = [tenant.as_str().into(), user.as_str().into()];
        Ok(self.one(&SECOND_FACTORS, &params, Row::int).await?.unwrap_or(0))
    }

    /// How many passwords are not hashed as ours are.
    pub async fn foreign_passwords(&self) -> Result<i64, Fault> {
        Ok(self.one(&FOREIGN_PASSWORDS, &[], Row::int).await?.unwrap_or(0))
    }
}

//! People, the names they sign in with, and their credentials.

use doorward_core::Timestamp;
use doorward_core::facts::UserFacts;
use doorward_core::id::{TenantId, UserId};
use doorward_core::model::{Credential, User};

use crate::administrators::{self, ADMINISTRATOR_DELETE};
use crate::consents::CONSENTS_DELETE_USER;
use crate::credentials::{CREDENTIALS_DELETE, IDENTITIES_DELETE};
use crate::memberships::{ASSIGNMENTS_DELETE_USER, MEMBERSHIPS_DELETE_USER};
use crate::object::{Put, json, versioned};
use crate::sessions::{SESSIONS_DELETE_USER, told_of_removal};
use crate::statement::{Statement, columns_of, joined, repeated, statements};
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store, logouts};

statements! {
    /// Creates a person. Conflict: there is one.
    pub(crate) USER_INSERT = tenant "INSERT INTO users ( tenant, id,", COLUMNS, ") VALUES", repeated!(ROW, 1, from 1);
    /// Creates as many people as [`MANY`] says.
    pub(crate) USERS_INSERT = tenant "INSERT INTO users ( tenant, id,", COLUMNS, ") VALUES", repeated!(ROW, MANY, from 1);
    /// Replaces a person at a version.
    pub(crate) USER_UPDATE = tenant
        "UPDATE users SET
             data = $3,
             disabled_at = $4,
             locked_at = $5,
             valid_from = $6,
             external_id = $7,
             external_version = $8,
             version = $9,
             updated_at = $10
         WHERE tenant = $1 AND id = $2 AND version = $11";
    /// Nothing from before counts for a person at a version.
    pub(crate) USER_END_BEFORE = tenant
        "UPDATE users SET valid_from = $4, updated_at = $5, version = version + 1
         WHERE tenant = $1 AND id = $2 AND version = $3";
    /// Removes a person at a version.
    pub(crate) USER_DELETE = tenant "DELETE FROM users WHERE tenant = $1 AND id = $2 AND version = $3";
    /// Takes a name for a person; no row when another has it.
    pub(crate) LOGIN_NAME_TAKE = tenant
        "INSERT INTO login_names (tenant, user_id, name_key) VALUES", repeated!("($, $, $)", 1, from 1), UNLESS_TAKEN;
    /// Takes as many names, each for a person.
    pub(crate) LOGIN_NAMES_TAKE = tenant
        "INSERT INTO login_names (tenant, user_id, name_key) VALUES", repeated!("($, $, $)", MANY, from 1), UNLESS_TAKEN;
    /// Gives a person's names back, but for two.
    pub(crate) LOGIN_NAMES_GIVE_BACK = tenant
        "DELETE FROM login_names WHERE tenant = $1 AND user_id = $2 AND name_key <> $3 AND name_key <> $4";
    /// Removes a person's names.
    pub(crate) LOGIN_NAMES_DELETE = tenant "DELETE FROM login_names WHERE tenant = $1 AND user_id = $2";
    /// Gives a person's id in the system that brings people in back.
    pub(crate) EXTERNAL_ID_GIVE_BACK = tenant
        "UPDATE users SET external_id = NULL WHERE tenant = $1 AND id = $2";
    /// A person by id, with their password.
    pub(crate) USER = tenant
        "SELECT", WITH_PASSWORD, "FROM users", AND_PASSWORD, "WHERE users.tenant = $1 AND users.id = $2";
    /// A person by a name they sign in with, with their password.
    pub(crate) USER_BY_NAME = tenant
        "SELECT", WITH_PASSWORD, "FROM", NAMES_AND_USERS, AND_PASSWORD,
        "WHERE login_names.tenant = $1 AND login_names.name_key = $2";
    /// People of a tenant with their passwords, in order of id, from the one after `$2`.
    pub(crate) USERS_OF = tenant
        "SELECT", WITH_PASSWORD, "FROM users", AND_PASSWORD,
        "WHERE users.tenant = $1 AND users.id > $2 ORDER BY users.id LIMIT $3";
    /// A person by their id in the system that brings people in.
    pub(crate) USER_BY_EXTERNAL_ID = tenant
        "SELECT", WITH_PASSWORD, "FROM users", AND_PASSWORD, "WHERE users.tenant = $1 AND users.external_id = $2";
    /// People whose name or address begins so, each at the first of these, in the order of names, from the one after `$4`.
    pub(crate) USERS_NAMED = tenant
        "SELECT login_names.name_key,", WITH_PASSWORD, "FROM", NAMES_AND_USERS, AND_PASSWORD,
        "WHERE login_names.tenant = $1 AND login_names.name_key >= $6 AND login_names.name_key < $3
             AND (login_names.name_key || '') > $4
             AND NOT EXISTS (
                 SELECT 1 FROM login_names AS earlier
                 WHERE earlier.tenant = login_names.tenant AND earlier.user_id = login_names.user_id
                     AND earlier.name_key >= $2 AND earlier.name_key < login_names.name_key
             )
         ORDER BY login_names.name_key
         LIMIT $5";
    /// People of a tenant who are disabled, in order of id, from the one after `$2`.
    pub(crate) USERS_DISABLED = tenant
        "SELECT", WITH_PASSWORD, "FROM users", AND_PASSWORD,
        "WHERE users.tenant = $1 AND users.id > $2 AND users.disabled_at IS NOT NULL ORDER BY users.id LIMIT $3";
    /// People of a tenant who are not disabled, in order of id, from the one after `$2`.
    pub(crate) USERS_ENABLED = tenant
        "SELECT", WITH_PASSWORD, "FROM users", AND_PASSWORD,
        "WHERE users.tenant = $1 AND users.id > $2 AND users.disabled_at IS NULL ORDER BY users.id LIMIT $3";
    /// People by their ids in the system that brings them in, with their passwords. Joined, because of a list an engine may think that
    /// going through all people of the tenant is less.
    pub(crate) USERS_EXTERNAL = tenant
        "WITH asked (external_id) AS (VALUES", repeated!("($)", ASKED, from 2), ")
         SELECT", WITH_PASSWORD, "FROM asked
         JOIN users ON users.tenant = $1 AND users.external_id = asked.external_id", AND_PASSWORD;
    /// People by id, with their passwords.
    pub(crate) USERS_WITH_ID = tenant
        "SELECT", WITH_PASSWORD, "FROM users", AND_PASSWORD,
        "WHERE users.tenant = $1 AND users.id IN (", repeated!("$", ASKED, from 2), ")";
    /// Whose names these are.
    pub(crate) NAME_OWNERS = tenant
        "SELECT name_key, user_id FROM login_names WHERE tenant = $1 AND name_key IN (", repeated!("$", ASKED, from 2), ")";
}

/// The columns that [`put`] writes behind tenant and id, and [`joined`] reads.
const COLUMNS: &str = "
    data, disabled_at, locked_at, valid_from, external_id, external_version, version, updated_at, created_at";
const ROW: &str = "($, $, $, $, $, $, $, $, $, $, $)";
/// The same where other tables stand beside.
pub(crate) const JOINED: &str = columns_of!("users", COLUMNS);
/// The columns that [`facts`] reads, and where the password comes from.
const WITH_PASSWORD: &str =
    joined!(JOINED, ", credentials.data AS password, credentials.created_at AS password_created_at");
const AND_PASSWORD: &str = "
    LEFT JOIN credentials
        ON credentials.tenant = users.tenant AND credentials.user_id = users.id
        AND credentials.kind = 'password' AND credentials.id = ''";
const NAMES_AND_USERS: &str =
    "login_names JOIN users ON users.tenant = login_names.tenant AND users.id = login_names.user_id";
const UNLESS_TAKEN: &str = "
    ON CONFLICT (tenant, name_key) DO UPDATE SET user_id = excluded.user_id
    WHERE login_names.user_id = excluded.user_id";

pub(crate) fn put(user: &User) -> Result<Vec<Write>, Fault> {
    let (tenant, id) = (user.tenant.as_str(), user.id.as_str());
    let stored = User { version: user.version + 1, ..user.clone() };
    let data = json("user", &stored)?;
    let name = user.user_name_key.as_str();
    let email = user.email_key.as_deref().unwrap_or(name);
    // Whoever is made has no sessions.
    let ends = user.valid_from.filter(|_| user.version > 0);
    let mut writes: Vec<Write> = ends
        .map(|valid_from| logouts::before(&user.tenant, &user.id, valid_from, user.updated_at))
        .into_iter()
        .collect();
    writes.push(versioned(
        Put { insert: &USER_INSERT, update: &USER_UPDATE, version: user.version },
        vec![
            tenant.into(),
            id.into(),
            data.into(),
            user.disabled_at.into(),
            user.locked_at.into(),
            user.valid_from.into(),
            user.external_id.clone().into(),
            user.external_version.into(),
            stored.version.into(),
            user.updated_at.into(),
        ],
        vec![user.created_at.into()],
    ));
    // Whoever is made has none.
    if user.version > 0 {
        let params = vec![tenant.into(), id.into(), name.into(), email.into()];
        writes.push(Write::new(&LOGIN_NAMES_GIVE_BACK, Expect::Any, params));
    }
    writes.push(take(tenant, id, name));
    if email != name {
        writes.push(take(tenant, id, email));
    }
    writes.extend(administrators::note(user));
    Ok(writes)
}

pub(crate) fn free_names(tenant: &TenantId, id: &UserId) -> [Write; 2] {
    let params = || vec![tenant.as_str().into(), id.as_str().into()];
    [
        Write::new(&LOGIN_NAMES_DELETE, Expect::Any, params()),
        Write::new(&EXTERNAL_ID_GIVE_BACK, Expect::AtMostOne, params()),
    ]
}

pub(crate) fn end_before(
    tenant: &TenantId,
    id: &UserId,
    version: i64,
    valid_from: Timestamp,
    now: Timestamp,
) -> [Write; 2] {
    let params =
        vec![tenant.as_str().into(), id.as_str().into(), version.into(), valid_from.into(), now.into()];
    [logouts::before(tenant, id, valid_from, now), Write::new(&USER_END_BEFORE, Expect::One, params)]
}

pub(crate) fn remove(tenant: &TenantId, id: &UserId, version: i64) -> Vec<Write> {
    let told = told_of_removal(tenant, id);
    let (tenant, id) = (tenant.as_str(), id.as_str());
    let mut writes =
        vec![told, Write::new(&USER_DELETE, Expect::One, vec![tenant.into(), id.into(), version.into()])];
    for statement in [
        &LOGIN_NAMES_DELETE,
        &CREDENTIALS_DELETE,
        &IDENTITIES_DELETE,
        &SESSIONS_DELETE_USER,
        &CONSENTS_DELETE_USER,
        &MEMBERSHIPS_DELETE_USER,
        &ASSIGNMENTS_DELETE_USER,
        &ADMINISTRATOR_DELETE,
    ] {
        writes.push(Write::new(statement, Expect::Any, vec![tenant.into(), id.into()]));
    }
    writes
}

/// The person of the next nine columns; none when a LEFT JOIN found nobody.
pub(crate) fn joined(row: &mut Row) -> Result<Option<User>, Fault> {
    let Some(mut user) = row.opt_json::<User>()? else {
        row.skip(8)?;
        return Ok(None);
    };
    user.disabled_at = row.opt_time()?;
    user.locked_at = row.opt_time()?;
    user.valid_from = row.opt_time()?;
    user.external_id = row.opt_text()?;
    user.external_version = row.opt_int()?;
    user.version = row.int()?;
    user.updated_at = row.time()?;
    user.created_at = row.time()?;
    Ok(Some(user))
}

pub(crate) fn facts(row: &mut Row) -> Result<UserFacts, Fault> {
    let user = joined(row)?.ok_or_else(|| row.fault("a person is NULL"))?;
    let (data, created_at) = (row.opt_text()?, row.opt_time()?);
    let password = data.zip(created_at).map(|(data, created_at)| Credential {
        tenant: user.tenant.clone(),
        user: user.id.clone(),
        kind: "password".to_owned(),
        data,
        created_at,
    });
    Ok(UserFacts { user, password })
}

fn take(tenant: &str, user: &str, name: &str) -> Write {
    Write::new(&LOGIN_NAME_TAKE, Expect::One, vec![tenant.into(), user.into(), name.into()])
}

impl Store {
    /// At most `limit` people of a tenant with their passwords, in order of id, from the one after `after`.
    pub async fn users(
        &self,
        tenant: &TenantId,
        after: Option<&UserId>,
        limit: i64,
    ) -> Result<Vec<UserFacts>, Fault> {
        self.people(&USERS_OF, tenant, after, limit).await
    }

    /// The same, only of those who are disabled.
    pub async fn users_disabled(
        &self,
        tenant: &TenantId,
        after: Option<&UserId>,
        limit: i64,
    ) -> Result<Vec<UserFacts>, Fault> {
        self.people(&USERS_DISABLED, tenant, after, limit).await
    }

    /// The same, only of those who are not disabled.
    pub async fn users_enabled(
        &self,
        tenant: &TenantId,
        after: Option<&UserId>,
        limit: i64,
    ) -> Result<Vec<UserFacts>, Fault> {
        self.people(&USERS_ENABLED, tenant, after, limit).await
    }

    async fn people(
        &self,
        statement: &'static Statement,
        tenant: &TenantId,
        after: Option<&UserId>,
        limit: i64,
    ) -> Result<Vec<UserFacts>, Fault> {
        let params = [tenant.as_str().into(), after.map_or("", UserId::as_str).into(), limit.into()];
        self.list(statement, &params, facts).await
    }

    /// At most `limit` people of whom a user name or e-mail address begins with `prefix` in its canonical form, each with the first
    /// such name, in the order of these, from the one after `after`.
    pub async fn users_named(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, UserFacts)>, Fault> {
        let params = [
            tenant.as_str().into(),
            prefix.into(),
            format!("{prefix}{}", char::MAX).into(),
            after.into(),
            limit.into(),
            // The one bound by which the index is entered: of two, an engine would take the first and walk to the second.
            prefix.max(after).into(),
        ];
        self.list(&USERS_NAMED, &params, |row| Ok((row.text()?, facts(row)?))).await
    }

    /// A person by their id in the system that brings people in, with their password.
    pub async fn user_by_external_id(&self, tenant: &TenantId, id: &str) -> Result<Option<UserFacts>, Fault> {
        self.one(&USER_BY_EXTERNAL_ID, &[tenant.as_str().into(), id.into()], facts).await
    }

    /// A person by id, with their password.
    pub async fn user(&self, tenant: &TenantId, id: &UserId) -> Result<Option<UserFacts>, Fault> {
        self.one(&USER, &[tenant.as_str().into(), id.as_str().into()], facts).await
    }

    /// A person by the canonical form of a user name or e-mail address, with their password.
    pub async fn user_by_name(&self, tenant: &TenantId, name_key: &str) -> Result<Option<UserFacts>, Fault> {
        self.one(&USER_BY_NAME, &[tenant.as_str().into(), name_key.into()], facts).await
    }
}

/// Rows of the statements that write many.
pub(crate) const MANY: usize = 16;
/// Names of the statements that ask for many.
pub(crate) const ASKED: usize = 64;

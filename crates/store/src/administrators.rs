//! Who administers the server, and who holds a role that lets them administer their tenant: whom it can be left to.

use doorward_core::effect::Guard;
use doorward_core::id::{RoleKey, TenantId, UserId};
use doorward_core::model::User;

use crate::statement::statements;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Notes that a person administers the server.
    pub(crate) ADMINISTRATOR_ADD = tenant
        "INSERT INTO administrators (tenant, user_id) VALUES ($1, $2) ON CONFLICT (tenant, user_id) DO NOTHING";
    /// Notes that a person does not.
    pub(crate) ADMINISTRATOR_DELETE = tenant "DELETE FROM administrators WHERE tenant = $1 AND user_id = $2";
    /// Who administers the server and can act, in order of tenant and id, from the one after `$1` and `$2`.
    pub(crate) ADMINISTRATORS = server("they are of every tenant")
        "SELECT", COLUMNS, "FROM administrators AS held", PEOPLE, "AND (held.tenant, held.user_id) > ($1, $2)
         ORDER BY held.tenant, held.user_id LIMIT $3";
    /// The same of one tenant, from the one after `$2`.
    pub(crate) ADMINISTRATORS_OF = tenant
        "SELECT", COLUMNS, "FROM administrators AS held", PEOPLE, "AND held.tenant = $1 AND held.user_id > $2
         ORDER BY held.user_id LIMIT $3";
    /// Who has a role in the whole tenant and can act, in order of id, from the one after `$3`.
    pub(crate) HOLDERS = tenant
        "SELECT", COLUMNS, "FROM assignments AS held", PEOPLE, "AND held.tenant = $1 AND held.role_key = $2
             AND held.context_key = 0 AND held.user_id > $3
         ORDER BY held.user_id LIMIT $4";
    /// Changes nothing where a tenant is at a version.
    pub(crate) TENANT_GUARD = tenant "UPDATE tenants SET version = version WHERE id = $1 AND version = $2";
    /// Changes nothing where a person is at a version.
    pub(crate) USER_GUARD = tenant
        "UPDATE users SET version = version WHERE tenant = $1 AND id = $2 AND version = $3";
    /// Changes nothing where a role is at a version.
    pub(crate) ROLE_GUARD = tenant
        "UPDATE roles SET version = version WHERE tenant = $1 AND key = $2 AND version = $3";
    /// Changes nothing where a person has a role in the whole tenant.
    pub(crate) ASSIGNMENT_GUARD = tenant
        "UPDATE assignments SET created_at = created_at
         WHERE tenant = $1 AND user_id = $2 AND context_key = 0 AND role_key = $3";
}

const COLUMNS: &str =
    "tenants.id AS tenant, tenants.version AS tenant_version, users.id, users.version, users.data";
/// Whoever `held` names, and can act.
pub(crate) const PEOPLE: &str = "
    JOIN tenants ON tenants.id = held.tenant
    JOIN users ON users.tenant = held.tenant AND users.id = held.user_id
    JOIN credentials
        ON credentials.tenant = users.tenant AND credentials.user_id = users.id AND credentials.kind = 'password'
    WHERE tenants.disabled_at IS NULL AND users.disabled_at IS NULL AND users.locked_at IS NULL";

/// What is noted of a person beside their row.
pub(crate) fn note(user: &User) -> Option<Write> {
    let params = || vec![user.tenant.as_str().into(), user.id.as_str().into()];
    match (user.administrator_since, user.version) {
        (Some(_), _) => Some(Write::new(&ADMINISTRATOR_ADD, Expect::AtMostOne, params())),
        // Whoever is made is in no list.
        (None, 0) => None,
        (None, _) => Some(Write::new(&ADMINISTRATOR_DELETE, Expect::AtMostOne, params())),
    }
}

pub(crate) fn guard(guard: &Guard) -> Vec<Write> {
    let Guard { tenant, tenant_version, user, version, role } = guard;
    let one = |statement, params| Write::new(statement, Expect::One, params);
    let mut writes = vec![
        one(&TENANT_GUARD, vec![tenant.as_str().into(), (*tenant_version).into()]),
        one(&USER_GUARD, vec![tenant.as_str().into(), user.as_str().into(), (*version).into()]),
    ];
    if let Some((key, version)) = role {
        writes.push(one(&ROLE_GUARD, vec![tenant.as_str().into(), key.0.into(), (*version).into()]));
        writes.push(one(&ASSIGNMENT_GUARD, vec![tenant.as_str().into(), user.as_str().into(), key.0.into()]));
    }
    writes
}

/// Somebody, as a guard of them would have it, and whether their row says that they administer the server.
fn person(row: &mut Row) -> Result<(Guard, bool), Fault> {
    let tenant: TenantId = row.text()?.into();
    let tenant_version = row.int()?;
    let user: UserId = row.text()?.into();
    let version = row.int()?;
    let stored: User = row.json()?;
    let guard = Guard { tenant, tenant_version, user, version, role: None };
    Ok((guard, stored.administrator_since.is_some()))
}

impl Store {
    /// At most `limit` people who are noted as administering the server and can act, of one tenant or of all, from the one after
    /// `after`; and whether their row says so too, which a server before this list did not keep in step with it.
    pub async fn administrators(
        &self,
        tenant: Option<&TenantId>,
        after: Option<&Guard>,
        limit: i64,
    ) -> Result<Vec<(Guard, bool)>, Fault> {
        let after_user = after.map_or("", |after| after.user.as_str());
        let rows = match tenant {
            None => {
                let after_tenant = after.map_or("", |after| after.tenant.as_str());
                let params = [after_tenant.into(), after_user.into(), limit.into()];
                self.driver().read(&ADMINISTRATORS, &params).await?
            }
            Some(tenant) => {
                let params = [tenant.as_str().into(), after_user.into(), limit.into()];
                self.driver().read(&ADMINISTRATORS_OF, &params).await?
            }
        };
        rows.into_iter().map(|mut row| person(&mut row)).collect()
    }

    /// At most `limit` people who have a role in the whole tenant and can act, from the one after `after`.
    pub async fn holders(
        &self,
        tenant: &TenantId,
        role: RoleKey,
        after: Option<&Guard>,
        limit: i64,
    ) -> Result<Vec<Guard>, Fault> {
        let after = after.map_or("", |after| after.user.as_str());
        let params = [tenant.as_str().into(), role.0.into(), after.into(), limit.into()];
        let rows = self.driver().read(&HOLDERS, &params).await?;
        rows.into_iter().map(|mut row| person(&mut row).map(|(guard, _)| guard)).collect()
    }
}

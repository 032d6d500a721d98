//! Lists of grants for administrators, by key: each page costs what it shows, whichever it is. Those that were not ended are found by the
//! live consents, which are few for a person; all that are kept are walked by their ids.

use doorward_core::id::{ClientId, ConsentId, GrantId, TenantId, UserId};
use doorward_core::model::Grant;

use crate::grants::{COLUMNS, grant};
use crate::statement::{Statement, columns_of, joined, statements};
use crate::{Fault, Store};

statements! {
    /// Grants of a person that were not ended, in the order of consents and grants, from the one after `$3` and `$4`.
    pub(crate) GRANTS_OF_USER = tenant
        "SELECT", UNDER_LIVE_CONSENTS, "AND consents.user_id = $2 ORDER BY consents.id, grants.id LIMIT $6";
    /// Grants of a client that were not ended, in the same order.
    pub(crate) GRANTS_OF_CLIENT = tenant
        "SELECT", UNDER_LIVE_CONSENTS, "AND consents.client_id = $2 ORDER BY consents.id, grants.id LIMIT $6";
    /// Grants of a person, the latest first, before the one named.
    pub(crate) HOLDINGS_OF_USER = tenant
        "SELECT", COLUMNS, "FROM grants WHERE tenant = $1 AND user_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    /// Grants of a client, the latest first, before the one named.
    pub(crate) HOLDINGS_OF_CLIENT = tenant
        "SELECT", COLUMNS, "FROM grants WHERE tenant = $1 AND client_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
}

const UNDER_LIVE_CONSENTS: &str = joined!(
    columns_of!("grants", COLUMNS),
    "FROM consents
     JOIN grants ON grants.consent_id = consents.id AND grants.tenant = consents.tenant
     WHERE consents.tenant = $1 AND consents.ended_at IS NULL
         AND consents.id >= $3 AND (consents.id > $3 OR grants.id > $4)
         AND grants.ended_at IS NULL AND grants.expires_at > $5"
);

/// A place in a list of grants: a consent and a grant under it.
pub type GrantPlace = (ConsentId, GrantId);

impl Store {
    /// At most `limit` grants of a person that were not ended, from the one after `after`.
    pub async fn grants_of_user(
        &self,
        tenant: &TenantId,
        user: &UserId,
        after: Option<GrantPlace>,
        limit: i64,
    ) -> Result<Vec<Grant>, Fault> {
        self.grants_under(&GRANTS_OF_USER, tenant, user.as_str(), after, limit).await
    }

    /// At most `limit` grants of a client that were not ended, from the one after `after`.
    pub async fn grants_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        after: Option<GrantPlace>,
        limit: i64,
    ) -> Result<Vec<Grant>, Fault> {
        self.grants_under(&GRANTS_OF_CLIENT, tenant, client.as_str(), after, limit).await
    }

    async fn grants_under(
        &self,
        statement: &'static Statement,
        tenant: &TenantId,
        of: &str,
        after: Option<GrantPlace>,
        limit: i64,
    ) -> Result<Vec<Grant>, Fault> {
        let (consent, last) = after.map_or((-1, -1), |(consent, grant)| (consent.0, grant.0));
        let now = self.now();
        let params =
            [tenant.as_str().into(), of.into(), consent.into(), last.into(), now.into(), limit.into()];
        self.list(statement, &params, grant).await
    }

    /// At most `limit` grants of a person, dead ones too as long as they are kept, the latest first, before `before`.
    pub async fn holdings_of_user(
        &self,
        tenant: &TenantId,
        user: &UserId,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Vec<Grant>, Fault> {
        self.holdings(&HOLDINGS_OF_USER, tenant, user.as_str(), before, limit).await
    }

    /// The same of a client.
    pub async fn holdings_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Vec<Grant>, Fault> {
        self.holdings(&HOLDINGS_OF_CLIENT, tenant, client.as_str(), before, limit).await
    }

    async fn holdings(
        &self,
        statement: &'static Statement,
        tenant: &TenantId,
        of: &str,
        before: Option<GrantId>,
        limit: i64,
    ) -> Result<Vec<Grant>, Fault> {
        let before = before.map_or(i64::MAX, |grant| grant.0);
        let params = [tenant.as_str().into(), of.into(), before.into(), limit.into()];
        self.list(statement, &params, grant).await
    }
}

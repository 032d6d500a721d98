//! Lists of grants for administrators: those that can still be used, of a person or of a client. They are found by the live
//! consents, which are few for a person, and walked in the order of their ids for a client.

use doorward_core::Timestamp;
use doorward_core::id::{ClientId, ConsentId, GrantId, IssuerId, TenantId, UserId};
use doorward_wire::scope::Scopes;

use crate::statement::statements;
use crate::value::Row;
use crate::{Fault, Store};

statements! {
    /// Grants of a person that were not ended, in the order of consents and grants, from the one after `$3` and `$4`.
    pub(crate) GRANTS_OF_USER = tenant
        "SELECT
             grants.id,
             grants.issuer_id,
             grants.consent_id,
             grants.user_id,
             grants.client_id,
             grants.scopes,
             grants.offline,
             grants.auth_time,
             grants.acr,
             grants.used_at,
             grants.idle_ms,
             grants.expires_at,
             grants.redeemed_at,
             grants.ended_at,
             grants.created_at
         FROM consents
         JOIN grants ON grants.consent_id = consents.id AND grants.tenant = consents.tenant
         WHERE consents.tenant = $1 AND consents.user_id = $2 AND consents.ended_at IS NULL
             AND consents.id >= $3 AND (consents.id > $3 OR grants.id > $4)
             AND grants.ended_at IS NULL AND grants.expires_at > $5
         ORDER BY consents.id, grants.id
         LIMIT $6";
    /// Grants of a client that were not ended, in the same order.
    pub(crate) GRANTS_OF_CLIENT = tenant
        "SELECT
             grants.id,
             grants.issuer_id,
             grants.consent_id,
             grants.user_id,
             grants.client_id,
             grants.scopes,
             grants.offline,
             grants.auth_time,
             grants.acr,
             grants.used_at,
             grants.idle_ms,
             grants.expires_at,
             grants.redeemed_at,
             grants.ended_at,
             grants.created_at
         FROM consents
         JOIN grants ON grants.consent_id = consents.id AND grants.tenant = consents.tenant
         WHERE consents.tenant = $1 AND consents.client_id = $2 AND consents.ended_at IS NULL
             AND consents.id >= $3 AND (consents.id > $3 OR grants.id > $4)
             AND grants.ended_at IS NULL AND grants.expires_at > $5
         ORDER BY consents.id, grants.id
         LIMIT $6";
    /// One grant.
    pub(crate) GRANT_LINE = tenant
        "SELECT
             id,
             issuer_id,
             consent_id,
             user_id,
             client_id,
             scopes,
             offline,
             auth_time,
             acr,
             used_at,
             idle_ms,
             expires_at,
             redeemed_at,
             ended_at,
             created_at
         FROM grants
         WHERE tenant = $1 AND id = $2";
}

/// A grant as lists tell of it.
#[derive(Clone, PartialEq, Debug)]
pub struct GrantLine {
    /// Its id.
    pub id: GrantId,
    /// By which issuer.
    pub issuer: IssuerId,
    /// Under which consent.
    pub consent: ConsentId,
    /// Who allowed it.
    pub user: UserId,
    /// For whom.
    pub client: ClientId,
    /// What may be asked for.
    pub scopes: Scopes,
    /// Whether it outlives its session.
    pub offline: bool,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
    /// The class of that proof.
    pub acr: String,
    /// Last use.
    pub used_at: Timestamp,
    /// Unused for so many milliseconds, it is over.
    pub idle_ms: i64,
    /// When it is over, used or not.
    pub expires_at: Timestamp,
    /// When it was first redeemed.
    pub redeemed_at: Option<Timestamp>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A place in a list of grants: a consent and a grant under it.
pub type GrantPlace = (ConsentId, GrantId);

fn line(row: &mut Row) -> Result<GrantLine, Fault> {
    Ok(GrantLine {
        id: GrantId(row.int()?),
        issuer: row.text()?.into(),
        consent: ConsentId(row.int()?),
        user: row.text()?.into(),
        client: row.text()?.into(),
        scopes: row.word(|text| Scopes::parse(text).ok())?,
        offline: row.flag()?,
        auth_time: row.time()?,
        acr: row.text()?,
        used_at: row.time()?,
        idle_ms: row.int()?,
        expires_at: row.time()?,
        redeemed_at: row.opt_time()?,
        ended_at: row.opt_time()?,
        created_at: row.time()?,
    })
}

impl Store {
    /// At most `limit` grants of a person that were not ended, from the one after `after`.
    pub async fn grants_of_user(
        &self,
        tenant: &TenantId,
        user: &UserId,
        after: Option<GrantPlace>,
        limit: i64,
    ) -> Result<Vec<GrantLine>, Fault> {
        let (consent, grant) = after.map_or((-1, -1), |(consent, grant)| (consent.0, grant.0));
        let params = [
            tenant.as_str().into(),
            user.as_str().into(),
            consent.into(),
            grant.into(),
            self.now().into(),
            limit.into(),
        ];
        self.driver().read(&GRANTS_OF_USER, &params).await?.iter_mut().map(line).collect()
    }

    /// At most `limit` grants of a client that were not ended, from the one after `after`.
    pub async fn grants_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        after: Option<GrantPlace>,
        limit: i64,
    ) -> Result<Vec<GrantLine>, Fault> {
        let (consent, grant) = after.map_or((-1, -1), |(consent, grant)| (consent.0, grant.0));
        let params = [
            tenant.as_str().into(),
            client.as_str().into(),
            consent.into(),
            grant.into(),
            self.now().into(),
            limit.into(),
        ];
        self.driver().read(&GRANTS_OF_CLIENT, &params).await?.iter_mut().map(line).collect()
    }

    /// A grant by its id, in whatever state.
    pub async fn grant_line(&self, tenant: &TenantId, id: GrantId) -> Result<Option<GrantLine>, Fault> {
        let rows = self.driver().read(&GRANT_LINE, &[tenant.as_str().into(), id.0.into()]).await?;
        rows.into_iter().next().map(|mut row| line(&mut row)).transpose()
    }
}

//! Grants, and the one joined read that says what each hangs on.

use doorward_core::Timestamp;
use doorward_core::facts::{GrantFacts, SessionState, Standing};
use doorward_core::id::{ConsentId, GrantId, SessionId, TenantId};
use doorward_core::model::{Grant, Installed};
use doorward_wire::scope::Scopes;

use crate::object::json;
use crate::statement::{columns_of, joined, statements};
use crate::tenants::standing;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, Store, users};

statements! {
    /// Stores a grant.
    pub(crate) GRANT_INSERT = tenant
        "INSERT INTO grants (", COLUMNS, ") VALUES",
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
         $27, $28, $29, $30, $31)";
    /// First redemption.
    pub(crate) GRANT_START = tenant
        "UPDATE grants SET
             redeemed_at = $3,
             used_at = $3,
             generation = $4,
             mac_key = $5,
             idle_ms = $6,
             expires_at = $7,
             unnamed = $8
         WHERE id = $1 AND tenant = $2 AND redeemed_at IS NULL AND ended_at IS NULL";
    /// Rotates in place.
    pub(crate) GRANT_ROTATE = tenant
        "UPDATE grants SET
             generation = $4,
             spent_before_at = spent_at,
             spent_at = $5,
             used_at = $5,
             mac_key = $6
         WHERE id = $1 AND tenant = $2 AND generation = $3 AND ended_at IS NULL";
    /// Stamps a use.
    pub(crate) GRANT_TOUCH = tenant
        "UPDATE grants SET used_at = $3 WHERE id = $1 AND tenant = $2 AND ended_at IS NULL";
    /// Ends a grant.
    pub(crate) GRANT_END = tenant
        "UPDATE grants SET ended_at = $3, ended_reason = $4 WHERE id = $1 AND tenant = $2 AND ended_at IS NULL";
    /// A grant, and the state of all that it hangs on.
    pub(crate) GRANT = tenant
        "SELECT", WITH_STATE, "FROM grants
         LEFT JOIN tenants ON tenants.id = grants.tenant", AND_STATE,
        "WHERE grants.id = $1 AND grants.tenant = $2";
}

/// The columns of a grant's row.
pub(crate) const COLUMNS: &str = "
    id, tenant, issuer_id, consent_id, session_id, user_id, client_id, actor, scopes, resources, authorization_details, cnf,
    auth_time, acr, amr, claims, offline, generation, mac_key, spent_at, spent_before_at, used_at, idle_ms, expires_at, redeemed_at,
    ended_at, ended_reason, created_at, installation_id, installation_epoch, unnamed";
/// What [`facts`] reads, and where the state comes from of what a grant hangs on, beside its tenant's.
pub(crate) const WITH_STATE: &str = joined!(
    columns_of!("grants", COLUMNS),
    ",",
    columns_of!("tenants", "version, disabled_at"),
    ",",
    columns_of!("clients", "version, disabled_at"),
    ",",
    columns_of!("consents", "version, ended_at"),
    ",",
    columns_of!("sessions", "used_at, idle_ms, expires_at, ended_at"),
    ",",
    users::JOINED
);
pub(crate) const AND_STATE: &str = "
    LEFT JOIN clients ON clients.tenant = grants.tenant AND clients.id = grants.client_id
    LEFT JOIN consents ON consents.id = grants.consent_id AND consents.tenant = grants.tenant
    LEFT JOIN sessions ON sessions.id = grants.session_id AND sessions.tenant = grants.tenant
    LEFT JOIN users ON users.tenant = grants.tenant AND users.id = grants.user_id";

pub(crate) fn insert(grant: &Grant) -> Result<Write, Fault> {
    Ok(Write::new(
        &GRANT_INSERT,
        Expect::One,
        vec![
            grant.id.0.into(),
            grant.tenant.as_str().into(),
            grant.issuer.as_str().into(),
            grant.consent.0.into(),
            grant.session.0.into(),
            grant.user.as_str().into(),
            grant.client.as_str().into(),
            grant.actor.clone().into(),
            grant.scopes.to_string().into(),
            json("grant", &grant.resources)?.into(),
            grant.authorization_details.clone().into(),
            grant.cnf.clone().into(),
            grant.auth_time.into(),
            grant.acr.as_str().into(),
            json("grant", &grant.amr)?.into(),
            grant.claims.clone().into(),
            grant.offline.into(),
            grant.generation.into(),
            grant.mac_key.into(),
            grant.spent_at.into(),
            grant.spent_before_at.into(),
            grant.used_at.into(),
            grant.idle_ms.into(),
            grant.expires_at.into(),
            grant.redeemed_at.into(),
            grant.ended_at.into(),
            grant.ended_reason.clone().into(),
            grant.created_at.into(),
            grant.installation.as_ref().map(|of| of.id.as_str()).into(),
            grant.installation.as_ref().map(|of| of.epoch).into(),
            grant.unnamed.into(),
        ],
    ))
}

pub(crate) fn start(
    tenant: &TenantId,
    id: GrantId,
    now: Timestamp,
    (generation, mac_key): (i64, i64),
    (idle_ms, expires_at): (i64, Timestamp),
    unnamed: bool,
) -> Write {
    Write::new(
        &GRANT_START,
        Expect::One,
        vec![
            id.0.into(),
            tenant.as_str().into(),
            now.into(),
            generation.into(),
            mac_key.into(),
            idle_ms.into(),
            expires_at.into(),
            unnamed.into(),
        ],
    )
}

pub(crate) fn rotate(
    tenant: &TenantId,
    id: GrantId,
    (from, to): (i64, i64),
    mac_key: i64,
    now: Timestamp,
) -> Write {
    Write::new(
        &GRANT_ROTATE,
        Expect::One,
        vec![id.0.into(), tenant.as_str().into(), from.into(), to.into(), now.into(), mac_key.into()],
    )
}

pub(crate) fn touch(tenant: &TenantId, id: GrantId, now: Timestamp) -> Write {
    Write::new(&GRANT_TOUCH, Expect::One, vec![id.0.into(), tenant.as_str().into(), now.into()])
}

pub(crate) fn end(tenant: &TenantId, id: GrantId, now: Timestamp, reason: &str) -> Write {
    Write::new(
        &GRANT_END,
        Expect::AtMostOne,
        vec![id.0.into(), tenant.as_str().into(), now.into(), reason.into()],
    )
}

/// The grant of the next columns; none when a LEFT JOIN found none.
fn joined(row: &mut Row) -> Result<Option<Grant>, Fault> {
    let Some(id) = row.opt_int()? else { return Ok(None) };
    Ok(Some(Grant {
        id: GrantId(id),
        tenant: row.text()?.into(),
        issuer: row.text()?.into(),
        consent: ConsentId(row.int()?),
        session: SessionId(row.int()?),
        user: row.text()?.into(),
        client: row.text()?.into(),
        actor: row.opt_text()?,
        scopes: row.word(|text| Scopes::parse(text).ok())?,
        resources: row.json()?,
        authorization_details: row.opt_text()?,
        cnf: row.opt_text()?,
        auth_time: row.time()?,
        acr: row.text()?,
        amr: row.json()?,
        claims: row.opt_text()?,
        offline: row.flag()?,
        generation: row.int()?,
        mac_key: row.int()?,
        spent_at: row.opt_time()?,
        spent_before_at: row.opt_time()?,
        used_at: row.time()?,
        idle_ms: row.int()?,
        expires_at: row.time()?,
        redeemed_at: row.opt_time()?,
        ended_at: row.opt_time()?,
        ended_reason: row.opt_text()?,
        created_at: row.time()?,
        installation: match (row.opt_text()?, row.opt_int()?) {
            (Some(id), Some(epoch)) => Some(Installed { id: id.into(), epoch }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(row.fault("an installation without its epoch")),
        },
        unnamed: row.flag()?,
    }))
}

/// The grant of a row.
pub(crate) fn grant(row: &mut Row) -> Result<Grant, Fault> {
    joined(row)?.ok_or_else(|| row.fault("a grant is NULL"))
}

/// The grant of the next columns and what it hangs on; none when a LEFT JOIN found no grant.
pub(crate) fn facts(row: &mut Row) -> Result<Option<GrantFacts>, Fault> {
    let Some(grant) = joined(row)? else { return Ok(None) };
    let (tenant, client, consent): (Standing, Standing, Standing) =
        (standing(row)?, standing(row)?, standing(row)?);
    let session = match row.opt_time()? {
        None => {
            row.skip(3)?;
            None
        }
        Some(used_at) => Some(SessionState {
            used_at,
            idle_ms: row.int()?,
            expires_at: row.time()?,
            ended_at: row.opt_time()?,
        }),
    };
    let user = users::joined(row)?;
    Ok(Some(GrantFacts { grant, tenant, client, consent, session, user, installation: None }))
}

impl Store {
    /// A grant, and the state of all that it hangs on.
    pub async fn grant(&self, tenant: &TenantId, id: GrantId) -> Result<Option<GrantFacts>, Fault> {
        Ok(self.one(&GRANT, &[id.0.into(), tenant.as_str().into()], facts).await?.flatten())
    }
}

//! Grants, and the one joined read that says what each hangs on.

use doorward_core::Timestamp;
use doorward_core::facts::{GrantFacts, SessionState, Standing};
use doorward_core::id::{ConsentId, GrantId, SessionId, TenantId};
use doorward_core::model::Grant;
use doorward_wire::scope::Scopes;

use crate::object::json;
use crate::statement::statements;
use crate::tenants::standing;
use crate::value::Row;
use crate::write::{Expect, Write};
use crate::{Fault, users};

statements! {
    /// Stores a grant.
    pub(crate) GRANT_INSERT = tenant
        "INSERT INTO grants (
             id, tenant, issuer_id, consent_id, session_id, user_id, client_id, actor, scopes, resources,
             authorization_details, cnf, auth_time, acr, amr, claims, offline, generation, mac_key, spent_at,
             spent_before_at, used_at, idle_ms, expires_at, redeemed_at, ended_at, ended_reason, created_at
         ) VALUES (
             $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
             $24, $25, $26, $27, $28
         )";
    /// First redemption.
    pub(crate) GRANT_START = tenant
        "UPDATE grants SET
             redeemed_at = $3,
             used_at = $3,
             generation = $4,
             mac_key = $5,
             idle_ms = $6,
             expires_at = $7
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
        "SELECT
             grants.id AS grant_id,
             grants.issuer_id,
             grants.consent_id,
             grants.session_id,
             grants.user_id,
             grants.client_id AS grant_client_id,
             grants.actor,
             grants.scopes,
             grants.resources,
             grants.authorization_details,
             grants.cnf AS grant_cnf,
             grants.auth_time,
             grants.acr,
             grants.amr,
             grants.claims,
             grants.offline,
             grants.generation,
             grants.mac_key,
             grants.spent_at,
             grants.spent_before_at,
             grants.used_at,
             grants.idle_ms,
             grants.expires_at AS grant_expires_at,
             grants.redeemed_at,
             grants.ended_at,
             grants.ended_reason,
             grants.created_at,
             tenants.version AS tenant_version,
             tenants.disabled_at AS tenant_disabled_at,
             clients.version AS client_version,
             clients.disabled_at AS client_disabled_at,
             consents.version AS consent_version,
             consents.ended_at AS consent_ended_at,
             sessions.used_at AS session_used_at,
             sessions.idle_ms AS session_idle_ms,
             sessions.expires_at AS session_expires_at,
             sessions.ended_at AS session_ended_at,
             users.data,
             users.disabled_at,
             users.locked_at,
             users.valid_from,
             users.external_id,
             users.external_version,
             users.version,
             users.created_at AS user_created_at,
             users.updated_at
         FROM grants
         LEFT JOIN tenants ON tenants.id = grants.tenant
         LEFT JOIN clients ON clients.tenant = grants.tenant AND clients.id = grants.client_id
         LEFT JOIN consents ON consents.id = grants.consent_id AND consents.tenant = grants.tenant
         LEFT JOIN sessions ON sessions.id = grants.session_id AND sessions.tenant = grants.tenant
         LEFT JOIN users ON users.tenant = grants.tenant AND users.id = grants.user_id
         WHERE grants.id = $1 AND grants.tenant = $2";
}

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
        ],
    ))
}

pub(crate) fn start(
    tenant: &TenantId,
    id: GrantId,
    now: Timestamp,
    (generation, mac_key): (i64, i64),
    (idle_ms, expires_at): (i64, Timestamp),
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

/// The grant of the next 46 columns and what it hangs on; none when a LEFT JOIN found no grant.
pub(crate) fn facts(tenant: &TenantId, row: &mut Row) -> Result<Option<GrantFacts>, Fault> {
    let Some(id) = row.opt_int()? else {
        return Ok(None);
    };
    let grant = Grant {
        id: GrantId(id),
        tenant: tenant.clone(),
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
    };
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
    Ok(Some(GrantFacts { grant, tenant, client, consent, session, user: users::joined(row)? }))
}

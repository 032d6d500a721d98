//! Installations, and the one joined read that says what each hangs on.

use std::collections::HashSet;

use doorward_core::facts::{Belonging, ExtensionStanding, InstallationFacts, Place};

use doorward_core::id::{ContextId, ContextKey, ExtensionKey, InstallationId, TenantId, UserId};
use doorward_core::model::{Context, ExtensionState, Installation, Life, Tenant};
use doorward_core::needs::InstallationHandle;
use doorward_wire::scope::Scopes;

use crate::contexts::{IS_ON, STANDS};
use crate::installation_secrets::{SECRET_COLUMNS, secret};
use crate::object::{Put, json, versioned};
use crate::statement::{columns_of, joined, repeated, statements};
use crate::value::{Row, Value};
use crate::write::Write;
use crate::{Fault, Store};

statements! {
    /// Creates an installation. Conflict: one of the extension stands in that context.
    pub(crate) INSTALLATION_INSERT = tenant
        "INSERT INTO installations (
             tenant, id, scopes, data, disabled_at, suspended_at, removed_at, epoch, version, updated_at, extension_key,
             extension_id, context_key, context_id, created_at
         ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// Replaces an installation at a version.
    pub(crate) INSTALLATION_UPDATE = tenant
        "UPDATE installations SET
             scopes = $3,
             data = $4,
             disabled_at = $5,
             suspended_at = $6,
             removed_at = $7,
             epoch = $8,
             version = $9,
             updated_at = $10
         WHERE tenant = $1 AND id = $2 AND version = $11 AND removed_at IS NULL";
    /// An installation, the state of all that it hangs on, whether a person belongs there, and a secret of it.
    pub(crate) INSTALLATION_WITH_STATE = tenant
        "SELECT", WITH_STATE, "FROM installations", AND_STATE, "WHERE installations.tenant = $1 AND installations.id = $2";
    /// An installation.
    pub(crate) INSTALLATION = tenant
        "SELECT", COLUMNS, "FROM installations WHERE tenant = $1 AND id = $2";
    /// A tenant's installations that stand, in order of id, from the one after `$2`.
    pub(crate) INSTALLATIONS_FROM = tenant
        "SELECT", COLUMNS, "FROM installations
         WHERE tenant = $1 AND id > $2 AND removed_at IS NULL AND", IN_PLACE, "ORDER BY id LIMIT $3";
    /// Those of an extension that stand, in order of id, from the one after `$3`.
    pub(crate) INSTALLATIONS_OF_EXTENSION = tenant
        "SELECT", COLUMNS, "FROM installations
         WHERE tenant = $1 AND extension_key = $2 AND id > $3 AND removed_at IS NULL AND", IN_PLACE, "ORDER BY id LIMIT $4";
    /// Those in a context that stand, in order of id, from the one after `$3`.
    pub(crate) INSTALLATIONS_IN = tenant
        "SELECT", COLUMNS, "FROM installations
         WHERE tenant = $1 AND context_key = $2 AND id > $3 AND removed_at IS NULL ORDER BY id LIMIT $4";
    /// Those in a context and below it that stand, of one extension (0: of any), in order of id, from the one after `$3`.
    pub(crate) INSTALLATIONS_BELOW = tenant
        "SELECT", COLUMNS, "FROM installations
         WHERE tenant = $1 AND id > $3 AND removed_at IS NULL AND (extension_key = $4 OR $4 = 0) AND context_key IN (
             SELECT contexts.key FROM contexts
             WHERE contexts.tenant = $1
                 AND (contexts.key = $2 OR contexts.ancestor1 = $2 OR contexts.ancestor2 = $2 OR contexts.ancestor3 = $2)
                 AND", STANDS, ") ORDER BY id LIMIT $5";
    /// The one of an extension in a context that stands.
    pub(crate) INSTALLATION_AT = tenant
        "SELECT", COLUMNS, "FROM installations
         WHERE tenant = $1 AND extension_key = $2 AND context_key = $3 AND removed_at IS NULL";
    /// What is installed in some contexts.
    pub(crate) INSTALLED_IN = tenant
        "SELECT extension_key, context_key FROM installations
         WHERE tenant = $1 AND removed_at IS NULL AND context_key IN (", repeated!("$", PLACES_ASKED, from 2), ")";
    /// Those that stand in contexts that were removed lately, or below them.
    pub(crate) INSTALLATIONS_LEFT = server("one worker sees to it for every tenant")
        "WITH RECURSIVE gone (key) AS (
             SELECT key FROM contexts WHERE removed_at IS NOT NULL
             UNION
             SELECT child.key FROM contexts AS child JOIN gone ON child.ancestor1 = gone.key
         )
         SELECT", columns_of!("installations", COLUMNS), "FROM gone
         JOIN installations ON installations.context_key = gone.key AND installations.removed_at IS NULL LIMIT $1";
    /// The end of the next slice of installations.
    pub(crate) SLICE_INSTALLATIONS = server("one worker sees to it for every tenant")
        "SELECT MAX(id) AS id FROM (SELECT id FROM installations WHERE id > $1 ORDER BY id LIMIT 500) AS slice";
    /// Those of a slice that stand where nothing stands any longer.
    pub(crate) INSTALLATIONS_LEFT_OF = server("one worker sees to it for every tenant")
        "SELECT", columns_of!("installations", COLUMNS), "FROM installations
         WHERE installations.id > $1 AND installations.id <= $2 AND installations.removed_at IS NULL
             AND installations.context_key <> 0 AND NOT EXISTS (
                 SELECT 1 FROM contexts WHERE contexts.key = installations.context_key AND", STANDS, ")";

    /// Where an extension is installed, of what a person belongs to: their contexts, all below these, and the tenant itself; only the
    /// installation or context of the id `$4`, unless that is empty.
    pub(crate) INSTALLATION_PLACES = tenant
        "WITH RECURSIVE places(key) AS (",
            PLACES,
        ")
        SELECT installations.id, installations.context_id, contexts.data,
            CASE WHEN installations.disabled_at IS NULL AND installations.suspended_at IS NULL
                      AND (installations.context_key = 0 OR", IS_ON, ")
                 THEN 1 ELSE 0 END AS is_on
        FROM places
        JOIN installations ON installations.context_key = places.key AND installations.removed_at IS NULL
        LEFT JOIN contexts ON contexts.tenant = installations.tenant AND contexts.key = installations.context_key
        WHERE installations.tenant = $1 AND installations.extension_key = $3
            AND ($4 = '' OR installations.id = $4 OR installations.context_id = $4)
        ORDER BY is_on DESC, installations.context_id
        LIMIT 100";
    /// Everything that is installed where a person belongs, from the one after `$3`.
    pub(crate) INSTALLATIONS_FOR = tenant
        "WITH RECURSIVE places(key) AS (",
            PLACES,
        ")
        SELECT", columns_of!("installations", COLUMNS), "
        FROM places
        JOIN installations ON installations.context_key = places.key AND installations.removed_at IS NULL
        WHERE installations.tenant = $1 AND installations.id > $3 AND", IN_PLACE, "
        ORDER BY installations.id
        LIMIT $4";
}

/// Its context is there, with all above it. One of a context that went is dead, and is told so in its turn.
pub(crate) const IN_PLACE: &str = joined!(
    "(installations.context_key = 0 OR EXISTS (
         SELECT 1 FROM contexts
         WHERE contexts.tenant = installations.tenant AND contexts.key = installations.context_key AND",
    STANDS,
    "))"
);
/// The columns that [`installation`] reads.
pub(crate) const COLUMNS: &str = "
    tenant, id, scopes, data, disabled_at, suspended_at, removed_at, epoch, version, updated_at, extension_key, extension_id,
    context_key, context_id, created_at";
/// The keys of the contexts that a person belongs to, of all below them, and of the tenant itself.
const PLACES: &str = "
    SELECT memberships.context_key FROM memberships WHERE memberships.tenant = $1 AND memberships.user_id = $2
    UNION
    SELECT 0 FROM users WHERE users.tenant = $1 AND users.id = $2
    UNION
    SELECT contexts.key FROM contexts JOIN places ON contexts.ancestor1 = places.key
    WHERE contexts.tenant = $1 AND contexts.removed_at IS NULL";
/// What [`facts`] reads. `$3` is the person, `$4` the hash of the secret.
const WITH_STATE: &str = joined!(
    columns_of!("installations", COLUMNS),
    ",",
    columns_of!("extensions", "state, suspended_at, epoch, contributor_key"),
    ", maker.depth AS maker_depth, maker.disabled_at AS maker_disabled_at, maker.removed_at AS maker_removed_at,
     (SELECT COUNT(*) FROM contexts AS above
      WHERE above.key IN (maker.ancestor1, maker.ancestor2, maker.ancestor3)
          AND above.removed_at IS NULL AND above.disabled_at IS NULL) AS maker_above,
     contexts.depth AS context_depth, contexts.disabled_at AS context_disabled_at,
     contexts.removed_at AS context_removed_at, above1.id AS above1_id, above2.id AS above2_id, above3.id AS above3_id,
     CASE WHEN installations.context_key = 0
          THEN (SELECT users.created_at FROM users WHERE users.tenant = installations.tenant AND users.id = $3)
          ELSE (SELECT MIN(memberships.created_at) FROM memberships
                WHERE memberships.tenant = installations.tenant AND memberships.user_id = $3
                    AND memberships.context_key IN (contexts.key, contexts.ancestor1, contexts.ancestor2, contexts.ancestor3))
     END AS belongs_since,",
    columns_of!("installation_secrets", SECRET_COLUMNS)
);
const AND_STATE: &str = "
    LEFT JOIN extensions ON extensions.tenant = installations.tenant AND extensions.key = installations.extension_key
    LEFT JOIN contexts AS maker ON maker.tenant = installations.tenant AND maker.key = extensions.contributor_key
    LEFT JOIN contexts ON contexts.tenant = installations.tenant AND contexts.key = installations.context_key
    LEFT JOIN contexts AS above1
        ON above1.key = contexts.ancestor1 AND above1.removed_at IS NULL AND above1.disabled_at IS NULL
    LEFT JOIN contexts AS above2
        ON above2.key = contexts.ancestor2 AND above2.removed_at IS NULL AND above2.disabled_at IS NULL
    LEFT JOIN contexts AS above3
        ON above3.key = contexts.ancestor3 AND above3.removed_at IS NULL AND above3.disabled_at IS NULL
    LEFT JOIN installation_secrets
        ON installation_secrets.tenant = installations.tenant AND installation_secrets.installation_id = installations.id
        AND installation_secrets.hash = $4";

pub(crate) fn put(installation: &Installation) -> Result<Write, Fault> {
    let stored = Installation { version: installation.version + 1, ..installation.clone() };
    let data = json("installation", &stored)?;
    let life = installation.life;
    Ok(versioned(
        Put { insert: &INSTALLATION_INSERT, update: &INSTALLATION_UPDATE, version: installation.version },
        vec![
            installation.tenant.as_str().into(),
            installation.id.as_str().into(),
            installation.scopes.to_string().into(),
            data.into(),
            life.disabled_at().into(),
            life.suspended_at().into(),
            life.removed_at().into(),
            installation.epoch.into(),
            stored.version.into(),
            installation.updated_at.into(),
        ],
        vec![
            installation.extension.0.into(),
            installation.extension_id.as_str().into(),
            installation.context.0.into(),
            installation.context_id.as_str().into(),
            installation.created_at.into(),
        ],
    ))
}

/// The installation of the next fifteen columns.
pub(crate) fn installation(row: &mut Row) -> Result<Installation, Fault> {
    let tenant = row.text()?.into();
    let id = row.text()?.into();
    let scopes = row.word(|text| Scopes::parse(text).ok())?;
    let installation: Installation = row.json()?;
    let life = Life::of(row.opt_time()?, row.opt_time()?, row.opt_time()?);
    Ok(Installation {
        tenant,
        id,
        scopes,
        life,
        epoch: row.int()?,
        version: row.int()?,
        updated_at: row.time()?,
        extension: ExtensionKey(row.int()?),
        extension_id: row.text()?.into(),
        context: ContextKey(row.int()?),
        context_id: row.text()?.into(),
        created_at: row.time()?,
        ..installation
    })
}

/// The parameters of [`INSTALLATION_WITH_STATE`].
pub(crate) fn params(tenant: &TenantId, handle: &InstallationHandle) -> Vec<Value> {
    vec![
        tenant.as_str().into(),
        handle.id.as_str().into(),
        handle.user.as_ref().map_or("", UserId::as_str).into(),
        handle.secret_hash.map_or_else(Vec::new, |hash| hash.to_vec()).into(),
    ]
}

/// The installation of a row of [`INSTALLATION_WITH_STATE`]. `asked` says whether somebody's membership was.
pub(crate) fn facts(row: &mut Row, asked: bool) -> Result<InstallationFacts, Fault> {
    let installation = installation(row)?;
    let extension = match row.opt_text()? {
        None => {
            row.skip(7)?;
            None
        }
        Some(state) => {
            let state = ExtensionState::parse(&state).ok_or_else(|| row.fault("an unknown state"))?;
            let (suspended_at, epoch) = (row.opt_time()?, row.int()?);
            let is_tenants = row.opt_int()?.is_none();
            let stands = stands(row)?;
            let above = row.int()?;
            Some(ExtensionStanding {
                state,
                suspended_at,
                epoch,
                contributor_stands: is_tenants || stands == Some(above),
            })
        }
    };
    let depth = stands(row)?;
    let above: Vec<ContextId> =
        [row.opt_text()?, row.opt_text()?, row.opt_text()?].into_iter().flatten().map(Into::into).collect();
    let is_whole_tenant = installation.context == WHOLE_TENANT;
    let context_stands =
        is_whole_tenant || depth.is_some_and(|depth| usize::try_from(depth) == Ok(above.len()));
    let belongs = match row.opt_time()? {
        _ if !asked => Belonging::NotAsked,
        Some(since) => Belonging::Since(since),
        None => Belonging::Outside,
    };
    let secret = secret(&installation.tenant, &installation.id, row)?;
    Ok(InstallationFacts { installation, extension, context_stands, above, belongs, secret, client: None })
}

/// How many must stand above a context of the next three columns; none: there is none, or it is removed or switched off.
fn stands(row: &mut Row) -> Result<Option<i64>, Fault> {
    let (depth, disabled_at, removed_at) = (row.opt_int()?, row.opt_time()?, row.opt_time()?);
    Ok(depth.filter(|_| disabled_at.is_none() && removed_at.is_none()))
}

/// Contexts that are asked about at once.
pub const PLACES_ASKED: usize = 100;
/// No context's key.
const NOWHERE: i64 = -1;
/// The key of the context that is the tenant itself.
const WHOLE_TENANT: ContextKey = ContextKey(0);

impl Store {
    /// An installation, in whatever state.
    pub async fn installation(
        &self,
        tenant: &TenantId,
        id: &InstallationId,
    ) -> Result<Option<Installation>, Fault> {
        self.one(&INSTALLATION, &[tenant.as_str().into(), id.as_str().into()], installation).await
    }

    /// An installation, and the state of all that it hangs on.
    pub async fn installation_facts(
        &self,
        tenant: &TenantId,
        handle: &InstallationHandle,
    ) -> Result<Option<InstallationFacts>, Fault> {
        let read = |row: &mut Row| facts(row, handle.user.is_some());
        self.one(&INSTALLATION_WITH_STATE, &params(tenant, handle), read).await
    }

    /// At most `limit` installations of a tenant that stand, in order of id, from the one after `after`.
    pub async fn installations_from(
        &self,
        tenant: &TenantId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Installation>, Fault> {
        let params = [tenant.as_str().into(), after.into(), limit.into()];
        self.list(&INSTALLATIONS_FROM, &params, installation).await
    }

    /// At most `limit` installations of an extension that stand, in order of id, from the one after `after`.
    pub async fn installations_of(
        &self,
        tenant: &TenantId,
        extension: ExtensionKey,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Installation>, Fault> {
        let params = [tenant.as_str().into(), extension.0.into(), after.into(), limit.into()];
        self.list(&INSTALLATIONS_OF_EXTENSION, &params, installation).await
    }

    /// At most `limit` installations in a context that stand, in order of id, from the one after `after`.
    pub async fn installations_in(
        &self,
        tenant: &TenantId,
        context: ContextKey,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Installation>, Fault> {
        let params = [tenant.as_str().into(), context.0.into(), after.into(), limit.into()];
        self.list(&INSTALLATIONS_IN, &params, installation).await
    }

    /// At most `limit` installations in a context and below it that stand, of one extension or of any, in order of id, from the one after
    /// `after`.
    pub async fn installations_below(
        &self,
        tenant: &TenantId,
        context: ContextKey,
        extension: Option<ExtensionKey>,
        (after, limit): (&str, i64),
    ) -> Result<Vec<Installation>, Fault> {
        let of = extension.map_or(0, |extension| extension.0);
        let params = [tenant.as_str().into(), context.0.into(), after.into(), of.into(), limit.into()];
        self.list(&INSTALLATIONS_BELOW, &params, installation).await
    }

    /// The installation of an extension in a context that stands.
    pub async fn installation_at(
        &self,
        tenant: &TenantId,
        extension: ExtensionKey,
        context: ContextKey,
    ) -> Result<Option<Installation>, Fault> {
        let params = [tenant.as_str().into(), extension.0.into(), context.0.into()];
        self.one(&INSTALLATION_AT, &params, installation).await
    }

    /// Which extensions are installed in which of some contexts: at most [`PLACES_ASKED`] of them.
    pub async fn installed_in(
        &self,
        tenant: &TenantId,
        contexts: &[ContextKey],
    ) -> Result<HashSet<(ExtensionKey, ContextKey)>, Fault> {
        let mut params: Vec<Value> = vec![tenant.as_str().into()];
        params.extend((0..PLACES_ASKED).map(|at| contexts.get(at).map_or(NOWHERE, |key| key.0).into()));
        let read = |row: &mut Row| Ok((ExtensionKey(row.int()?), ContextKey(row.int()?)));
        Ok(self.list(&INSTALLED_IN, &params, read).await?.into_iter().collect())
    }

    /// At most `limit` installations that stand in contexts that were removed lately, or below them.
    pub async fn installations_left(&self, limit: i64) -> Result<Vec<Installation>, Fault> {
        self.list(&INSTALLATIONS_LEFT, &[limit.into()], installation).await
    }

    /// Those of the next 500 installations after the id `after` that stand where nothing stands any longer, and where to go on; none: that
    /// was the end.
    pub async fn installations_left_after(
        &self,
        after: &str,
    ) -> Result<(Vec<Installation>, Option<String>), Fault> {
        let end = self.one(&SLICE_INSTALLATIONS, &[after.into()], |row| row.opt_text()).await?.flatten();
        let Some(end) = end else { return Ok((Vec::new(), None)) };
        let params = [after.into(), end.as_str().into()];
        Ok((self.list(&INSTALLATIONS_LEFT_OF, &params, installation).await?, Some(end)))
    }

    /// Where an extension is installed, of what a person belongs to: at most a hundred, where it is on first, by context; only the
    /// installation or context of that id, where one is named.
    pub async fn places(
        &self,
        tenant: &Tenant,
        extension: ExtensionKey,
        user: &UserId,
        named: Option<&str>,
    ) -> Result<Vec<Place>, Fault> {
        let params =
            [tenant.id.as_str().into(), user.as_str().into(), extension.0.into(), named.unwrap_or("").into()];
        let place = |row: &mut Row| {
            Ok(Place {
                id: row.text()?.into(),
                context: row.text()?.into(),
                name: row.opt_json::<Context>()?.map_or_else(|| tenant.name.clone(), |context| context.name),
                is_on: row.flag()?,
            })
        };
        self.list(&INSTALLATION_PLACES, &params, place).await
    }

    /// At most `limit` installations of what a person belongs to, in order of id, from the one after `after`.
    pub async fn installations_for(
        &self,
        tenant: &TenantId,
        user: &UserId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Installation>, Fault> {
        let params = [tenant.as_str().into(), user.as_str().into(), after.into(), limit.into()];
        self.list(&INSTALLATIONS_FOR, &params, installation).await
    }
}

-- The first schema, for SQLite. Times are milliseconds since the Unix epoch, flags 0 or 1 or nullable times, JSON is TEXT.
-- Only columns that never change are indexed, apart from the three conditions on state: live consents, keys in turn, mounts.

-- What brought this schema about.
CREATE TABLE migrations (
    version    INTEGER NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    checksum   TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

-- What the server knows of itself: the clock's mark, the epoch, the check value of the key-encryption key.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who does a job of which one worker suffices; a lease is economy, never correctness.
CREATE TABLE leases (
    name       TEXT NOT NULL PRIMARY KEY,
    holder     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Counters that are advanced under their row's lock. `event` numbers events on PostgreSQL.
CREATE TABLE counters (
    name  TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What configuration changed lately: other nodes poll it to drop cached rows. Ids begin with time.
CREATE TABLE changes (
    id     INTEGER NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    kind   TEXT NOT NULL,
    key    TEXT NOT NULL
) STRICT;

-- The key that seals a tenant's secrets, itself sealed by the key-encryption key.
CREATE TABLE data_keys (
    tenant     TEXT NOT NULL PRIMARY KEY,
    sealed     BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- In this and the next four tables `data` is the whole description as JSON; what stands in columns of its own wins.
CREATE TABLE tenants (
    id          TEXT NOT NULL PRIMARY KEY,
    data        TEXT NOT NULL,
    disabled_at INTEGER,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Mount = host and path of the issuer's URL: no two issuers share one.
CREATE TABLE issuers (
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL,
    mount       TEXT NOT NULL,
    data        TEXT NOT NULL,
    disabled_at INTEGER,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX issuers_by_mount ON issuers (mount);
CREATE INDEX issuers_by_tenant ON issuers (tenant);

CREATE TABLE users (
    tenant           TEXT NOT NULL,
    id               TEXT NOT NULL,
    data             TEXT NOT NULL,
    disabled_at      INTEGER,
    locked_at        INTEGER,
    valid_from       INTEGER,
    external_id      TEXT,
    external_version INTEGER,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_by_external_id ON users (tenant, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE clients (
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    data        TEXT NOT NULL,
    disabled_at INTEGER,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE apis (
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    data        TEXT NOT NULL,
    disabled_at INTEGER,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- User names and e-mail addresses, canonical, in one namespace per tenant.
CREATE TABLE login_names (
    tenant   TEXT NOT NULL,
    name_key TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    PRIMARY KEY (tenant, name_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_names_by_user ON login_names (tenant, user_id);

-- What a person can prove themselves by. One row of kind `password`, its `id` empty; passkeys and one-time codes are
-- rows beside it.
CREATE TABLE credentials (
    tenant     TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    data       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, user_id, kind, id)
) STRICT, WITHOUT ROWID;

-- A person as an upstream provider knows them.
CREATE TABLE identities (
    tenant     TEXT NOT NULL,
    provider   TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, provider, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_user ON identities (tenant, user_id);

-- `sealed` is for protocols that need the secret in the clear.
CREATE TABLE client_secrets (
    tenant     TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    id         TEXT NOT NULL,
    hash       BLOB NOT NULL,
    sealed     BLOB,
    state      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (tenant, client_id, id)
) STRICT, WITHOUT ROWID;

-- One key per tenant and algorithm is next, one current.
CREATE TABLE signing_keys (
    kid             TEXT NOT NULL PRIMARY KEY,
    tenant          TEXT NOT NULL,
    algorithm       TEXT NOT NULL,
    state           TEXT NOT NULL,
    sealed          BLOB NOT NULL,
    public_jwk      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    activated_at    INTEGER,
    retired_at      INTEGER,
    published_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX signing_keys_in_turn ON signing_keys (tenant, algorithm, state) WHERE state IN ('next', 'current');
CREATE INDEX signing_keys_by_tenant ON signing_keys (tenant);

CREATE TABLE mac_keys (
    tenant     TEXT NOT NULL,
    serial     INTEGER NOT NULL,
    sealed     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, serial)
) STRICT, WITHOUT ROWID;

-- At most one per person and client (and installation) is live. `ended_at` is never cleared.
CREATE TABLE consents (
    id           INTEGER NOT NULL PRIMARY KEY,
    tenant       TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    client_id    TEXT NOT NULL,
    installation TEXT,
    scopes       TEXT NOT NULL,
    implicit     INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    ended_at     INTEGER
) STRICT;
CREATE UNIQUE INDEX consents_live ON consents (tenant, user_id, client_id, COALESCE(installation, '')) WHERE ended_at IS NULL;

CREATE TABLE sessions (
    id          INTEGER NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    auth_time   INTEGER NOT NULL,
    acr         TEXT NOT NULL,
    factors     TEXT NOT NULL,
    remembered  INTEGER NOT NULL,
    used_at     INTEGER NOT NULL,
    idle_ms     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    user_agent  TEXT NOT NULL,
    address     TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (tenant, user_id);

-- A refresh rotates in place: no index holds a column that it changes.
CREATE TABLE grants (
    id                    INTEGER NOT NULL PRIMARY KEY,
    tenant                TEXT NOT NULL,
    issuer_id             TEXT NOT NULL,
    consent_id            INTEGER NOT NULL,
    session_id            INTEGER NOT NULL,
    user_id               TEXT NOT NULL,
    client_id             TEXT NOT NULL,
    actor                 TEXT,
    scopes                TEXT NOT NULL,
    resources             TEXT NOT NULL,
    authorization_details TEXT,
    cnf                   TEXT,
    auth_time             INTEGER NOT NULL,
    acr                   TEXT NOT NULL,
    amr                   TEXT NOT NULL,
    claims                TEXT,
    offline               INTEGER NOT NULL,
    generation            INTEGER NOT NULL,
    mac_key               INTEGER NOT NULL,
    spent_at              INTEGER,
    spent_before_at       INTEGER,
    used_at               INTEGER NOT NULL,
    idle_ms               INTEGER NOT NULL,
    expires_at            INTEGER NOT NULL,
    redeemed_at           INTEGER,
    ended_at              INTEGER,
    ended_reason          TEXT,
    created_at            INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_by_consent ON grants (consent_id);

-- The key begins with the time when the row may be forgotten: inserts append, reaping is a range delete.
CREATE TABLE tickets (
    key            BLOB NOT NULL PRIMARY KEY,
    kind           TEXT NOT NULL,
    tenant         TEXT NOT NULL,
    grant_id       INTEGER,
    client_id      TEXT,
    redirect_uri   TEXT,
    code_challenge TEXT,
    cnf            TEXT,
    failures       INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    consumed_at    INTEGER,
    data           TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A fixed number of buckets: a stranger cannot make it grow.
CREATE TABLE throttle_buckets (
    bucket   INTEGER NOT NULL PRIMARY KEY,
    since    INTEGER NOT NULL,
    attempts INTEGER NOT NULL
) STRICT;

-- What happened, and in which order: there is one writer, so the row's number is the order of commits.
CREATE TABLE events (
    seq         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id          BLOB NOT NULL UNIQUE,
    tenant      TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    actor       TEXT NOT NULL,
    user_id     TEXT,
    client_id   TEXT,
    grant_id    INTEGER,
    reason      TEXT,
    request_id  TEXT NOT NULL,
    address     TEXT NOT NULL,
    data        TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_tenant ON events (tenant, seq);

INSERT INTO counters (name, value) VALUES ('event', 0);

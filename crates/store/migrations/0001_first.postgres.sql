-- The first schema, for PostgreSQL. Times are milliseconds since the Unix epoch, flags 0 or 1 or nullable times, JSON is TEXT.
-- Only columns that never change are indexed, apart from the four conditions on state: live consents, keys in turn, mounts,
-- events without a number.

-- What brought this schema about.
CREATE TABLE migrations (
    version    BIGINT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    checksum   TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);

-- What the server knows of itself: the clock's mark, the epoch, the check value of the key-encryption key.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Who does a job of which one worker suffices; a lease is economy, never correctness.
CREATE TABLE leases (
    name       TEXT NOT NULL PRIMARY KEY,
    holder     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Counters that are advanced under their row's lock. `event` numbers events on PostgreSQL.
CREATE TABLE counters (
    name  TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- What configuration changed lately: other nodes poll it to drop cached rows. Ids begin with time.
CREATE TABLE changes (
    id     BIGINT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    kind   TEXT NOT NULL,
    key    TEXT NOT NULL
);

-- The key that seals a tenant's secrets, itself sealed by the key-encryption key.
CREATE TABLE data_keys (
    tenant     TEXT NOT NULL PRIMARY KEY,
    sealed     BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- In this and the next four tables `data` is the whole description as JSON; what stands in columns of its own wins.
CREATE TABLE tenants (
    id          TEXT NOT NULL PRIMARY KEY,
    data        TEXT NOT NULL,
    disabled_at BIGINT,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);

-- Mount = host and path of the issuer's URL: no two issuers share one.
CREATE TABLE issuers (
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL,
    mount       TEXT NOT NULL,
    data        TEXT NOT NULL,
    disabled_at BIGINT,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX issuers_by_mount ON issuers (mount);
CREATE INDEX issuers_by_tenant ON issuers (tenant);

CREATE TABLE users (
    tenant           TEXT NOT NULL,
    id               TEXT NOT NULL,
    data             TEXT NOT NULL,
    disabled_at      BIGINT,
    locked_at        BIGINT,
    valid_from       BIGINT,
    external_id      TEXT,
    external_version BIGINT,
    version          BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX users_by_external_id ON users (tenant, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE clients (
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    data        TEXT NOT NULL,
    disabled_at BIGINT,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE apis (
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    data        TEXT NOT NULL,
    disabled_at BIGINT,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- User names and e-mail addresses, canonical, in one namespace per tenant.
CREATE TABLE login_names (
    tenant   TEXT NOT NULL,
    name_key TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    PRIMARY KEY (tenant, name_key)
);
CREATE INDEX login_names_by_user ON login_names (tenant, user_id);

-- What a person can prove themselves by. One row of kind `password`, its `id` empty; passkeys and one-time codes are
-- rows beside it.
CREATE TABLE credentials (
    tenant     TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    data       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, kind, id)
);

-- A person as an upstream provider knows them.
CREATE TABLE identities (
    tenant     TEXT NOT NULL,
    provider   TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, provider, subject)
);
CREATE INDEX identities_by_user ON identities (tenant, user_id);

-- `sealed` is for protocols that need the secret in the clear.
CREATE TABLE client_secrets (
    tenant     TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    id         TEXT NOT NULL,
    hash       BYTEA NOT NULL,
    sealed     BYTEA,
    state      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (tenant, client_id, id)
);

-- One key per tenant and algorithm is next, one current.
CREATE TABLE signing_keys (
    kid             TEXT NOT NULL PRIMARY KEY,
    tenant          TEXT NOT NULL,
    algorithm       TEXT NOT NULL,
    state           TEXT NOT NULL,
    sealed          BYTEA NOT NULL,
    public_jwk      TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    activated_at    BIGINT,
    retired_at      BIGINT,
    published_until BIGINT
);
CREATE UNIQUE INDEX signing_keys_in_turn ON signing_keys (tenant, algorithm, state) WHERE state IN ('next', 'current');
CREATE INDEX signing_keys_by_tenant ON signing_keys (tenant);

CREATE TABLE mac_keys (
    tenant     TEXT NOT NULL,
    serial     BIGINT NOT NULL,
    sealed     BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, serial)
);

-- At most one per person and client (and installation) is live. `ended_at` is never cleared.
CREATE TABLE consents (
    id           BIGINT NOT NULL PRIMARY KEY,
    tenant       TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    client_id    TEXT NOT NULL,
    installation TEXT,
    scopes       TEXT NOT NULL,
    implicit     BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    ended_at     BIGINT
);
CREATE UNIQUE INDEX consents_live ON consents (tenant, user_id, client_id, COALESCE(installation, '')) WHERE ended_at IS NULL;

CREATE TABLE sessions (
    id          BIGINT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    auth_time   BIGINT NOT NULL,
    acr         TEXT NOT NULL,
    factors     TEXT NOT NULL,
    remembered  BIGINT NOT NULL,
    used_at     BIGINT NOT NULL,
    idle_ms     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    user_agent  TEXT NOT NULL,
    address     TEXT NOT NULL,
    created_at  BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX sessions_by_user ON sessions (tenant, user_id);

-- A refresh rotates in place: no index holds a column that it changes.
CREATE TABLE grants (
    id                    BIGINT NOT NULL PRIMARY KEY,
    tenant                TEXT NOT NULL,
    issuer_id             TEXT NOT NULL,
    consent_id            BIGINT NOT NULL,
    session_id            BIGINT NOT NULL,
    user_id               TEXT NOT NULL,
    client_id             TEXT NOT NULL,
    actor                 TEXT,
    scopes                TEXT NOT NULL,
    resources             TEXT NOT NULL,
    authorization_details TEXT,
    cnf                   TEXT,
    auth_time             BIGINT NOT NULL,
    acr                   TEXT NOT NULL,
    amr                   TEXT NOT NULL,
    claims                TEXT,
    offline               BIGINT NOT NULL,
    generation            BIGINT NOT NULL,
    mac_key               BIGINT NOT NULL,
    spent_at              BIGINT,
    spent_before_at       BIGINT,
    used_at               BIGINT NOT NULL,
    idle_ms               BIGINT NOT NULL,
    expires_at            BIGINT NOT NULL,
    redeemed_at           BIGINT,
    ended_at              BIGINT,
    ended_reason          TEXT,
    created_at            BIGINT NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX grants_by_consent ON grants (consent_id);

-- The key begins with the time when the row may be forgotten: inserts append, reaping is a range delete.
CREATE TABLE tickets (
    key            BYTEA NOT NULL PRIMARY KEY,
    kind           TEXT NOT NULL,
    tenant         TEXT NOT NULL,
    grant_id       BIGINT,
    client_id      TEXT,
    redirect_uri   TEXT,
    code_challenge TEXT,
    cnf            TEXT,
    failures       BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    consumed_at    BIGINT,
    data           TEXT NOT NULL
);

-- A fixed number of buckets: a stranger cannot make it grow.
CREATE TABLE throttle_buckets (
    bucket   BIGINT NOT NULL PRIMARY KEY,
    since    BIGINT NOT NULL,
    attempts BIGINT NOT NULL
) WITH (fillfactor = 70);

-- What happened. Ids are not in order of commits; the sequencer numbers rows afterwards, and every reader goes by `seq`.
CREATE TABLE events (
    seq         BIGINT UNIQUE,
    id          BYTEA NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    actor       TEXT NOT NULL,
    user_id     TEXT,
    client_id   TEXT,
    grant_id    BIGINT,
    reason      TEXT,
    request_id  TEXT NOT NULL,
    address     TEXT NOT NULL,
    data        TEXT NOT NULL
);
CREATE INDEX events_by_tenant ON events (tenant, seq);
CREATE INDEX events_unnumbered ON events (id) WHERE seq IS NULL;

INSERT INTO counters (name, value) VALUES ('event', 0);

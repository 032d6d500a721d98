-- Extensions, for SQLite: what third parties make, where it is installed, and what its makers are told.

-- Installations name an extension by its key. Its client is the row of `clients` with the same id. `epoch` counts how often it was
-- stopped.
CREATE TABLE extensions (
    key             INTEGER NOT NULL PRIMARY KEY,
    tenant          TEXT NOT NULL,
    id              TEXT NOT NULL,
    contributor_key INTEGER,
    data            TEXT NOT NULL,
    state           TEXT NOT NULL,
    suspended_at    INTEGER,
    epoch           INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX extensions_by_id ON extensions (tenant, id);

-- What manifests in force say of audiences: each is one extension's.
CREATE TABLE extension_audiences (
    tenant        TEXT NOT NULL,
    extension_key INTEGER NOT NULL,
    audience      TEXT NOT NULL,
    PRIMARY KEY (tenant, audience)
) STRICT, WITHOUT ROWID;
CREATE INDEX extension_audiences_by_extension ON extension_audiences (tenant, extension_key);

-- `context_key` 0: the tenant itself. `version` numbers its events; `epoch` counts how often it was switched off. `removed_at` is never
-- cleared.
CREATE TABLE installations (
    id            TEXT NOT NULL PRIMARY KEY,
    tenant        TEXT NOT NULL,
    extension_key INTEGER NOT NULL,
    extension_id  TEXT NOT NULL,
    context_key   INTEGER NOT NULL,
    context_id    TEXT NOT NULL,
    scopes        TEXT NOT NULL,
    data          TEXT NOT NULL,
    disabled_at   INTEGER,
    suspended_at  INTEGER,
    removed_at    INTEGER,
    epoch         INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX installations_live ON installations (tenant, extension_key, context_key) WHERE removed_at IS NULL;
CREATE INDEX installations_by_tenant ON installations (tenant, id);
CREATE INDEX installations_by_context ON installations (context_key, id) WHERE removed_at IS NULL;
CREATE INDEX installations_by_extension ON installations (extension_key, id);

-- `number` is the installation's version with which it came: what is newer replaces what is older. `sealed` only until the extension
-- has the secret.
CREATE TABLE installation_secrets (
    tenant          TEXT NOT NULL,
    installation_id TEXT NOT NULL,
    hash            BLOB NOT NULL,
    id              TEXT NOT NULL,
    number          INTEGER NOT NULL,
    sealed          BLOB,
    state           TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    delivered_at    INTEGER,
    current_at      INTEGER,
    expires_at      INTEGER,
    PRIMARY KEY (tenant, installation_id, hash)
) STRICT, WITHOUT ROWID;

-- What an extension is told of an installation, in the order of its numbers. `state` is the installation as it was then.
CREATE TABLE webhook_events (
    tenant          TEXT NOT NULL,
    installation_id TEXT NOT NULL,
    number          INTEGER NOT NULL,
    id              TEXT NOT NULL,
    kind            TEXT NOT NULL,
    secret_id       TEXT,
    state           TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    settled_at      INTEGER,
    outcome         TEXT,
    PRIMARY KEY (installation_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_events_by_age ON webhook_events (created_at);

-- What waits of an installation, while something waits or it is paused. All events up to `done` are settled, `last` is the newest.
-- `due_at`: when somebody should turn to it; as long as it is claimed (`lease`), when that ends.
CREATE TABLE webhook_queues (
    installation_id TEXT NOT NULL PRIMARY KEY,
    tenant          TEXT NOT NULL,
    extension_key   INTEGER NOT NULL,
    done            INTEGER NOT NULL,
    last            INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    due_at          INTEGER,
    lease           TEXT,
    blocked_at      INTEGER,
    paused_at       INTEGER,
    paused_reason   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_queues_due ON webhook_queues (due_at) WHERE due_at IS NOT NULL;

-- How each attempt went. `answer` is the beginning of what was answered.
CREATE TABLE webhook_attempts (
    id              INTEGER NOT NULL PRIMARY KEY,
    tenant          TEXT NOT NULL,
    installation_id TEXT NOT NULL,
    number          INTEGER NOT NULL,
    request_id      TEXT NOT NULL,
    happened_at     INTEGER NOT NULL,
    duration_ms     INTEGER NOT NULL,
    status          INTEGER,
    error           TEXT,
    answer          BLOB
) STRICT;
CREATE INDEX webhook_attempts_by_installation ON webhook_attempts (installation_id, id);

-- Keys that sign what extensions are told; the newest of a tenant signs, and all stay known. `public_key` is base64 of 32 bytes.
CREATE TABLE webhook_keys (
    serial     TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL,
    number     INTEGER NOT NULL,
    sealed     BLOB NOT NULL,
    public_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX webhook_keys_of ON webhook_keys (tenant, number);

-- What an extension and we share, to sign by. The newest has no end.
CREATE TABLE webhook_secrets (
    tenant        TEXT NOT NULL,
    extension_key INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    id            TEXT NOT NULL,
    sealed        BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    PRIMARY KEY (tenant, extension_key, number)
) STRICT, WITHOUT ROWID;

ALTER TABLE grants ADD COLUMN installation_id TEXT;
ALTER TABLE grants ADD COLUMN installation_epoch INTEGER;
ALTER TABLE grants ADD COLUMN unnamed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX grants_by_installation ON grants (tenant, installation_id, id) WHERE installation_id IS NOT NULL;

ALTER TABLE events ADD COLUMN installation_id TEXT;
CREATE INDEX events_by_installation ON events (tenant, installation_id, seq) WHERE installation_id IS NOT NULL;
CREATE INDEX events_of_installations ON events (tenant, client_id, seq)
    WHERE kind IN ('installation.added', 'installation.updated', 'installation.secret_rotated', 'installation.removed');

-- Contexts that were removed lately: what is installed in them and below goes after them.
CREATE INDEX contexts_removed ON contexts (key) WHERE removed_at IS NOT NULL;

-- Whether a client is told that a session ended: it has an address for that.
ALTER TABLE clients ADD COLUMN hears_logout INTEGER NOT NULL DEFAULT 0;

-- Who has to be told that a session ended: written in the commit that ends it, forgotten once told, or given up.
CREATE TABLE logouts (
    tenant     TEXT NOT NULL,
    session_id INTEGER NOT NULL,
    client_id  TEXT NOT NULL,
    issuer_id  TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, session_id, client_id, issuer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX logouts_due ON logouts (due_at);

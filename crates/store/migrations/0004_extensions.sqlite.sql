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

ALTER TABLE grants ADD COLUMN installation_id TEXT;
ALTER TABLE grants ADD COLUMN installation_epoch INTEGER;
CREATE INDEX grants_by_installation ON grants (tenant, installation_id, id) WHERE installation_id IS NOT NULL;

ALTER TABLE events ADD COLUMN installation_id TEXT;
CREATE INDEX events_by_installation ON events (tenant, installation_id, seq) WHERE installation_id IS NOT NULL;

-- Extensions, for PostgreSQL: what third parties make, where it is installed, and what its makers are told.

-- Installations name an extension by its key. Its client is the row of `clients` with the same id. `epoch` counts how often it was
-- stopped.
CREATE TABLE extensions (
    key             BIGINT NOT NULL PRIMARY KEY,
    tenant          TEXT COLLATE "C" NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    contributor_key BIGINT,
    data            TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    suspended_at    BIGINT,
    epoch           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX extensions_by_id ON extensions (tenant, id);

-- What manifests in force say of audiences: each is one extension's.
CREATE TABLE extension_audiences (
    tenant        TEXT COLLATE "C" NOT NULL,
    extension_key BIGINT NOT NULL,
    audience      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, audience)
);
CREATE INDEX extension_audiences_by_extension ON extension_audiences (tenant, extension_key);

-- `context_key` 0: the tenant itself. `version` numbers its events; `epoch` counts how often it was switched off. `removed_at` is never
-- cleared.
CREATE TABLE installations (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant        TEXT COLLATE "C" NOT NULL,
    extension_key BIGINT NOT NULL,
    extension_id  TEXT COLLATE "C" NOT NULL,
    context_key   BIGINT NOT NULL,
    context_id    TEXT COLLATE "C" NOT NULL,
    scopes        TEXT COLLATE "C" NOT NULL,
    data          TEXT COLLATE "C" NOT NULL,
    disabled_at   BIGINT,
    suspended_at  BIGINT,
    removed_at    BIGINT,
    epoch         BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX installations_live ON installations (tenant, extension_key, context_key) WHERE removed_at IS NULL;
CREATE INDEX installations_by_tenant ON installations (tenant, id);
CREATE INDEX installations_by_context ON installations (context_key, id) WHERE removed_at IS NULL;
CREATE INDEX installations_by_extension ON installations (extension_key, id);

-- `number` is the installation's version with which it came: what is newer replaces what is older. `sealed` only until the extension
-- has the secret.
CREATE TABLE installation_secrets (
    tenant          TEXT COLLATE "C" NOT NULL,
    installation_id TEXT COLLATE "C" NOT NULL,
    hash            BYTEA NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    number          BIGINT NOT NULL,
    sealed          BYTEA,
    state           TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    delivered_at    BIGINT,
    current_at      BIGINT,
    expires_at      BIGINT,
    PRIMARY KEY (tenant, installation_id, hash)
);

-- What an extension is told of an installation, in the order of its numbers. `state` is the installation as it was then.
CREATE TABLE webhook_events (
    tenant          TEXT COLLATE "C" NOT NULL,
    installation_id TEXT COLLATE "C" NOT NULL,
    number          BIGINT NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    secret_id       TEXT COLLATE "C",
    state           TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    settled_at      BIGINT,
    outcome         TEXT COLLATE "C",
    PRIMARY KEY (installation_id, number)
);
CREATE INDEX webhook_events_by_age ON webhook_events (created_at);

-- What waits of an installation, while something waits or it is paused. All events up to `done` are settled, `last` is the newest.
-- `due_at`: when somebody should turn to it; as long as it is claimed (`lease`), when that ends.
CREATE TABLE webhook_queues (
    installation_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant          TEXT COLLATE "C" NOT NULL,
    extension_key   BIGINT NOT NULL,
    done            BIGINT NOT NULL,
    last            BIGINT NOT NULL,
    attempts        BIGINT NOT NULL,
    due_at          BIGINT,
    lease           TEXT COLLATE "C",
    blocked_at      BIGINT,
    paused_at       BIGINT,
    paused_reason   TEXT COLLATE "C"
);
CREATE INDEX webhook_queues_due ON webhook_queues (due_at) WHERE due_at IS NOT NULL;

-- How each attempt went. `answer` is the beginning of what was answered.
CREATE TABLE webhook_attempts (
    id              BIGINT NOT NULL PRIMARY KEY,
    tenant          TEXT COLLATE "C" NOT NULL,
    installation_id TEXT COLLATE "C" NOT NULL,
    number          BIGINT NOT NULL,
    request_id      TEXT COLLATE "C" NOT NULL,
    happened_at     BIGINT NOT NULL,
    duration_ms     BIGINT NOT NULL,
    status          BIGINT,
    error           TEXT COLLATE "C",
    answer          BYTEA
);
CREATE INDEX webhook_attempts_by_installation ON webhook_attempts (installation_id, id);

-- Keys that sign what extensions are told; the newest of a tenant signs, and all stay known. `public_key` is base64 of 32 bytes.
CREATE TABLE webhook_keys (
    serial     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant     TEXT COLLATE "C" NOT NULL,
    number     BIGINT NOT NULL,
    sealed     BYTEA NOT NULL,
    public_key TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX webhook_keys_of ON webhook_keys (tenant, number);

-- What an extension and we share, to sign by. The newest has no end.
CREATE TABLE webhook_secrets (
    tenant        TEXT COLLATE "C" NOT NULL,
    extension_key BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    id            TEXT COLLATE "C" NOT NULL,
    sealed        BYTEA NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT,
    PRIMARY KEY (tenant, extension_key, number)
);

ALTER TABLE grants ADD COLUMN installation_id TEXT COLLATE "C";
ALTER TABLE grants ADD COLUMN installation_epoch BIGINT;
ALTER TABLE grants ADD COLUMN unnamed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX grants_by_installation ON grants (tenant, installation_id, id) WHERE installation_id IS NOT NULL;

ALTER TABLE events ADD COLUMN installation_id TEXT COLLATE "C";
CREATE INDEX events_by_installation ON events (tenant, installation_id, seq) WHERE installation_id IS NOT NULL;
CREATE INDEX events_of_installations ON events (tenant, client_id, seq)
    WHERE kind IN ('installation.added', 'installation.updated', 'installation.secret_rotated', 'installation.removed');

-- Contexts that were removed lately: what is installed in them and below goes after them.
CREATE INDEX contexts_removed ON contexts (key) WHERE removed_at IS NOT NULL;

-- Whether a client is told that a session ended: it has an address for that.
ALTER TABLE clients ADD COLUMN hears_logout BIGINT NOT NULL DEFAULT 0;

-- Who has to be told that a session ended: written in the commit that ends it, forgotten once told, or given up.
CREATE TABLE logouts (
    tenant     TEXT COLLATE "C" NOT NULL,
    session_id BIGINT NOT NULL,
    client_id  TEXT COLLATE "C" NOT NULL,
    issuer_id  TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    attempts   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    PRIMARY KEY (tenant, session_id, client_id, issuer_id)
);
CREATE INDEX logouts_due ON logouts (due_at);

-- Administration, for SQLite: roles, contexts, what is brought in.

-- Assignments name a role by its key: one made anew under the same id has another, and old assignments stay dead.
CREATE TABLE roles (
    key        INTEGER NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    data       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX roles_by_id ON roles (tenant, id);

-- What people have roles in. `ancestor1` is the parent; `depth` counts the ancestors, so that one that is gone is missed.
-- `removed_at` is never cleared; what is made anew under the same id is another row.
CREATE TABLE contexts (
    key              INTEGER NOT NULL PRIMARY KEY,
    tenant           TEXT NOT NULL,
    id               TEXT NOT NULL,
    ancestor1        INTEGER,
    ancestor2        INTEGER,
    ancestor3        INTEGER,
    depth            INTEGER NOT NULL,
    data             TEXT NOT NULL,
    disabled_at      INTEGER,
    removed_at       INTEGER,
    external_id      TEXT,
    external_version INTEGER,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX contexts_by_id ON contexts (tenant, id) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX contexts_by_external_id ON contexts (tenant, external_id) WHERE external_id IS NOT NULL AND removed_at IS NULL;
CREATE INDEX contexts_by_parent ON contexts (ancestor1, id) WHERE ancestor1 IS NOT NULL;

CREATE TABLE memberships (
    tenant           TEXT NOT NULL,
    user_id          TEXT NOT NULL,
    context_key      INTEGER NOT NULL,
    external_version INTEGER,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    PRIMARY KEY (tenant, user_id, context_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_context ON memberships (context_key, user_id);

-- A role of a person: in the whole tenant where `context_key` is 0.
CREATE TABLE assignments (
    tenant      TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    context_key INTEGER NOT NULL,
    role_key    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, user_id, context_key, role_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignments_by_role ON assignments (role_key, user_id);

-- What another system removed, and the version of its record then: an older record that comes late does not bring it back.
CREATE TABLE external_tombstones (
    tenant      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    external_id TEXT NOT NULL,
    version     INTEGER NOT NULL,
    removed_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_tombstones_by_age ON external_tombstones (removed_at);
-- Mails that wait to be sent. Who takes one puts its next turn off first; one that was sent is removed.
CREATE TABLE outbox (
    id         INTEGER NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    user_id    TEXT,
    sealed     BLOB NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;


-- What administrators look for: the history of a person or a client, and what they hold.
CREATE INDEX events_back_by_user ON events (tenant, user_id, seq) WHERE user_id IS NOT NULL;
CREATE INDEX events_back_by_client ON events (tenant, client_id, seq) WHERE client_id IS NOT NULL;
CREATE INDEX grants_by_user ON grants (tenant, user_id, id);
CREATE INDEX grants_by_client ON grants (tenant, client_id, id);

-- Answers of the admin API that a repeated request gets again: kept for a day, sealed, because some show a secret.
CREATE TABLE admin_answers (
    tenant       TEXT NOT NULL,
    key          BLOB NOT NULL,
    request_hash BLOB NOT NULL,
    sealed       BLOB NOT NULL,
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX admin_answers_by_end ON admin_answers (expires_at);

-- For lists of administrators: what a client was allowed, and who is disabled.
CREATE INDEX consents_by_client ON consents (tenant, client_id, id) WHERE ended_at IS NULL;
CREATE INDEX users_disabled ON users (tenant, id) WHERE disabled_at IS NOT NULL;

-- Who administers the server, beside what their row says, so that the last of them is found.
CREATE TABLE administrators (
    tenant  TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO administrators (tenant, user_id)
    SELECT tenant, id FROM users WHERE json_extract(data, '$.administrator_since') IS NOT NULL;

-- A database as it was made before there were people: schema 0001, with something in it.

CREATE TABLE acts (
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    address TEXT,
    details TEXT NOT NULL,
    CONSTRAINT pk_acts PRIMARY KEY (id)
);

CREATE TABLE applications (
    client_id TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    grant_types TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    backchannel_logout_uri TEXT,
    description TEXT NOT NULL,
    website TEXT,
    owner TEXT,
    enabled BOOLEAN NOT NULL,
    generation INTEGER NOT NULL,
    token_format TEXT NOT NULL,
    signing_alg TEXT NOT NULL,
    access_token_lifetime INTEGER,
    pkce_required BOOLEAN NOT NULL,
    trusted BOOLEAN NOT NULL,
    resource_server BOOLEAN NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_applications PRIMARY KEY (client_id)
);

CREATE TABLE changes (
    id INTEGER NOT NULL CONSTRAINT ck_changes_one_row CHECK (id = 1),
    number INTEGER NOT NULL,
    CONSTRAINT pk_changes PRIMARY KEY (id)
);

CREATE TABLE forgotten (
    client_id TEXT NOT NULL,
    CONSTRAINT pk_forgotten PRIMARY KEY (client_id)
);

CREATE TABLE processes (
    number INTEGER NOT NULL,
    holder TEXT,
    since_milliseconds INTEGER NOT NULL,
    until_milliseconds INTEGER NOT NULL,
    CONSTRAINT pk_processes PRIMARY KEY (number)
);

CREATE TABLE signing_keys (
    position INTEGER NOT NULL,
    kid TEXT NOT NULL,
    alg TEXT NOT NULL,
    state TEXT NOT NULL,
    public TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retires_at INTEGER,
    CONSTRAINT pk_signing_keys PRIMARY KEY (position),
    CONSTRAINT uq_signing_keys_kid UNIQUE (kid)
);

CREATE TABLE tokens (
    id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    client_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    format TEXT NOT NULL,
    user TEXT,
    address TEXT,
    revoked_at INTEGER,
    last_used_at INTEGER,
    last_used_address TEXT,
    CONSTRAINT pk_tokens PRIMARY KEY (id)
);

CREATE INDEX ix_tokens_client_id ON tokens (client_id);

CREATE INDEX ix_tokens_expires_at ON tokens (expires_at);

CREATE INDEX ix_tokens_user ON tokens (user) WHERE user IS NOT NULL;

CREATE TABLE secrets (
    id INTEGER NOT NULL,
    client_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    last_four TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    last_used_address TEXT,
    CONSTRAINT pk_secrets PRIMARY KEY (id),
    CONSTRAINT fk_secrets_client_id FOREIGN KEY(client_id) REFERENCES applications (client_id) ON DELETE CASCADE
);

CREATE INDEX ix_secrets_client_id ON secrets (client_id);

CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);

PRAGMA application_id = 1397444690;

INSERT INTO alembic_version VALUES ('0001');

INSERT INTO changes VALUES (1, 7);

INSERT INTO processes
WITH RECURSIVE numbers (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number < 1023)
SELECT number, NULL, 0, 0 FROM numbers;

INSERT INTO applications VALUES (
    'night-shift', 'm2m', 'Night shift', 'rest:callforward:read', 'client_credentials', 1767268800, '[]', '[]', NULL, '',
    NULL, 'alice', 1, 0, 'opaque', 'ES256', NULL, 1, 0, 0, 0, 0
);

INSERT INTO secrets VALUES (1, 'night-shift', zeroblob(32), 'wxyz', 'first', 1767268800, 'cli:root', NULL, NULL, NULL);

INSERT INTO tokens VALUES (
    2, zeroblob(32), 'night-shift', 'rest:callforward:read', 1767268800, 1767272400, 0, 'opaque', 'alice', NULL, NULL,
    NULL, NULL
);

INSERT INTO acts VALUES (3, 1767268800, 'cli:root', 'application.add', 'night-shift', NULL, '{}');

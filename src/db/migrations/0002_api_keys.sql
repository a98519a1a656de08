-- Keys of the API. A secret is stored only as its SHA-256; a revoked key keeps its row, so that lists can show it.

CREATE TABLE api_key (
    id INTEGER PRIMARY KEY,             -- grows; the public id is computed from it
    organization BIGINT NOT NULL,
    kind SMALLINT NOT NULL,             -- how it was handed out: 0 as pk.sk, 1 as sk alone
    key_id TEXT NOT NULL,               -- the public half, "pk_live_…"
    secret_sha256 TEXT NOT NULL,        -- of the whole secret, "sk_live_…", in lower-case hexadecimal
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_used_at BIGINT,                -- written at most every five minutes
    revoked_at BIGINT
);
CREATE UNIQUE INDEX api_key_secret ON api_key (secret_sha256);
CREATE INDEX api_key_organization ON api_key (organization, id);

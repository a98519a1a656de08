-- Answers that an Idempotency-Key replays. Small: a day's worth of requests that carry one.
CREATE TABLE idempotency (
    organization BIGINT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,          -- of method, path, query and body
    status SMALLINT NOT NULL,
    body TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (organization, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- When the pending runs of a task expire; only of tasks that do. Removed when that moment has passed and nothing of the
-- task is pending any more.
CREATE TABLE expiry (
    task INTEGER PRIMARY KEY,
    organization BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX expiry_at ON expiry (at, task);

INSERT INTO expiry (task, organization, at)
    SELECT id, organization, json_extract(options, '$.expires_at') FROM task
    WHERE kind = 0 AND deleted_at IS NULL AND options LIKE '%"expires_at"%'
        AND json_extract(options, '$.expires_at') IS NOT NULL;

-- What keeps a request from being carried out twice.

-- Answers that an Idempotency-Key replays, in the hour in which they expire: a day's keys come in at random, so each hour
-- is a small tree of its own, and what has expired goes as a whole.
DROP TABLE idempotency;
CREATE TABLE idempotency_answer (
    expiry_hour BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,          -- of method, path, query and body
    status SMALLINT NOT NULL,
    body TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (expiry_hour, organization, key)
) WITHOUT ROWID;

-- Keys of dedupe (1), debounce (2) and throttle (3), with the task that stands for them. Only tasks that use one of
-- them have a row here.
CREATE TABLE once_key (
    organization BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    key TEXT NOT NULL,
    task BIGINT NOT NULL,
    since BIGINT NOT NULL,              -- when the task that stands for it was first asked for
    accepted TEXT,                      -- throttle: when the tasks that still count came, milliseconds, oldest first
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (organization, kind, key)
) WITHOUT ROWID;
CREATE INDEX once_key_expiry ON once_key (expires_at);

-- Tags ("#urgent") and members of the metadata ("customer=42") of tasks that have any.
CREATE TABLE task_label (
    organization BIGINT NOT NULL,
    label TEXT NOT NULL,
    task BIGINT NOT NULL,
    PRIMARY KEY (organization, label, task)
) WITHOUT ROWID;
CREATE INDEX task_label_task ON task_label (task);

-- The names of tasks, many to a row, for the search by a part of them: docs/decisions/0010.
CREATE TABLE name_block (
    organization BIGINT NOT NULL,
    newest BIGINT NOT NULL,             -- its last task
    oldest BIGINT NOT NULL,             -- its first task
    names BLOB NOT NULL,                -- different ones, lower case, each with a NUL behind it
    tasks BLOB NOT NULL,                -- id and place of its name, oldest first
    PRIMARY KEY (organization, newest)
) WITHOUT ROWID;

-- Organizations, tasks, what is pending (timer) and what happened (execution).
-- Times are milliseconds since 1970 UTC. Words of the code's enums are stored as their numbers (store/rows.h pins them).
-- The rule of the hot tables: a row is written where its neighbours were just written. No index here receives its
-- inserts at random places, except for what is rare (docs: engine design, "What is on disk").

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE organization (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    webhook_secret TEXT NOT NULL,
    settings TEXT,                      -- JSON object; NULL: all defaults
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX organization_name ON organization (name);

-- Written at creation; edits are rare and keep the row before them in task_version.
CREATE TABLE task (
    id INTEGER PRIMARY KEY,             -- grows; the public id is computed from it
    organization BIGINT NOT NULL,
    version BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    surface SMALLINT NOT NULL,
    enabled SMALLINT NOT NULL,
    method SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    scheduled_at BIGINT,                -- kind once: the first due time
    queue TEXT,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    options TEXT,                       -- JSON object of whatever is not default
    body BLOB
);
CREATE INDEX task_live ON task (organization, id) WHERE deleted_at IS NULL;
CREATE INDEX task_queue ON task (organization, queue, id) WHERE deleted_at IS NULL AND queue IS NOT NULL;
CREATE INDEX task_cron ON task (organization, id) WHERE deleted_at IS NULL AND kind = 1;

-- A task as it was before an update, so that an old execution can show what it sent.
CREATE TABLE task_version (
    task BIGINT NOT NULL,
    version BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    replaced_at BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    surface SMALLINT NOT NULL,
    enabled SMALLINT NOT NULL,
    method SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    scheduled_at BIGINT,
    queue TEXT,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    options TEXT,
    body BLOB,
    PRIMARY KEY (task, version)
);
CREATE INDEX task_version_age ON task_version (replaced_at);

-- Where a cron task stands. Narrow: rewritten by each of its runs.
CREATE TABLE schedule (
    task INTEGER PRIMARY KEY,
    organization BIGINT NOT NULL,
    next_run_at BIGINT,
    last_execution_at BIGINT,
    last_status SMALLINT
);

-- The set of what is pending, clustered by due hour. SQLite has one shard, 0: 64 would touch 64 pages in a commit.
-- The row of a one-time task's first attempt has id = task and due = scheduled_for and is found by its key, from the
-- task's scheduled_at; every other row (retries, triggers, runs of a cron task, beats, moved ones) by the two indexes.
CREATE TABLE timer (
    shard SMALLINT NOT NULL,
    due_hour BIGINT NOT NULL,
    id BIGINT NOT NULL,
    task BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    cause SMALLINT NOT NULL,
    attempt SMALLINT NOT NULL,
    priority SMALLINT NOT NULL,
    due BIGINT NOT NULL,
    scheduled_for BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    first BIGINT,                       -- NULL: its own id
    PRIMARY KEY (shard, due_hour, id)
) WITHOUT ROWID;
CREATE INDEX timer_task ON timer (task) WHERE id <> task OR due <> scheduled_for OR kind <> 0;
CREATE INDEX timer_id ON timer (id) WHERE id <> task OR due <> scheduled_for OR kind <> 0;

-- Written once, when an attempt ends. The first attempt of a one-time task has the task's id.
CREATE TABLE execution (
    id INTEGER PRIMARY KEY,
    task BIGINT NOT NULL,
    organization BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    cause SMALLINT NOT NULL,
    attempt SMALLINT NOT NULL,
    deliveries SMALLINT NOT NULL,
    task_version BIGINT NOT NULL,
    status_code SMALLINT,
    scheduled_for BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    first BIGINT,                       -- NULL: its own id
    next BIGINT,                        -- NULL: no retry follows
    next_at BIGINT,
    dns_us BIGINT,
    connect_us BIGINT,
    tls_us BIGINT,
    first_byte_us BIGINT,
    total_us BIGINT,
    address TEXT,
    error_message TEXT,
    response_truncated SMALLINT NOT NULL,
    request_head TEXT,
    response_head TEXT,
    response_body BLOB
);
CREATE INDEX execution_finished ON execution (organization, finished_at);
CREATE INDEX execution_failed ON execution (organization, finished_at) WHERE status IN (3, 4);
CREATE INDEX execution_task ON execution (task, id) WHERE id <> task;

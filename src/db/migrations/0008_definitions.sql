-- A user's own name for a task, unique among the organization's live tasks. Only tasks that have one have a row; the
-- key itself also stands in the task's options.
CREATE TABLE task_key (
    organization BIGINT NOT NULL,
    key TEXT NOT NULL,
    task BIGINT NOT NULL,
    PRIMARY KEY (organization, key)
) WITHOUT ROWID;
CREATE INDEX task_key_task ON task_key (task);

-- One action on many tasks: counted first, then confirmed, then done step by step. Each step is one commit with the
-- cursor, so that a restart goes on after the last one.
CREATE TABLE bulk_job (
    id INTEGER PRIMARY KEY,             -- grows; the public id is computed from it
    organization BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    request TEXT NOT NULL,              -- JSON: action, filter and params as they were checked
    matched BIGINT NOT NULL,
    cursor BIGINT NOT NULL,             -- the last task that was looked at
    last_task BIGINT NOT NULL,          -- newer ones are not touched
    changed BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX bulk_job_organization ON bulk_job (organization, id);
CREATE INDEX bulk_job_running ON bulk_job (id) WHERE status = 1;

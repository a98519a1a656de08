-- A user's own name for a task, unique among the organization's live tasks. Only tasks that have one have a row; the
-- key itself also stands in the task's options.
CREATE TABLE task_key (
    organization BIGINT NOT NULL,
    key TEXT NOT NULL,
    task BIGINT NOT NULL,
    PRIMARY KEY (organization, key)
) WITHOUT ROWID;
CREATE INDEX task_key_task ON task_key (task);

-- What outcomes cause: callbacks and notices (system tasks, found by the execution that caused them), the comparison
-- with the run before, and the dead letters.

-- System tasks stay out of the lists of the user's, however many there are.
DROP INDEX task_live;
CREATE INDEX task_live ON task (organization, id) WHERE deleted_at IS NULL AND surface <> 3;
CREATE INDEX task_system ON task (organization, id) WHERE surface = 3;
CREATE INDEX task_parent ON task (json_extract(options, '$.parent')) WHERE surface = 3;

-- Whether the last finished run was finally lost; NULL: none has finished. Written with last_status.
ALTER TABLE schedule ADD COLUMN last_run_lost SMALLINT;

-- Finally lost runs, by their last execution. Goes when the run is redriven, dismissed, or its execution is deleted.
CREATE TABLE dead_letter (
    organization BIGINT NOT NULL,
    execution BIGINT NOT NULL,          -- grows
    task BIGINT NOT NULL,
    purpose SMALLINT NOT NULL,
    attempt SMALLINT NOT NULL,
    finished_at BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    status_code SMALLINT,
    host TEXT NOT NULL,
    error TEXT NOT NULL,                -- its first 512 bytes
    PRIMARY KEY (organization, execution)
) WITHOUT ROWID;
CREATE TRIGGER execution_gone AFTER DELETE ON execution
    WHEN old.next IS NULL AND old.status IN (3, 4, 7)
BEGIN
    DELETE FROM dead_letter WHERE organization = old.organization AND execution = old.id;
END;

-- Where an organization is told of failures and recoveries.
CREATE TABLE notification (
    organization INTEGER PRIMARY KEY,
    webhook_url TEXT NOT NULL,          -- empty: nowhere
    on_failure SMALLINT NOT NULL,
    on_recovery SMALLINT NOT NULL,
    updated_at BIGINT NOT NULL
);

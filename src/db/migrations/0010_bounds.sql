-- What organizations may use and have used.

-- The name of the plan; NULL: the installation's default. The overrides are a JSON object of the plan's numbers.
ALTER TABLE organization ADD COLUMN plan TEXT;
ALTER TABLE organization ADD COLUMN plan_overrides TEXT;

-- One narrow row for each organization and day (UTC), written with the outcomes that it counts.
CREATE TABLE usage_day (
    organization BIGINT NOT NULL,
    day BIGINT NOT NULL,                -- days since 1970
    executions BIGINT NOT NULL,         -- first attempts that ended: what plans count
    failed BIGINT NOT NULL,             -- of these: failed or timed out
    attempts BIGINT NOT NULL,           -- with retries
    PRIMARY KEY (organization, day)
) WITHOUT ROWID;

-- A notice that was sent: each once in a month.
CREATE TABLE quota_notice (
    organization BIGINT NOT NULL,
    month BIGINT NOT NULL,              -- its first day, since 1970
    percent SMALLINT NOT NULL,
    sent_at BIGINT NOT NULL,
    PRIMARY KEY (organization, month, percent)
) WITHOUT ROWID;

-- Retention forgets what the facades remember of a task. Both grow at their end, as tasks do.
CREATE INDEX qron_job_task ON qron_job (task);
CREATE INDEX tiktak_schedule_task ON tiktak_schedule (task);

-- What the facades remember beside the tasks: the ids of foreign systems.

-- Qron's jobs. `seq` is the jobId: it grows from 1 and is never used again.
CREATE TABLE qron_job (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    organization BIGINT NOT NULL,
    task BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    data TEXT NOT NULL                  -- JSON: what GET /schedule/:id shows as `data`
);
CREATE INDEX qron_job_organization ON qron_job (organization, seq);

-- TikTak's schedules: the task that an id stands for now.
CREATE TABLE tiktak_schedule (
    organization BIGINT NOT NULL,
    id TEXT NOT NULL,
    task BIGINT NOT NULL,
    PRIMARY KEY (organization, id)
);

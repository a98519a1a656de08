-- Settings of queues that differ from the defaults, or once did. A queue without a row is as the defaults say.
CREATE TABLE queue (
    organization BIGINT NOT NULL,
    name TEXT NOT NULL,
    paused SMALLINT NOT NULL,
    draining SMALLINT NOT NULL,
    concurrency BIGINT NOT NULL,
    rate_count BIGINT,                  -- NULL: no rate
    rate_period_ms BIGINT,
    rate_burst BIGINT,
    priority SMALLINT NOT NULL,
    on_failure SMALLINT NOT NULL,       -- 0 block, 1 park, 2 skip
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organization, name)
) WITHOUT ROWID;

-- Targets that failed: how often in a row, and until when nothing is sent there. Few, and gone when all is well again.
CREATE TABLE host_block (
    organization BIGINT NOT NULL,
    host TEXT NOT NULL,                 -- name or address, without the port
    failures BIGINT NOT NULL,           -- in a row
    blocks BIGINT NOT NULL,             -- by such failures, in a row: how far the escalation went
    blocked_until BIGINT NOT NULL,      -- past: a probe decides
    reason TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organization, host)
) WITHOUT ROWID;

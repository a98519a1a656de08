-- What happened, for those who listen. Only organizations in event_watch are written here: those that somebody listened
-- to within the last hours, so nobody else pays for it (decision 0011).
CREATE TABLE event (
    organization BIGINT NOT NULL,
    id BIGINT NOT NULL,                 -- grows with the commits; its time is that of the commit
    type SMALLINT NOT NULL,
    is_system SMALLINT NOT NULL,
    task BIGINT NOT NULL,               -- 0: none
    queue TEXT,
    data TEXT NOT NULL,                 -- JSON object, as it is sent
    PRIMARY KEY (organization, id)
) WITHOUT ROWID;

CREATE TABLE event_watch (
    organization INTEGER PRIMARY KEY,
    since BIGINT NOT NULL,              -- nothing is missing behind this event id
    until BIGINT NOT NULL,              -- time; then the events go
    kept BIGINT NOT NULL                -- rows in event
);

-- Whom to send events to.
CREATE TABLE subscription (
    id INTEGER PRIMARY KEY,             -- grows; the public id is computed from it
    organization BIGINT NOT NULL,
    url TEXT NOT NULL,
    types TEXT NOT NULL,                -- patterns, separated by commas: "execution.*,task.deleted"
    enabled SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX subscription_organization ON subscription (organization, id);

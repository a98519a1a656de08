-- Who changed what. Append-only: nothing updates a row, and only retention deletes one. Ids grow with the commits and
-- hold the time (base/id.h), so a period is a range of ids.
CREATE TABLE audit_entry (
    id INTEGER PRIMARY KEY,
    organization BIGINT NOT NULL,
    actor_type SMALLINT NOT NULL,
    actor_id TEXT,                      -- of a user
    actor_name TEXT NOT NULL,           -- of the key, or of the part of Punkt that did it
    action TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,          -- as the API shows it: a UUID, the name of a queue
    changes TEXT,                       -- JSON; secrets are masked before they come here
    metadata TEXT NOT NULL              -- JSON
);
CREATE INDEX audit_entry_organization ON audit_entry (organization, id);
CREATE INDEX audit_entry_resource ON audit_entry (organization, resource_id, id);

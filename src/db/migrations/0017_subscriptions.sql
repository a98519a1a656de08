-- Event webhooks that nobody takes any more. NULL and 0 while the latest delivery arrived.
ALTER TABLE subscription ADD COLUMN failing_since BIGINT;       -- when the first of those was lost
ALTER TABLE subscription ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscription ADD COLUMN disabled_reason TEXT;       -- why Punkt disabled it

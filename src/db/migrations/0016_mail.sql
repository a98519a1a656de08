-- The address that an organization's notices are sent to; empty: none.
ALTER TABLE notification ADD COLUMN email TEXT NOT NULL DEFAULT '';

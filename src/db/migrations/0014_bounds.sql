-- The webhook secret before the latest rotation, which signs too until then; both NULL when there is none.
ALTER TABLE organization ADD COLUMN previous_webhook_secret TEXT;
ALTER TABLE organization ADD COLUMN previous_secret_until BIGINT;

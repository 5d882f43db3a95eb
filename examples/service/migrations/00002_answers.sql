-- +goose Up
-- The answers of idempotency keys. A key belongs to a contact, and goes with it. The document is
-- compressed; version is its updated_at.
CREATE TABLE answers (
	contact_id      TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
	idempotency_key TEXT NOT NULL,
	team_id         TEXT NOT NULL,
	request_hash    BYTEA NOT NULL,
	document        BYTEA NOT NULL,
	version         BIGINT NOT NULL,
	expires_at      BIGINT NOT NULL,
	PRIMARY KEY (contact_id, idempotency_key)
);
CREATE INDEX answers_expiry ON answers (expires_at);
-- One row that readiness writes to.
CREATE TABLE probe (
	id BIGINT PRIMARY KEY,
	at BIGINT NOT NULL
);
INSERT INTO probe (id, at) VALUES (1, 0);

-- +goose Down
DROP TABLE probe;
DROP TABLE answers;

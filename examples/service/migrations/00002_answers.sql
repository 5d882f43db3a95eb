-- +goose Up
-- What a repeated request gets again. Many answers can be of one version of a contact (a request
-- that changes nothing is one), which is stored once.
CREATE TABLE versions (
	contact_id TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	body       TEXT NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (contact_id, updated_at)
);
CREATE INDEX versions_expiry ON versions (expires_at);
CREATE TABLE answers (
	team_id         TEXT NOT NULL,
	idempotency_key TEXT NOT NULL,
	fingerprint     TEXT NOT NULL,
	contact_id      TEXT NOT NULL,
	updated_at      BIGINT NOT NULL,
	expires_at      BIGINT NOT NULL,
	PRIMARY KEY (team_id, idempotency_key)
);
CREATE INDEX answers_expiry ON answers (expires_at);

-- +goose Down
DROP TABLE answers;
DROP TABLE versions;

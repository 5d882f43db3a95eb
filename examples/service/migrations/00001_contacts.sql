-- +goose Up
-- A contact is TEXT, not jsonb, which would rewrite numbers and refuse \u0000. Times are
-- microseconds since 1970, the precision in which the library compares versions.
CREATE TABLE contacts (
	id         TEXT PRIMARY KEY,
	team_id    TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	body       TEXT NOT NULL
);
CREATE TABLE tokens (
	id         TEXT PRIMARY KEY,
	hash       TEXT NOT NULL,
	team_id    TEXT NOT NULL,
	scopes     TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE tokens;
DROP TABLE contacts;
